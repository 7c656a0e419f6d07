"""What a list is ordered by: `order_by`, such as `name ASC`."""

import re
from collections.abc import Mapping, Sequence

from core.domain.orders import Order
from core.domain.search import Path
from core.errors import Invalid

_ORDER = re.compile(r"\s*(?:attributes?\.)?([A-Za-z_]+)(?:\s+(ASC|DESC))?\s*", re.IGNORECASE)


def parse_orders(
    texts: Sequence[str], known: Mapping[str, Path], ties: Sequence[Order]
) -> tuple[Order, ...]:
    """The orders that are asked for, and those that break ties. Raises `Invalid`."""
    orders: list[Order] = []
    for text in texts:
        found = _ORDER.fullmatch(text[:200])
        if found is None or found[1] not in known:
            raise Invalid(
                f"Invalid order_by clause {text[:60]!a}.",
                next_step=f"Order by one of {', '.join(known)}, each with ASC or DESC or neither.",
            )
        orders.append(Order(known[found[1]], (found[2] or "").upper() == "DESC"))
    named = {order.path for order in orders}
    return (*orders, *(tie for tie in ties if tie.path not in named))
