"""Lists that a filter narrows and an order turns round: then they are searches of one place."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query

from core.domain.orders import ID, Order
from core.domain.retention import Shown
from core.domain.search import Comparison, Operator, Path, Tree, all_of
from core.errors import Invalid
from handlers.api.v1.filters import parse_filter, parse_order

if TYPE_CHECKING:
    from core.services.search import Question


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
    ) -> "Question | None":
        """What to search for, in order `by` unless asked otherwise; None for a plain list.

        Raises `Invalid` for a moment of the past, of which there is no index.
        """
        if self.filter is None and not self.orders:
            return None
        if as_of is not None:
            self.check_plain()
        from core.services.search import Question  # a plain list needs nothing of it

        return Question(
            filter=self.filter,
            orders=self.orders or (by,),
            namespaces=(namespace,),
            model=model,
            shown=shown,
        )

    def of_noun(
        self,
        namespace: str,
        among: Tree | None,
        *,
        shown: Shown = Shown.LISTED,
        by: Order | None = None,
    ) -> "Question":
        """What to search for of a noun whose lists are searches always: what `among` matches, and
        the filter if there is one; oldest first unless asked otherwise."""
        from core.services.search import Question

        return Question(
            filter=all_of(among, self.filter),
            orders=self.orders or (by or OLDEST_FIRST,),
            namespaces=(namespace,),
            shown=shown,
        )

    def check_plain(self) -> None:
        """Raise `Invalid` if something narrows a list of the past, of which there is no index."""
        if self.filter is not None or self.orders:
            raise Invalid(
                "A list as of a moment can be neither filtered nor ordered.",
                next_step="Leave out as_of, or filter and order_by.",
            )


async def narrowing(
    filter: Annotated[
        str | None, Query(description="Such as tags.team = 'fraud', as for a search.")
    ] = None,
    order_by: Annotated[str | None, Query(description="Such as updated_at desc.")] = None,
) -> Narrowing:
    """What the query string narrows the list to. Raises `Invalid`."""
    return Narrowing(parse_filter(filter), parse_order(order_by))


def being(**values: str | int | None) -> Tree | None:
    """That the fields have these values, of those that are given."""
    return all_of(
        *(
            Comparison(Path(name), Operator.EQUAL, value)
            for name, value in values.items()
            if value is not None
        )
    )


OLDEST_FIRST = Order(ID)
BY_NAME = Order(Path("name"))
NEWEST_FIRST = Order(Path("number"), is_descending=True)

Narrowed = Annotated[Narrowing, Depends(narrowing)]
