"""How the native dialect answers: JSON by orjson, ETags, pages, and their place in the document.

Response types are named, not imported: pydantic classes for answers would cost every cold start
and are only needed to write the OpenAPI document (`handlers/api/openapi.py`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.domain.pages import Page

T = TypeVar("T")


def time_text(at: datetime) -> str:
    """RFC 3339, UTC, milliseconds."""
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    raise TypeError(f"cannot answer with {type(value).__name__}")


def answer(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer."""
    return Response(json_bytes(body), status, headers, "application/json")


def json_bytes(value: Any) -> bytes:
    """JSON, with times as every answer writes them."""
    return orjson.dumps(value, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)


def single(
    request: Request,
    body: Mapping[str, Any],
    revision: int,
    *,
    status: int = 200,
    location: str | None = None,
    more_headers: Mapping[str, str] | None = None,
) -> Response:
    """One object with the ETag of its revision, at its location if it was created."""
    headers = {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache"}
    headers |= more_headers or {}
    return answer(body, status, headers | created(request, location))


def created(request: Request, location: str | None) -> dict[str, str]:
    """The headers of what lies there; they say so if an earlier try created it."""
    state = request.scope.get("state", {})
    headers = {}
    if location is not None:
        headers["Location"] = f"{state.get('public_url') or ''}/api/v1{location}"
    attempt = state.get("attempt")
    if attempt is not None and attempt.is_repeat:
        headers["Idempotency-Replayed"] = "true"
    return headers


def page(
    found: Page[T],
    shape: Callable[[T], Mapping[str, Any]],
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One page of a list."""
    return answer(page_body(found, shape), headers=headers)


def page_body(found: Page[T], shape: Callable[[T], Mapping[str, Any]]) -> dict[str, Any]:
    """A page's items and the token for the next one."""
    return {
        "items": [shape(item) for item in found.items],
        "next_page_token": found.next_token,
    }


def answers(*shapes: tuple[int, str | None], problems: tuple[int, ...] = ()) -> dict[str, Any]:
    """The documented answers of an operation: (status, schema name or None) and problem statuses.

    Pass it to a route as `openapi_extra`; 401, 403, 404 and 503 go without saying.
    """
    documented: dict[str, Any] = {}
    for status, schema in shapes:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        documented[str(status)] = {
            "description": _DESCRIPTION.get(status, "Done."),
            **({"content": content} if schema else {}),
        }
    for status in sorted({*problems, 400, 401, 403, 404, 413, 415, 422, 503}):
        documented[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return {"responses": documented}


_DESCRIPTION = {
    200: "As asked.",
    201: "Created.",
    204: "Done; there is nothing to say.",
    304: "You have it already.",
    307: "The bytes are at this address, for a short time.",
}
