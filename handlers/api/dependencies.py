"""What endpoints ask for: the registry, the caller, a page, an expected revision."""

import re
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from starlette.exceptions import HTTPException

from core.domain.access import Caller
from core.domain.claims import Attempt
from core.domain.pages import DEFAULT_PAGE, PageRequest
from core.errors import Invalid
from core.registry import Registry
from handlers.api.conditional import expected_tags
from handlers.api.requests import canonical_digest


def registry_of(request: Request) -> Registry:
    """The registry this application serves."""
    return request.app.state.registry


def current_caller(request: Request, registry: "CurrentRegistry") -> Caller:
    """Who calls, by the bearer token (RFC 6750). Raises `Unauthenticated`."""
    values = request.headers.getlist("authorization")
    scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")
    state = request.scope.get("state", {})
    return registry.identities.identify(
        token.strip() if scheme.lower() == "bearer" else None,
        request_id=state.get("request_id", ""),
        dialect=request.app.state.dialect,
        address=request.client.host if request.client else "",
    )


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


def page_request(
    page_size: Annotated[int, Query(description="How many to return, 1 to 1000.")] = DEFAULT_PAGE,
    page_token: Annotated[
        str | None, Query(description="What the page before returned.", max_length=4096)
    ] = None,
) -> PageRequest:
    """The page that the query string asks for."""
    return PageRequest(page_size, page_token)


_REVISION = re.compile(r'"(\d{1,18})"')
_VERSION = re.compile(r'"(?:(\d{1,9})\.)?(\d{1,18})"')

IfMatch = Annotated[
    str | None, Header(description="The object's ETag, or * for whatever is there.")
]


def expected_revision(if_match: IfMatch = None) -> int | None:
    """The revision a change is meant for (RFC 9110 If-Match); `*` gives None, nothing gives 428."""
    return optional_revision(_required(if_match))


def optional_revision(
    if_match: Annotated[
        str | None, Header(description="The object's ETag, if the change depends on it.")
    ] = None,
) -> int | None:
    """The revision a change is meant for, None if it does not say."""
    named = _named(if_match, _REVISION)
    return None if named is None else int(named[0])


def expected_version(if_match: IfMatch = None) -> tuple[int | None, int | None]:
    """The number and revision of the version a change is meant for, each None if it may be any.

    The ETag says the number if the version was read by a reference that moves (`version_tag`).
    """
    named = _named(_required(if_match), _VERSION)
    if named is None:
        return None, None
    number, revision = named
    return int(number) if number else None, int(revision)


def _required(if_match: str | None) -> str:
    if if_match is None:
        raise HTTPException(428, "A change must say which revision it is meant for.")
    return if_match


def _named(if_match: str | None, form: re.Pattern[str]) -> tuple[str, ...] | None:
    """The parts of the one strong ETag of this form; None if any will do. If there is none of
    the form it names nothing, so it gives the revision 0, which nothing ever has."""
    expected = None if if_match is None else expected_tags(if_match)
    if expected is None or expected.any:
        return None
    ours = [found.groups() for tag in expected.strong if (found := form.fullmatch(tag))]
    if len(ours) > 1:
        raise Invalid(
            "The If-Match header holds several ETags of this API.",
            next_step="Send the one of the object as it was read.",
        )
    return ours[0] if ours else ("0",) * form.groups


CurrentRegistry = Annotated[Registry, Depends(registry_of)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
CreatingCaller = Annotated[Caller, Depends(creating_caller)]
CurrentPage = Annotated[PageRequest, Depends(page_request)]
ExpectedRevision = Annotated[int | None, Depends(expected_revision)]
ExpectedVersion = Annotated[tuple[int | None, int | None], Depends(expected_version)]
OptionalRevision = Annotated[int | None, Depends(optional_revision)]
