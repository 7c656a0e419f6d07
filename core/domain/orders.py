"""In what order search answers, and where in it an entity stands: what keyset pages go by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cmp_to_key
from typing import Any, TypeVar

from core.domain.fields import FieldKind, Fields, bound_path, time_literal
from core.domain.matching import value_type
from core.domain.pages import PageKey
from core.domain.places import value_at
from core.domain.search import Path
from core.errors import Invalid

E = TypeVar("E")

MAX_ORDERS = 4
_RANKS = {"number": 0, "time": 0, "text": 1}

Position = tuple[Any, ...]
"""The values an entity is ordered by, None for what it lacks; the last one is its id."""


@dataclass(frozen=True, slots=True)
class Order:
    """By the value at the path: numbers before texts, and last, either way, what has neither."""

    path: Path
    is_descending: bool = False

    def __str__(self) -> str:
        return f"{self.path!r}{'-' if self.is_descending else '+'}"


ID = Path("id")


def bound_orders(orders: Sequence[Order], fields: Fields) -> tuple[Order, ...]:
    """The orders with ties broken by id, in the direction of the first; newest first if none.

    Raises `Invalid` for unknown fields, and for those of which there may be any number.
    """
    if len(orders) > MAX_ORDERS:
        raise Invalid(
            f"{len(orders)} fields to order by.", next_step=f"Order by at most {MAX_ORDERS}."
        )
    whole = [Order(bound_path(order.path, fields), order.is_descending) for order in orders]
    if len({order.path for order in whole}) < len(whole):
        raise Invalid("One field is ordered by twice.", next_step="Name each field once.")
    for order in whole:
        if fields[order.path].kind in {FieldKind.NAMES, FieldKind.RECORDS}:
            raise Invalid(
                f"There may be any number of {order.path.field}.",
                next_step="Order by what there is one of, such as a metric or a time.",
            )
    if ID not in [order.path for order in whole]:
        whole.append(Order(ID, whole[0].is_descending if whole else True))
    return tuple(whole[: [order.path for order in whole].index(ID) + 1])


def may_lack(path: Path, fields: Fields) -> bool:
    """Whether an entity may have nothing there."""
    return bool(path.keys) or fields[path].is_optional


def position(entity: Any, orders: Sequence[Order], fields: Fields) -> Position:
    """Where the entity stands."""
    return tuple(_ordered_by(value_at(entity, order.path, fields)) for order in orders)


def in_order(entities: Sequence[E], orders: Sequence[Order], fields: Fields) -> list[E]:
    """The entities as they follow each other."""
    at = cmp_to_key(
        lambda one, other: compare(
            position(one, orders, fields), position(other, orders, fields), orders
        )
    )
    return sorted(entities, key=at)


def compare(one: Position, other: Position, orders: Sequence[Order]) -> int:
    """Negative if `one` comes first, positive if `other` does."""
    for order, mine, its in zip(orders, one, other, strict=True):
        if mine is None or its is None:
            found = (mine is None) - (its is None)
        else:
            first, second = _key(mine), _key(its)
            found = (first > second) - (first < second)
            found = -found if order.is_descending else found
        if found:
            return found
    return 0


def page_key(at: Position) -> PageKey:
    """The position as a page token carries it."""
    return tuple(value.isoformat() if isinstance(value, datetime) else value for value in at)


def position_of(key: PageKey | None, orders: Sequence[Order], fields: Fields) -> Position | None:
    """The position that a page token carries. Raises `Invalid` if it is none of this order."""
    if key is None:
        return None
    if len(key) == len(orders):
        at = tuple(
            time_literal(value, "the page token")
            if fields[order.path].kind is FieldKind.TIME and isinstance(value, str)
            else value
            for order, value in zip(orders, key, strict=True)
        )
        if all(_fits(value, order.path, fields) for order, value in zip(orders, at, strict=True)):
            return at
    raise Invalid(
        "The page token does not belong to this query.",
        next_step="Send the token only with the query that returned it, or start over.",
    )


def _fits(value: Any, path: Path, fields: Fields) -> bool:
    if value is None:
        return may_lack(path, fields)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    types = {
        FieldKind.TEXT: {"text"},
        FieldKind.NUMBER: {"number"},
        FieldKind.TIME: {"time"},
    }.get(fields[path].kind, {"text", "number"})
    return value_type(value) in types


def _ordered_by(value: Any) -> Any:
    return value if value_type(value) in _RANKS else None


def _key(value: Any) -> tuple[int, Any]:
    return _RANKS[str(value_type(value))], value
