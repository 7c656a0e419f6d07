"""Ordering by more than one field that may lack: what no index answers, done here for so many."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import Any, TypeVar

from core.domain.fields import Fields
from core.domain.orders import ID, Order, Position, compare, in_order, may_lack, position
from core.domain.retention import Shown
from core.domain.search import Tree
from core.errors import Invalid
from core.ports import Searched

T = TypeVar("T")

MAX_SORTED = 5_000

_BATCH = 500
_OLDEST_FIRST = (Order(ID),)


def is_sorted_here(orders: Sequence[Order], fields: Fields) -> bool:
    """Whether a field after the first may lack, so that no store sorts by it."""
    return any(may_lack(order.path, fields) for order in orders[1:])


def sorted_here(
    store: Searched[T],
    fields: Fields,
    scopes: Collection[str],
    tree: Tree | None,
    *,
    orders: Sequence[Order],
    after: Position | None,
    limit: int,
    shown: Shown,
) -> list[T]:
    """As the store's search, for whatever orders. Raises `Invalid` if more than 5 000 fit."""
    rows: list[T] = []
    last: tuple[Any] | None = None
    while True:
        found = store.search(
            scopes, tree, orders=_OLDEST_FIRST, after=last, limit=_BATCH, shown=shown
        )
        rows += found
        if len(rows) > MAX_SORTED:
            raise Invalid(
                f"Over {MAX_SORTED} fit, which are too many to be ordered by several fields that"
                " may be missing.",
                next_step="Order by one of them, or narrow the search down.",
            )
        if len(found) < _BATCH:
            break
        last = (position(found[-1], _OLDEST_FIRST, fields)[0],)
    behind = (
        row
        for row in in_order(rows, orders, fields)
        if after is None or compare(position(row, orders, fields), after, orders) > 0
    )
    return list(islice(behind, limit))
