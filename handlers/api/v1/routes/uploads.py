"""Operations on the upload of a pending version. No bytes of a model ever pass here."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from core.domain.versions import MAX_NUMBER
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, page_body
from handlers.api.v1.routes import group
from handlers.api.v1.wire.uploads import (
    WantedParts,
    completion,
    signed_part,
    transfer,
    upload,
)

router = group("uploads", "/namespaces/{namespace}/models/{model}/versions/{number}/upload")

Number = Annotated[int, Path(ge=1, le=MAX_NUMBER, description="The version's number.")]


@router.post("", openapi_extra=answers((200, "Upload"), problems=(409,)))
def open_upload(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    number: Number,
    wanted: CurrentPage,
) -> Response:
    """How to send each file that the store lacks: opens the upload, or resumes it."""
    version, transfers = registry.uploads.open(caller, namespace, model, number, wanted)
    return answer({**upload(version), **page_body(transfers, transfer)})


@router.post("/parts", openapi_extra=answers((200, "SignedParts"), problems=(409,)))
def sign_parts(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    number: Number,
    body: WantedParts,
) -> Response:
    """Addresses for some parts of a file; each is good only for bytes of the digest given."""
    signed = registry.uploads.sign_parts(
        caller, namespace, model, number, body.path, body.digests()
    )
    return answer({"items": [signed_part(part) for part in signed]})


@router.post("/complete", openapi_extra=answers((200, "Completion"), problems=(409,)))
def complete_upload(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, model: str, number: Number
) -> Response:
    """Check what has arrived; the version is ready once nothing remains. Repeat while it does."""
    return answer(completion(registry.receipts.complete(caller, namespace, model, number)))


@router.delete("", status_code=204, openapi_extra=answers((204, None), problems=(409,)))
def abandon_upload(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, model: str, number: Number
) -> Response:
    """Give the upload up. The version's number is not used again."""
    registry.uploads.abandon(caller, namespace, model, number)
    return Response(status_code=204)
