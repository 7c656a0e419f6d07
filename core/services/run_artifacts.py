"""Use case on all that a run logged, in one list, whoever logged it and how."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.access import Action, Caller
from core.domain.artifacts import Artifact
from core.domain.fields import ARTIFACT_FIELDS, bound
from core.domain.matching import matches
from core.domain.metrics import MAX_KEYS
from core.domain.orders import ID, Order, bound_orders
from core.domain.pages import Page, PageRequest
from core.domain.parameters import MAX_PARAMETERS
from core.domain.retention import Shown
from core.domain.run_artifacts import implied
from core.domain.runs import Run
from core.domain.search import Comparison, In, Operator, Path, Tree, all_of
from core.ports import Database
from core.services.lookups import run_of
from core.services.search import Question, Search

_REST = "~"
"""What tokens begin with behind which only what is implied is left."""


@dataclass(frozen=True, slots=True)
class RunArtifacts:
    """The artifacts of a run, and what it logged without any, as artifacts."""

    database: Database

    def page(
        self,
        caller: Caller,
        namespace: str,
        run: str,
        request: PageRequest,
        *,
        among: Tree | None = None,
        orders: Sequence[Order] = (Order(ID),),
    ) -> Page[Artifact]:
        """First the artifacts of the run in this order, then those metrics and parameters of the
        run that are none of them, by kind and name, in the direction of the first order.

        Raises `NotFound`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = run_of(self.database, namespace, run)
        descending = orders[0].is_descending
        query = ("run artifacts", namespace, str(found.id), repr(among), str(descending))
        stored: Page[Artifact] = Page((), None)
        after: tuple[object, ...] = ()
        if (request.token or "").startswith(_REST):
            rest = PageRequest(request.size, (request.token or "")[len(_REST) :])
            after = rest.after_values(*query) or ()
        else:
            stored = self._stored(caller, found, request, among, orders)
            if stored.next_token is not None:
                return stored
        whole = request.token is None and among is None
        candidates = self._implied(found, among, stored.items if whole else None)
        rows = [each for each in candidates if not after or _is_behind(each, after, descending)]
        rows.sort(key=_key, reverse=descending)
        left = request.size - len(stored.items)
        items = (*stored.items, *rows[:left])
        if len(rows) <= left:
            return Page(items, None)
        end = _key(rows[left - 1]) if left else ()
        return Page(items, _REST + request.token_after(end, *query))

    def _stored(
        self,
        caller: Caller,
        run: Run,
        request: PageRequest,
        among: Tree | None,
        orders: Sequence[Order],
    ) -> Page[Artifact]:
        question = Question(
            filter=all_of(_of(run), among),
            orders=orders,
            namespaces=[run.namespace],
            shown=Shown.READABLE,
        )
        return Search(self.database).artifacts(caller, question, request).page

    def _implied(
        self, run: Run, among: Tree | None, known: Sequence[Artifact] | None
    ) -> list[Artifact]:
        """What the run logged without artifacts. `known` are all that it has, if that is known;
        else they are looked up, unless nothing depends on it."""
        tree = None if among is None else bound(among, ARTIFACT_FIELDS)
        candidates = [each for each in implied(run) if matches(tree, each, ARTIFACT_FIELDS)]
        if candidates and known is None:
            logged = In(Path("kind"), ("metric", "parameter"))
            filter = all_of(_of(run), logged)
            assert filter is not None
            known = self.database.artifacts.search(
                [run.namespace],
                bound(filter, ARTIFACT_FIELDS),
                orders=bound_orders([Order(ID)], ARTIFACT_FIELDS),
                after=None,
                limit=MAX_KEYS + MAX_PARAMETERS,
                shown=Shown.READABLE,
            )
        taken = {_key(each) for each in known or ()}
        return [each for each in candidates if _key(each) not in taken]


def _of(run: Run) -> Tree:
    return Comparison(Path("run_id"), Operator.EQUAL, run.id)


def _key(artifact: Artifact) -> tuple[str, str]:
    return artifact.kind, artifact.name


def _is_behind(artifact: Artifact, after: tuple[object, ...], descending: bool) -> bool:
    key: tuple[object, ...] = _key(artifact)
    return key < after if descending else key > after
