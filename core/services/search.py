"""Use cases of searching: models, versions and artifacts, wherever the caller may read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from core.domain.access import Action, Caller
from core.domain.artifacts import Artifact
from core.domain.deployments import DEPLOYMENT_FIELDS, Deployment
from core.domain.environments import ENVIRONMENT_FIELDS, Environment
from core.domain.experiments import EXPERIMENT_FIELDS, Experiment
from core.domain.facets import Facet, bound_facets
from core.domain.fields import ARTIFACT_FIELDS, MODEL_FIELDS, VERSION_FIELDS, Fields, bound
from core.domain.logged_models import LOGGED_MODEL_FIELDS, LoggedModel
from core.domain.models import RegisteredModel
from core.domain.orders import Order, bound_orders, page_key, position, position_of
from core.domain.pages import Page, PageKey, PageRequest
from core.domain.retention import Shown
from core.domain.rules import Reach, scope_of
from core.domain.runs import RUN_FIELDS, Run
from core.domain.search import And, Comparison, In, Not, Operator, Path, Tree, Words, all_of
from core.domain.versions import ModelVersion
from core.domain.words import searched_words
from core.errors import Invalid
from core.ports import Database, Searched
from core.services.lookups import model_of, namespace_of
from core.services.sorting import is_sorted_here, sorted_here

T = TypeVar("T")

MAX_SCOPES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched for: words and a filter, in these namespaces (none: all that are readable).

    With `model`, the versions of that model in the one namespace.
    """

    words: str = ""
    filter: Tree | None = None
    orders: Sequence[Order] = ()
    namespaces: Sequence[str] = ()
    model: str | None = None
    facets: Sequence[Path] = ()
    shown: Shown = Shown.LISTED


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A page of what was found; the first page has the facets that were asked for."""

    page: Page[T]
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """Find models, versions and artifacts by words, filters and order."""

    database: Database

    def models(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[RegisteredModel]:
        """Raises `NotFound` for a namespace that the caller cannot read, `Invalid`, and
        `Unavailable` for a search that takes too long."""
        _require(caller, question)
        return self._found(caller, self.database.models, MODEL_FIELDS, question, request)

    def versions(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[ModelVersion]:
        """Raises as `models` does."""
        _require(caller, question)
        return self._found(caller, self.database.versions, VERSION_FIELDS, question, request)

    def artifacts(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Artifact]:
        """Raises as `models` does."""
        _require(caller, question)
        return self._found(caller, self.database.artifacts, ARTIFACT_FIELDS, question, request)

    def deployments(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Deployment]:
        """Those of models that the caller may read. Raises as `models` does."""
        _require(caller, question)
        return self._found(caller, self.database.deployments, DEPLOYMENT_FIELDS, question, request)

    def environments(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Environment]:
        """Raises as `models` does."""
        reach = _require_whole(caller, Action.ENVIRONMENT_READ, question)
        store = self.database.environments
        return self._found(caller, store, ENVIRONMENT_FIELDS, question, request, reach)

    def experiments(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Experiment]:
        """Raises as `models` does."""
        reach = _require_whole(caller, Action.EXPERIMENT_READ, question)
        store = self.database.experiments
        return self._found(caller, store, EXPERIMENT_FIELDS, question, request, reach)

    def runs(self, caller: Caller, question: Question, request: PageRequest) -> Found[Run]:
        """Raises as `models` does."""
        reach = _require_whole(caller, Action.EXPERIMENT_READ, question)
        return self._found(caller, self.database.runs, RUN_FIELDS, question, request, reach)

    def logged_models(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[LoggedModel]:
        """Raises as `models` does."""
        reach = _require_whole(caller, Action.EXPERIMENT_READ, question)
        store = self.database.logged_models
        return self._found(caller, store, LOGGED_MODEL_FIELDS, question, request, reach)

    def _scopes(self, reach: Reach, question: Question) -> tuple[str, ...]:
        """Where to search: the named namespaces or all in reach, and the single models in reach
        where a namespace is not."""
        named = frozenset(question.namespaces)
        if named:
            whole = {namespace for namespace in named if reach.holds(namespace)}
        elif reach.everywhere:
            listed = self.database.namespaces.page(
                among=None, after=None, limit=MAX_SCOPES + 1, without=reach.closed
            )
            whole = {namespace.name for namespace in listed}
        else:
            whole = set(reach.namespaces)
        single = {
            scope_of(namespace, model)
            for namespace, model in reach.models
            if not named or namespace in named
        }
        if len(whole) + len(single) > MAX_SCOPES:
            raise Invalid(
                f"There are over {MAX_SCOPES} namespaces and single models to search.",
                next_step="Name the namespaces to search in.",
            )
        return tuple(sorted(whole | single))

    def _found(
        self,
        caller: Caller,
        store: Searched[T],
        fields: Fields,
        question: Question,
        request: PageRequest,
        whole: Reach | None = None,
    ) -> Found[T]:
        reach = whole or caller.reach()
        scopes = self._scopes(reach, question)
        if not scopes:
            return Found(Page((), None), ())
        tree = _tree(question, fields)
        orders = bound_orders(question.orders, fields)
        paths = bound_facets(question.facets, fields)
        query = (
            *("search", fields.noun, ",".join(sorted(question.namespaces))),
            *(question.shown.value, repr(tree), *map(str, orders)),
        )
        after = position_of(request.after_values(*query), orders, fields)
        tree = all_of(tree, _open(reach, scopes, fields))
        where: dict[str, Any] = {"orders": orders, "after": after, "limit": request.size + 1}
        if is_sorted_here(orders, fields):
            rows: Sequence[T] = sorted_here(
                store, fields, scopes, tree, shown=question.shown, **where
            )
        else:
            rows = store.search(scopes, tree, shown=question.shown, **where)
        if not rows and after is None:
            self._check_there(question)

        def key(entity: T) -> PageKey:
            return page_key(position(entity, orders, fields))

        facets: Sequence[Facet] = ()
        if paths and after is None:
            facets = store.facets(scopes, tree, paths, shown=question.shown)
        return Found(request.page(rows, key, *query), tuple(facets))

    def _check_there(self, question: Question) -> None:
        for namespace in question.namespaces:
            namespace_of(self.database, namespace)
            if question.model is not None:
                model_of(self.database, namespace, question.model)


def _require(caller: Caller, question: Question) -> None:
    """The authorisation: what is named must be in reach, at least a model of it."""
    reach = caller.reach()
    for namespace in question.namespaces:
        if question.model is not None:
            caller.require(Action.MODEL_READ, namespace, model=question.model)
        elif not reach.singled(namespace) and not reach.holds(namespace):
            caller.require(Action.MODEL_READ, namespace)


def _require_whole(caller: Caller, action: Action, question: Question) -> Reach:
    """The authorisation for what belongs to no model: whole namespaces must be in reach. Where
    they are, single models aside."""
    for namespace in question.namespaces:
        caller.require(action, namespace)
    return replace(caller.reach(action), models=frozenset(), hidden=frozenset())


def _open(reach: Reach, scopes: Collection[str], fields: Fields) -> Tree | None:
    """That it is none of the hidden models."""
    hidden = [
        And(
            (
                Comparison(Path("namespace"), Operator.EQUAL, namespace),
                In(Path(fields.model), tuple(sorted(reach.hidden_in(namespace)))),
            )
        )
        for namespace in sorted({namespace for namespace, _ in reach.hidden} & set(scopes))
    ]
    return all_of(*(Not(each) for each in hidden))


def _tree(question: Question, fields: Fields) -> Tree | None:
    words = searched_words(question.words)
    if question.words.strip() and not words:
        raise Invalid(
            f"{question.words[:60]!a} holds no word.", next_step="Search for letters and digits."
        )
    model = question.model
    tree = all_of(
        None if model is None else Comparison(Path("model"), Operator.EQUAL, model),
        Words(words) if words else None,
        question.filter,
    )
    return None if tree is None else bound(tree, fields)
