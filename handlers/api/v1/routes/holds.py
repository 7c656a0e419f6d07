"""Operations on the legal holds of models and versions."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentRegistry, Reason
from handlers.api.v1.answers import answers, single
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.holds import NewHold
from handlers.api.v1.wire.models import registered_model
from handlers.api.v1.wire.versions import model_version

router = group("holds", "/namespaces/{namespace}/models/{model}")

Matter = Annotated[
    str | None, Query(description="The reference of the hold; not needed if it is the only one.")
]


@router.put("/hold", openapi_extra=answers((200, "RegisteredModel"), problems=(409,)))
def hold_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    body: NewHold,
) -> Response:
    """Put a model on legal hold: it and its versions are neither deleted nor purged.

    Needs the role owner. A deleted model can be held as long as it can be undeleted.
    """
    done = registry.holds.hold_model(
        caller, namespace, model, reference=body.reference, reason=body.reason
    )
    return single(request, registered_model(done), done.revision)


@router.delete("/hold", openapi_extra=answers((200, "RegisteredModel"), problems=(409,)))
def release_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    reason: Reason,
    reference: Matter = None,
) -> Response:
    """Lift a legal hold of a model, for a reason. Needs the role owner.

    409 naming the holds if several are on it and no reference is given.
    """
    done = registry.holds.release_model(
        caller, namespace, model, reason=reason, reference=reference
    )
    return single(request, registered_model(done), done.revision)


@router.put(
    "/versions/{version}/hold", openapi_extra=answers((200, "ModelVersion"), problems=(409,))
)
def hold_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewHold,
) -> Response:
    """Put a version on legal hold: it is neither deleted nor purged, nor is its model.

    Needs the role owner.
    """
    number = number_of(registry, caller, namespace, model, version)
    done = registry.holds.hold_version(
        caller, namespace, model, number, reference=body.reference, reason=body.reason
    )
    return single(request, model_version(done), done.revision)


@router.delete(
    "/versions/{version}/hold", openapi_extra=answers((200, "ModelVersion"), problems=(409,))
)
def release_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    reason: Reason,
    reference: Matter = None,
) -> Response:
    """Lift a legal hold of a version, for a reason. Needs the role owner."""
    number = number_of(registry, caller, namespace, model, version)
    done = registry.holds.release_version(
        caller, namespace, model, number, reason=reason, reference=reference
    )
    return single(request, model_version(done), done.revision)
