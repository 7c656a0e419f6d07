"""What every list takes and answers: pages, orders, `filterQuery`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query
from starlette.responses import Response

from core.domain.orders import Order
from core.domain.pages import MAX_PAGE, Page, PageRequest
from core.domain.search import Path
from core.errors import Invalid

T = TypeVar("T")

DEFAULT_PAGE = 100
ONE = PageRequest(1)
_ORDERS = {"ID": "id", "CREATE_TIME": "created_at", "LAST_UPDATE_TIME": "updated_at"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which page of a list, in which order, and of what."""

    request: PageRequest
    asked: int
    orders: tuple[Order, ...]
    filter: str | None


async def listing(
    page_size: Annotated[str, Query(alias="pageSize")] = "",
    order_by: Annotated[str, Query(alias="orderBy")] = "",
    sort_order: Annotated[str, Query(alias="sortOrder")] = "",
    next_page_token: Annotated[str, Query(alias="nextPageToken", max_length=4096)] = "",
    filter_query: Annotated[str | None, Query(alias="filterQuery")] = None,
) -> Listing:
    """What the query string asks of a list. Raises `Invalid`."""
    if page_size and not (page_size.isascii() and page_size.isdigit() and len(page_size) < 10):
        raise Invalid(
            f"The pageSize {page_size[:30]!a} is none.", next_step="Give a number from 1."
        )
    asked = int(page_size) if page_size else 0
    if order_by.upper() not in {"", *_ORDERS}:
        raise Invalid(
            f"Nothing is ordered by {order_by[:30]!a}.",
            next_step=f"Choose one of: {', '.join(_ORDERS)}.",
        )
    if sort_order.upper() not in {"", "ASC", "DESC"}:
        raise Invalid(f"{sort_order[:30]!a} is no sortOrder.", next_step="Choose ASC or DESC.")
    order = Order(Path(_ORDERS[order_by.upper() or "ID"]), sort_order.upper() == "DESC")
    size = min(asked or DEFAULT_PAGE, MAX_PAGE)
    return Listing(
        PageRequest(size, next_page_token or None), asked or size, (order,), filter_query
    )


Wanted = Annotated[Listing, Depends(listing)]


def listed(found: Page[T], shape: Callable[[T], Mapping[str, Any]], wanted: Listing) -> Response:
    """One page: all four fields are always there, and the token of the last page is empty."""
    body = {
        "items": [shape(item) for item in found.items],
        "nextPageToken": found.next_token or "",
        "pageSize": wanted.asked,
        "size": len(found.items),
    }
    return answered(body)


def answered(body: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")
