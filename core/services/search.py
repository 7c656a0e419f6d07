"""Use cases of searching: models and versions, in every namespace that the caller may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.domain.access import Action, Caller
from core.domain.deployments import DEPLOYMENT_FIELDS, Deployment
from core.domain.environments import ENVIRONMENT_FIELDS, Environment
from core.domain.facets import Facet, bound_facets
from core.domain.fields import MODEL_FIELDS, VERSION_FIELDS, Fields, bound
from core.domain.models import RegisteredModel
from core.domain.orders import Order, bound_orders, page_key, position, position_of
from core.domain.pages import Page, PageKey, PageRequest
from core.domain.retention import Shown
from core.domain.search import Comparison, Operator, Path, Tree, Words, all_of
from core.domain.versions import ModelVersion
from core.domain.words import searched_words
from core.errors import Invalid
from core.ports import Database, Searched
from core.services.lookups import model_of, namespace_of

T = TypeVar("T")

MAX_NAMESPACES = 1_000


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
    """Find models and versions by words, filters and order."""

    database: Database

    def models(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[RegisteredModel]:
        """Raises `NotFound` for a namespace that the caller cannot read, `Invalid`, and
        `Unavailable` for a search that takes too long."""
        namespaces = self._readable(caller, question.namespaces)
        return self._found(namespaces, self.database.models, MODEL_FIELDS, question, request)

    def versions(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[ModelVersion]:
        """Raises as `models` does."""
        namespaces = self._readable(caller, question.namespaces)
        return self._found(namespaces, self.database.versions, VERSION_FIELDS, question, request)

    def environments(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Environment]:
        """Raises as `models` does."""
        namespaces = self._readable(caller, question.namespaces, Action.DEPLOYMENT_READ)
        store = self.database.environments
        return self._found(namespaces, store, ENVIRONMENT_FIELDS, question, request)

    def deployments(
        self, caller: Caller, question: Question, request: PageRequest
    ) -> Found[Deployment]:
        """Raises as `models` does."""
        namespaces = self._readable(caller, question.namespaces, Action.DEPLOYMENT_READ)
        store = self.database.deployments
        return self._found(namespaces, store, DEPLOYMENT_FIELDS, question, request)

    def _readable(
        self, caller: Caller, named: Sequence[str], action: Action = Action.MODEL_READ
    ) -> tuple[str, ...]:
        """The authorisation: the named namespaces, or all where the caller may do the action."""
        for namespace in named:
            caller.require(action, namespace)
        if named:
            readable = set(named)
        elif caller.namespaces is not None:
            readable = {each for each in caller.namespaces if caller.may(action, each)}
        else:
            listed = self.database.namespaces.page(among=None, after=None, limit=MAX_NAMESPACES + 1)
            readable = {namespace.name for namespace in listed}
        if len(readable) > MAX_NAMESPACES:
            raise Invalid(
                f"There are over {MAX_NAMESPACES} namespaces to search.",
                next_step="Name those to search in.",
            )
        return tuple(sorted(readable))

    def _found(
        self,
        namespaces: Sequence[str],
        store: Searched[T],
        fields: Fields,
        question: Question,
        request: PageRequest,
    ) -> Found[T]:
        if not namespaces:
            return Found(Page((), None), ())
        tree = _tree(question, fields)
        orders = bound_orders(question.orders, fields)
        paths = bound_facets(question.facets, fields)
        query = (
            *("search", fields.noun, ",".join(sorted(question.namespaces))),
            *(question.shown.value, repr(tree), *map(str, orders)),
        )
        after = position_of(request.after_values(*query), orders, fields)
        rows = store.search(
            namespaces,
            tree,
            orders=orders,
            after=after,
            limit=request.size + 1,
            shown=question.shown,
        )
        if not rows and after is None:
            self._check_there(question)

        def key(entity: T) -> PageKey:
            return page_key(position(entity, orders, fields))

        facets: Sequence[Facet] = ()
        if paths and after is None:
            facets = store.facets(namespaces, tree, paths, shown=question.shown)
        return Found(request.page(rows, key, *query), tuple(facets))

    def _check_there(self, question: Question) -> None:
        for namespace in question.namespaces:
            namespace_of(self.database, namespace)
            if question.model is not None:
                model_of(self.database, namespace, question.model)


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
