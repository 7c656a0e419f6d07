"""Operations on the audit log."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request
from starlette.responses import Response

from core.domain.events import Event, Outcome, SubjectKind
from core.domain.moments import parse_moment
from core.domain.pages import Page
from core.domain.selection import Selection
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, json_bytes, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire import events as wire
from handlers.api.v1.wire.audit import cloud_event
from handlers.api.v1.wire.checkpoints import proof

router = group("audit", "/audit/events")

NDJSON = "application/x-ndjson"
CLOUD_EVENTS = "application/cloudevents-batch+json"
Exactly = Annotated[str | None, Query(max_length=1024)]
InNamespace = Annotated[
    str | None, Query(description="Of this namespace, as its owners may; else of all.")
]


async def selection(
    namespace: InNamespace = None,
    action: Annotated[
        str | None,
        Query(description="Such as alias.set; alias.* for all of a noun.", max_length=128),
    ] = None,
    actor: Exactly = None,
    kind: SubjectKind | None = None,
    subject: Exactly = None,
    dialect: Exactly = None,
    outcome: Outcome | None = None,
    request_id: Exactly = None,
    since: Annotated[str | None, Query(description="RFC 3339, included.", max_length=64)] = None,
    until: Annotated[str | None, Query(description="RFC 3339, included.", max_length=64)] = None,
) -> Selection:
    """What is asked for. Raises `Invalid`."""
    return Selection(
        namespace=namespace,
        action=action,
        actor=actor,
        kind=kind,
        subject=subject,
        dialect=dialect,
        outcome=outcome,
        request_id=request_id,
        since=None if since is None else parse_moment(since),
        until=None if until is None else parse_moment(until),
    )


def _formats() -> dict[str, Any]:
    documented = answers((200, "EventPage"))
    good = documented["responses"]["200"]
    good["content"] |= {
        NDJSON: {"schema": {"type": "string"}},
        CLOUD_EVENTS: {"schema": {"type": "array", "items": {"type": "object"}}},
    }
    token = "With format=ndjson or cloudevents: the page_token of the next page, if there is one."
    good["headers"] = {
        "Modelry-Next-Page-Token": {"description": token, "schema": {"type": "string"}}
    }
    return documented


@router.get("", openapi_extra=_formats())
def page_audit_events(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    wanted: CurrentPage,
    selected: Annotated[Selection, Depends(selection)],
    order: Literal["newest", "oldest"] = "newest",
    format: Annotated[
        Literal["json", "ndjson", "cloudevents"],
        Query(description="A page as JSON, as lines of JSON, or as a batch of CloudEvents 1.0."),
    ] = "json",
) -> Response:
    """Everything that happened, was refused, or was pulled. Needs the role auditor or admin, or
    owner of the namespace.

    Changes are done by an action such as `alias.set`; `access.refused` is a refusal, of which a
    flood leaves few (`details.count`); `download.granted` is the right to pull files: addresses
    were handed out.
    """
    found = registry.audit.page(caller, wanted, selected, oldest_first=order == "oldest")
    if format == "json":
        return page(found, wire.event)
    public = request.scope.get("state", {}).get("public_url") or ""
    return _lines(found) if format == "ndjson" else _batch(found, public)


@router.get("/{event}", openapi_extra=answers((200, "Event")))
def get_audit_event(
    registry: CurrentRegistry, caller: CurrentCaller, event: str, namespace: InNamespace = None
) -> Response:
    """One event. Needs the role auditor or admin, or owner of the namespace."""
    return answer(wire.event(registry.audit.get(caller, event, namespace)))


@router.get("/{event}/proof", openapi_extra=answers((200, "Proof"), problems=(409,)))
def prove_audit_event(
    registry: CurrentRegistry, caller: CurrentCaller, event: str, namespace: InNamespace = None
) -> Response:
    """The proof that an event is in the log: the path from its leaf to a signed checkpoint.

    409 if it is under none yet. Needs the role auditor or admin, or owner of the namespace.
    """
    return answer(proof(registry.checkpoints.prove(caller, event, namespace)))


def _lines(found: Page[Event]) -> Response:
    lines = b"".join(json_bytes(wire.event(each)) + b"\n" for each in found.items)
    return Response(lines, headers=_next(found), media_type=NDJSON)


def _batch(found: Page[Event], public: str) -> Response:
    events = json_bytes([cloud_event(each, public) for each in found.items])
    return Response(events, headers=_next(found), media_type=CLOUD_EVENTS)


def _next(found: Page[Event]) -> dict[str, str]:
    return {"Modelry-Next-Page-Token": found.next_token} if found.next_token else {}
