"""Searches as aggregations that begin with one indexed condition and end in time.

The first stage is a condition on the indexed terms alone, the second one the whole of it: servers
that know better take both for one, the others use the index at least.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.filters import (
    Condition,
    behind,
    column,
    condition,
    countable,
    leading,
    present,
    within,
)
from core.adapters.mongo.retention import showing
from core.domain.facets import MAX_FACET_VALUES, Count, Facet
from core.domain.fields import FieldKind, Fields
from core.domain.orders import ID, Order, Position, may_lack
from core.domain.retention import Shown
from core.domain.search import Path, Tree

E = TypeVar("E")

Stage = Mapping[str, Any]


class MongoSearched(Generic[E]):
    """See `core.ports.Searched`; what every store of searchable entities begins with."""

    def __init__(self, documents: Documents[E], fields: Fields) -> None:
        self._documents = documents
        self._fields = fields

    @abstractmethod
    def document(self, entity: Any) -> dict[str, Any]:
        """An entity as it is stored."""

    def renewed(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A stored document as it is stored today."""
        return self.document(self._documents.entity(document))

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
        """What has the first field to order by, then what lacks it: a query each, if need be."""
        first = orders[0].path
        if not scopes:
            return []
        exact = self._exact(scopes, tree, shown)
        if not may_lack(first, self._fields):
            return self._ordered(scopes, tree, exact, orders, after, limit)
        found: list[E] = []
        there = present(first, self._fields)
        if after is None or after[0] is not None:
            found = self._ordered(scopes, tree, [*exact, there], orders, after, limit)
            after = None
        if len(found) < limit:
            rest = None if after is None else after[1:]
            lacking = [*exact, {"$nor": [there]}]
            found += self._ordered(scopes, tree, lacking, orders[1:], rest, limit - len(found))
        return found

    def facets(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        paths: Sequence[Path],
        *,
        shown: Shown = Shown.LISTED,
    ) -> list[Facet]:
        """One query for all of them."""
        if not scopes or not paths:
            return [Facet(path, ()) for path in paths]
        counting = {f"f{place}": self._counting(path) for place, path in enumerate(paths)}
        stages = [
            *self._matching(scopes, tree, self._exact(scopes, tree, shown), {}),
            {"$facet": counting},
        ]
        (counted,) = self._documents.aggregated(stages)
        return [
            Facet.of(path, (Count(each["_id"], each["count"]) for each in counted[f"f{place}"]))
            for place, path in enumerate(paths)
        ]

    def _ordered(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        conditions: Sequence[Condition],
        orders: Sequence[Order],
        after: Position | None,
        limit: int,
    ) -> list[E]:
        exact, bounds = list(conditions), {}
        if after is not None and orders[0].path == ID:
            bounds = {"_id": {"$lt" if orders[0].is_descending else "$gt": after[0]}}
        elif after is not None:
            exact.append(behind(after, orders, self._fields))
        sort = {
            column(order.path, self._fields): -1 if order.is_descending else 1 for order in orders
        }
        return self._documents.found(
            [
                *self._matching(scopes, tree, exact, bounds),
                {"$sort": sort},
                {"$limit": limit},
            ]
        )

    def _exact(self, scopes: Collection[str], tree: Tree | None, shown: Shown) -> list[Condition]:
        # Terms are hashes: the scopes themselves are asked for too, whatever else is.
        exact: list[Condition] = [within(scopes, self._fields), showing(shown)]
        return exact if tree is None else [*exact, condition(tree, self._fields)]

    def _matching(
        self,
        scopes: Collection[str],
        tree: Tree | None,
        exact: Sequence[Condition],
        bounds: Condition,
    ) -> list[Stage]:
        narrow = {**leading(scopes, tree, self._fields), **bounds}
        return [{"$match": narrow}, {"$match": {"$and": [each for each in exact if each]}}]

    def _counting(self, path: Path) -> list[Stage]:
        place, field = column(path, self._fields), self._fields[path]
        chosen: list[Stage] = []
        if field.kind in {FieldKind.NAMES, FieldKind.RECORDS}:
            chosen.append({"$unwind": f"${place.partition('.')[0]}"})
        if field.kind is not FieldKind.NAMES:
            chosen.append({"$match": countable(path, self._fields)})
        return [
            *chosen,
            {"$group": {"_id": f"${place}", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": MAX_FACET_VALUES + 1},
        ]
