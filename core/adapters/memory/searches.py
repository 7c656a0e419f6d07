"""Search in memory: every entity is looked at, which is what search means."""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from core.adapters.memory.tables import MemoryStore, Tables
from core.domain.facets import Facet, facet
from core.domain.fields import Fields
from core.domain.matching import matches
from core.domain.orders import Order, Position, compare, in_order, position
from core.domain.places import value_at
from core.domain.retention import Shown
from core.domain.search import Path, Tree

E = TypeVar("E")


class MemorySearched(MemoryStore, Generic[E]):
    """See `core.ports.Searched`; what every store of searchable entities begins with."""

    fields: ClassVar[Fields]

    @abstractmethod
    def shown_in(self, tables: Tables, shown: Shown) -> Iterable[E]:
        """Those that are kept so."""

    def search(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        *,
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
        shown: Shown = Shown.LISTED,
    ) -> list[E]:
        """See `core.ports.Searched.search`."""
        with self.use(False) as tables:
            found = _found(self.shown_in(tables, shown), self.fields, scopes, tree)
            return [
                entity
                for entity in in_order(found, orders, self.fields)
                if after is None
                or compare(position(entity, orders, self.fields), after, orders) > 0
            ][:limit]

    def facets(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        paths: Sequence[Path],
        *,
        shown: Shown = Shown.LISTED,
    ) -> list[Facet]:
        """See `core.ports.Searched.facets`."""
        with self.use(False) as tables:
            found = _found(self.shown_in(tables, shown), self.fields, scopes, tree)
            return [facet(found, path, self.fields) for path in paths]


def _found(
    entities: Iterable[Any],
    fields: Fields,
    scopes: Collection[str],
    tree: Tree | None,
) -> list[Any]:
    return [
        entity
        for entity in entities
        if _is_in(entity, fields, scopes) and matches(tree, entity, fields)
    ]


def _is_in(entity: Any, fields: Fields, scopes: Collection[str]) -> bool:
    model = value_at(entity, Path(fields.model), fields)
    return entity.namespace in scopes or f"{entity.namespace}/{model}" in scopes
