"""Operations that put models and versions out of sight, and back."""

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import (
    CurrentCaller,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import OptionalRevision, OptionalVersion
from handlers.api.v1.answers import answers, single
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.models import registered_model
from handlers.api.v1.wire.versions import model_version

router = group("deletions", "/namespaces/{namespace}/models/{model}")


@router.post("/archive", openapi_extra=answers((200, "RegisteredModel"), problems=(409, 412)))
def archive_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Leave a model out of lists. Needs the role writer."""
    kept = registry.deletions.archive_model(
        caller, namespace, model, expected_revision=expected, reason=reason
    )
    return single(request, registered_model(kept), kept.revision)


@router.post("/restore", openapi_extra=answers((200, "RegisteredModel"), problems=(409, 412)))
def restore_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Put an archived model back into lists. Needs the role writer."""
    kept = registry.deletions.restore_model(
        caller, namespace, model, expected_revision=expected, reason=reason
    )
    return single(request, registered_model(kept), kept.revision)


@router.post("/undelete", openapi_extra=answers((200, "RegisteredModel"), problems=(409,)))
def undelete_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    reason: Reason,
) -> Response:
    """Bring a deleted model back, before its `purge_at`. Needs the role owner."""
    kept = registry.deletions.undelete_model(caller, namespace, model, reason=reason)
    return single(request, registered_model(kept), kept.revision)


@router.post(
    "/versions/{version}/archive", openapi_extra=answers((200, "ModelVersion"), problems=(409, 412))
)
def archive_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    expected: OptionalVersion,
    reason: Reason,
) -> Response:
    """Leave a version out of lists and of `latest`; it can be read still.

    Needs the role writer; 409 naming the aliases that point to it, if there are any.
    """
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    kept = registry.deletions.archive_version(
        caller, namespace, model, number, expected_revision=expected.revision, reason=reason
    )
    return single(request, model_version(kept), kept.revision)


@router.post(
    "/versions/{version}/restore", openapi_extra=answers((200, "ModelVersion"), problems=(409, 412))
)
def restore_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    expected: OptionalVersion,
    reason: Reason,
) -> Response:
    """Put an archived version back into lists. Needs the role writer."""
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    kept = registry.deletions.restore_version(
        caller, namespace, model, number, expected_revision=expected.revision, reason=reason
    )
    return single(request, model_version(kept), kept.revision)


@router.post(
    "/versions/{version}/undelete", openapi_extra=answers((200, "ModelVersion"), problems=(409,))
)
def undelete_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    reason: Reason,
) -> Response:
    """Bring a deleted version back, before its `purge_at`. Needs the role owner."""
    number = number_of(registry, caller, namespace, model, version)
    kept = registry.deletions.undelete_version(caller, namespace, model, number, reason=reason)
    return single(request, model_version(kept), kept.revision)
