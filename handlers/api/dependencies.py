"""What endpoints ask for: the registry, the caller, a page, an expected revision.

Only what waits for another machine is a plain function, which a server runs in a thread of its
pool; the rest is `async`, because handing a call to a thread costs more than these do.
"""

from base64 import b64decode
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request, Response
from starlette import concurrency

from core.domain.access import Caller
from core.domain.claims import Attempt
from core.domain.events import MAX_REASON_CHARACTERS
from core.domain.moments import parse_moment
from core.domain.pages import DEFAULT_PAGE, PageRequest
from core.domain.retention import Shown
from core.errors import Invalid, RegistryError
from core.registry import Registry
from handlers.api.requests import StrictRoute, canonical_digest


async def registry_of(request: Request) -> Registry:
    """The registry this application serves."""
    return request.app.state.registry


class IdentifiedRoute(StrictRoute):
    """A route that knows who calls before it reads anything of the body, and tells of what it
    refused."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, behind the check of the token."""
        handle = super().get_route_handler()

        async def identified(request: Request) -> Response:
            state = request.scope.setdefault("state", {})
            state |= {"route": self.path, "dialect": request.app.state.dialect}
            caller = await identified_caller(request)
            request.state.caller = caller
            try:
                return await handle(request)
            except RegistryError as error:
                if error.refusal is not None:
                    tell = request.app.state.registry.refusals.tell
                    route = f"{request.method} {self.path}"
                    await concurrency.run_in_threadpool(tell, caller, error, route)
                raise

        return identified


async def identified_caller(request: Request) -> Caller:
    """Who calls, by the token of the request; in place if nobody has to be asked. Raises
    `Unauthenticated`."""
    values = request.headers.getlist("authorization")
    token = token_in(values[0]) if len(values) == 1 else None
    registry: Registry = request.app.state.registry
    if token is None or registry.identities.knows(token):
        return identify(request, token)
    # By its module, so that `run_inline` reaches it.
    return await concurrency.run_in_threadpool(identify, request, token)


def identify(request: Request, token: str | None) -> Caller:
    """Who calls with this token. Raises `Unauthenticated`."""
    state = request.scope.get("state", {})
    registry: Registry = request.app.state.registry
    return registry.identities.identify(
        token,
        request_id=state.get("request_id", ""),
        dialect=request.app.state.dialect,
        address=request.client.host if request.client else "",
    )


def token_in(header: str) -> str | None:
    """The token in an Authorization header: of the Bearer scheme (RFC 6750), or the password of
    the Basic one (RFC 7617), which is all that some clients can send. None if there is none."""
    scheme, _, value = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip() or None
        case "basic":
            try:
                pair = b64decode(value.strip(), validate=True).decode("utf-8")
            except ValueError:
                return None
            return pair.partition(":")[2] or None
    return None


async def current_caller(request: Request) -> Caller:
    """Who calls, as `IdentifiedRoute` found out."""
    caller: Caller = request.state.caller
    return caller


async def creating_caller(
    request: Request,
    caller: "CurrentCaller",
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 255 printable ASCII characters. Sent again with the same body within"
            " 24 hours, it is answered with what the first request created."
        ),
    ] = None,
) -> Caller:
    """Who calls to create something, with the attempt that an idempotency key makes of it.

    Raises `Invalid` for a key that is none, or for two of them.
    """
    keys = request.headers.getlist("idempotency-key")
    if idempotency_key is None or not keys:
        return caller
    if len(keys) > 1:
        raise Invalid("The request has two idempotency keys.", next_step="Send one.")
    operation = f"{request.method} {request.scope['path']}?{request.url.query}"
    attempt = Attempt(keys[0], operation, await canonical_digest(request))
    request.scope.setdefault("state", {})["attempt"] = attempt
    return replace(caller, attempt=attempt)


async def page_request(
    page_size: Annotated[int, Query(description="How many to return, 1 to 1000.")] = DEFAULT_PAGE,
    page_token: Annotated[
        str | None, Query(description="What the page before returned.", max_length=4096)
    ] = None,
) -> PageRequest:
    """The page that the query string asks for."""
    return PageRequest(page_size, page_token)


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


async def forced(
    reason: "Reason",
    force: Annotated[
        bool, Query(description="Hand it out though it is retired, for that reason.")
    ] = False,
) -> str | None:
    """Why a retired version is to be handed out; None if it is not to be."""
    return reason if force else None


CurrentRegistry = Annotated[Registry, Depends(registry_of)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
CreatingCaller = Annotated[Caller, Depends(creating_caller)]
CurrentPage = Annotated[PageRequest, Depends(page_request)]
AsOf = Annotated[datetime | None, Depends(as_of)]
Included = Annotated[Shown, Depends(shown)]
Reason = Annotated[str, Depends(reason)]
Forced = Annotated[str | None, Depends(forced)]
