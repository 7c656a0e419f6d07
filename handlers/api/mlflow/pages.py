"""Which page of a list is asked for, and lists that are longer than one page of the core's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from starlette.responses import Response

from core.domain.pages import MAX_PAGE, Page, PageRequest
from core.errors import Invalid
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.bodies import Fields

T = TypeVar("T")

MAX_ITEMS = 10_000
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many items at most, after what a former page's token says."""

    size: int
    token: str | None


def wanted(fields: Fields, *, default: int, most: int) -> Wanted:
    """What `max_results` and `page_token` ask for. Raises `Invalid`."""
    size = fields.number("max_results")
    if size is not None and not 1 <= size <= most:
        raise Invalid(
            f"Invalid value {size} for parameter 'max_results'.",
            next_step=f"Ask for 1 to {most}, and follow next_page_token for more.",
        )
    return Wanted(size or default, fields.text("page_token") or None)


def listed(
    name: str,
    page: Callable[[PageRequest], Page[T]],
    shape: Callable[[T], Mapping[str, Any]],
    wanted: Wanted,
) -> Response:
    """The list called `name`: page after page until there are as many as wanted, or as many as
    one answer of a function can hold; the token then leads to the rest."""
    items: list[Mapping[str, Any]] = []
    left, size, token = min(wanted.size, MAX_ITEMS), 0, wanted.token
    while left:
        found = page(PageRequest(min(left, MAX_PAGE), token))
        shaped = [shape(item) for item in found.items]
        items.extend(shaped)
        left, token = left - len(shaped), found.next_token
        size += len(orjson.dumps(shaped)) if left else 0
        if token is None or size > MAX_BYTES:
            break
    body: dict[str, Any] = {name: items} if items else {}
    return answered(body if token is None else {**body, "next_page_token": token})
