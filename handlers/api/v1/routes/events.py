"""Operations on events."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response

from core.domain.events import SubjectKind
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.events import event

router = group("events", "/namespaces/{namespace}/events")


@router.get("", openapi_extra=answers((200, "EventPage")))
def page_events(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    as_of: AsOf,
    kind: Annotated[
        Literal[*(kind.value for kind in SubjectKind)] | None,  # type: ignore[valid-type]  # the words of an enum
        Query(description="With subject: what kind of thing it is."),
    ] = None,
    subject: Annotated[
        str | None,
        Query(description="With kind: default/iris, default/iris/3, default/iris@champion."),
    ] = None,
) -> Response:
    """What happened in a namespace, newest first; of one subject if kind and subject say which."""
    found = registry.events.page(
        caller,
        namespace,
        wanted,
        kind=SubjectKind(kind) if kind else None,
        subject=subject,
        as_of=as_of,
    )
    return page(found, event)
