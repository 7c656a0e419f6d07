"""What is known by a decimal id, as documents: the id is their key."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.external import external, joined
from core.adapters.mongo.retention import kept
from core.adapters.mongo.searches import MongoSearch
from core.adapters.mongo.terms import derived
from core.domain.facets import Facet
from core.domain.fields import Fields
from core.domain.orders import Order, Position
from core.domain.retention import Retention, Shown
from core.domain.search import Path, Tree

E = TypeVar("E")


class MongoNumbered(Generic[E]):
    """See `core.ports.Numbered`. `more` gives the derived fields that are the noun's own."""

    def __init__(
        self,
        documents: Documents[E],
        fields: Fields,
        more: Callable[[E], dict[str, Any]] = lambda entity: {},
    ) -> None:
        self._documents = documents
        self._fields = fields
        self._more = more
        self._search = MongoSearch(documents, fields)

    def get(self, namespace: str, number: int) -> E | None:
        """By id."""
        found: Any = self._documents.one({"_id": number})
        return found if found is not None and found.namespace == namespace else None

    def known_as(self, namespace: str, external_id: str) -> E | None:
        """By external id."""
        return self._documents.one({"external_key": joined(namespace, external_id)})

    def search(
        self,
        namespaces: Collection[str],
        tree: Tree | None,
        *,
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[E]:
        """See `core.ports.Searched.search`."""
        return self._search.search(namespaces, tree, orders, after, limit, shown)

    def facets(
        self,
        namespaces: Collection[str],
        tree: Tree | None,
        paths: Sequence[Path],
        *,
        shown: Shown = Shown.LISTED,
    ) -> Sequence[Facet]:
        """See `core.ports.Searched.facets`."""
        return self._search.facets(namespaces, tree, paths, shown)

    def insert(self, entity: Any) -> None:
        """Store a new one."""
        self._documents.insert(entity.id, entity, self._what(entity), **self._derived(entity))

    def replace(self, entity: Any) -> None:
        """Store the next revision."""
        self._documents.replace(entity.id, entity, self._what(entity), **self._derived(entity))

    def document(self, entity: Any) -> dict[str, Any]:
        """As it is stored; measurements insert many at once."""
        return self._documents.document(entity.id, entity, self._derived(entity))

    def _derived(self, entity: Any) -> dict[str, Any]:
        return {
            **external(entity.namespace, entity),
            **kept(getattr(entity, "state", Retention.ACTIVE), is_held=False),
            **derived(entity, self._fields),
            **self._more(entity),
        }

    def _what(self, entity: Any) -> str:
        return f"name {entity.name!r}"
