"""Search in memory: every entity is looked at, which is what search means."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from core.domain.facets import Facet, facet
from core.domain.fields import Fields
from core.domain.matching import matches
from core.domain.orders import Order, Position, compare, in_order, position
from core.domain.places import value_at
from core.domain.search import Path, Tree

E = TypeVar("E")


def search(
    entities: Iterable[E],
    fields: Fields,
    scopes: Collection[str],
    tree: Tree | None,
    orders: Sequence[Order],
    after: Position | None,
    limit: int,
) -> list[E]:
    """See `core.ports.Searched.search`."""
    found = in_order(_found(entities, fields, scopes, tree), orders, fields)
    return [
        entity
        for entity in found
        if after is None or compare(position(entity, orders, fields), after, orders) > 0
    ][:limit]


def facets(
    entities: Iterable[E],
    fields: Fields,
    scopes: Collection[str],
    tree: Tree | None,
    paths: Sequence[Path],
) -> list[Facet]:
    """See `core.ports.Searched.facets`."""
    found = _found(entities, fields, scopes, tree)
    return [facet(found, path, fields) for path in paths]


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
