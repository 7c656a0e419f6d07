"""What endpoints ask for: the registry, the caller, a page, an expected revision.

Only what waits for another machine is a plain function, which a server runs in a thread of its
pool; the rest is `async`, because handing a call to a thread costs more than these do.
"""

import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request, Response
from starlette import concurrency
from starlette.exceptions import HTTPException

from core.domain.access import Caller
from core.domain.events import MAX_REASON_CHARACTERS
from core.domain.moments import parse_moment
from core.domain.pages import DEFAULT_PAGE, PageRequest
from core.domain.retention import Shown
from core.errors import Invalid
from core.registry import Registry
from handlers.api.requests import StrictRoute


async def registry_of(request: Request) -> Registry:
    """The registry this application serves."""
    return request.app.state.registry


class IdentifiedRoute(StrictRoute):
    """A route that knows who calls before it reads anything of the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, behind the check of the token."""
        handle = super().get_route_handler()

        async def identified(request: Request) -> Response:
            # By its module, so that `run_inline` reaches it.
            request.state.caller = await concurrency.run_in_threadpool(identify, request)
            return await handle(request)

        return identified


def identify(request: Request) -> Caller:
    """Who calls, by the bearer token (RFC 6750). Raises `Unauthenticated`."""
    values = request.headers.getlist("authorization")
    scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")
    state = request.scope.get("state", {})
    registry: Registry = request.app.state.registry
    return registry.identities.identify(
        token.strip() if scheme.lower() == "bearer" else None,
        request_id=state.get("request_id", ""),
        dialect=request.app.state.dialect,
        address=request.client.host if request.client else "",
    )


async def current_caller(request: Request) -> Caller:
    """Who calls, as `IdentifiedRoute` found out."""
    caller: Caller = request.state.caller
    return caller


async def page_request(
    page_size: Annotated[int, Query(description="How many to return, 1 to 1000.")] = DEFAULT_PAGE,
    page_token: Annotated[
        str | None, Query(description="What the page before returned.", max_length=4096)
    ] = None,
) -> PageRequest:
    """The page that the query string asks for."""
    return PageRequest(page_size, page_token)


_ETAG = re.compile(r'"(\d{1,18})"')


async def expected_revision(
    if_match: Annotated[
        str | None, Header(description="The object's ETag, or * for whatever is there.")
    ] = None,
) -> int | None:
    """The revision a change is meant for (RFC 9110 If-Match); `*` gives None, nothing gives 428."""
    if if_match is None:
        raise HTTPException(428, "A change must say which revision it is meant for.")
    return _revision(if_match)


async def optional_revision(
    if_match: Annotated[
        str | None, Header(description="The object's ETag, if the change depends on it.")
    ] = None,
) -> int | None:
    """The revision a change is meant for, None if it does not say."""
    return _revision(if_match)


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    matched = _ETAG.fullmatch(if_match.strip())
    if matched is None:
        raise Invalid(
            "The If-Match header holds no ETag of this API.",
            next_step='Send the ETag of the object as it was read, such as "3" with its quotes.',
        )
    return int(matched[1])


async def as_of(
    as_of: Annotated[
        str | None,
        Query(description="What was true at this time (RFC 3339) instead of now.", max_length=64),
    ] = None,
) -> datetime | None:
    """The moment that is asked about; None for the present. Raises `Invalid`."""
    return None if as_of is None else parse_moment(as_of)


async def shown(
    include: Annotated[
        Literal["archived"] | None, Query(description="Archived ones as well.")
    ] = None,
) -> Shown:
    """What a list is to hold."""
    return Shown.READABLE if include else Shown.LISTED


async def reason(
    reason: Annotated[
        str,
        Query(description="Why, for the history.", max_length=MAX_REASON_CHARACTERS),
    ] = "",
) -> str:
    """Why the caller does it."""
    return reason


CurrentRegistry = Annotated[Registry, Depends(registry_of)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
CurrentPage = Annotated[PageRequest, Depends(page_request)]
ExpectedRevision = Annotated[int | None, Depends(expected_revision)]
AsOf = Annotated[datetime | None, Depends(as_of)]
Included = Annotated[Shown, Depends(shown)]
Reason = Annotated[str, Depends(reason)]
OptionalRevision = Annotated[int | None, Depends(optional_revision)]
