"""Operations on the checkpoints of the audit log."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from core.services.checkpoints import Copy
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.checkpoints import checkpoint

router = group("checkpoints", "/audit/checkpoints")


@router.get("", openapi_extra=answers((200, "CheckpointPage")))
def page_checkpoints(
    registry: CurrentRegistry, caller: CurrentCaller, wanted: CurrentPage
) -> Response:
    """The checkpoints, from the first on, each signed and naming the one before. Needs the role
    auditor or admin."""
    return page(registry.checkpoints.page(caller, wanted), checkpoint)


@router.get("/{number}", openapi_extra=answers((200, "CheckpointDocument")))
def get_checkpoint(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    number: Annotated[int, Path(ge=1, le=2**53)],
    copy: Annotated[
        Copy, Query(description="Of the object store, which may lock it, or of the database.")
    ] = Copy.STORE,
) -> Response:
    """A checkpoint with the ids of its events and their leaves, which is all that is needed to
    verify them. Needs the role auditor or admin."""
    document = registry.checkpoints.document(caller, number, copy)
    return Response(document, media_type="application/json")
