"""Lists that a filter narrows and an order turns round: then they are searches of one place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from core.domain.orders import Order
from core.domain.retention import Shown
from core.domain.search import Path, Tree
from core.errors import Invalid
from core.services.search import Question
from handlers.api.v1.filters import parse_filter, parse_order


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The filter and the order that a list was asked for with, if any."""

    filter: Tree | None
    orders: tuple[Order, ...]

    def question(
        self,
        namespace: str,
        *,
        model: str | None = None,
        by: Order,
        shown: Shown,
        as_of: datetime | None,
    ) -> Question | None:
        """What to search for, in order `by` unless asked otherwise; None for a plain list.

        Raises `Invalid` for a moment of the past, of which there is no index.
        """
        if self.filter is None and not self.orders:
            return None
        if as_of is not None:
            raise Invalid(
                "A list as of a moment can be neither filtered nor ordered.",
                next_step="Leave out as_of, or filter and order_by.",
            )
        return Question(
            filter=self.filter,
            orders=self.orders or (by,),
            namespaces=(namespace,),
            model=model,
            shown=shown,
        )


async def narrowing(
    filter: Annotated[
        str | None, Query(description="Such as tags.team = 'fraud', as for a search.")
    ] = None,
    order_by: Annotated[str | None, Query(description="Such as updated_at desc.")] = None,
) -> Narrowing:
    """What the query string narrows the list to. Raises `Invalid`."""
    return Narrowing(parse_filter(filter), parse_order(order_by))


BY_NAME = Order(Path("name"))
NEWEST_FIRST = Order(Path("number"), is_descending=True)

Narrowed = Annotated[Narrowing, Depends(narrowing)]
