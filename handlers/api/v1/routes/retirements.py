"""Operations at the end of a version's life."""

from fastapi import Request
from starlette.responses import Response

from core.domain.moments import parse_moment
from core.domain.versions import ByNumber
from handlers.api.dependencies import CurrentCaller, CurrentRegistry, Reason
from handlers.api.revisions import OptionalVersion
from handlers.api.v1.answers import answers, single
from handlers.api.v1.deprecated import warning_headers
from handlers.api.v1.references import number_of
from handlers.api.v1.routes import group
from handlers.api.v1.wire.retirements import NewDeprecation, NewRetirement
from handlers.api.v1.wire.versions import model_version

router = group("retirements", "/namespaces/{namespace}/models/{model}/versions/{version}")


@router.post("/deprecate", openapi_extra=answers((200, "ModelVersion"), problems=(409, 412)))
def deprecate_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewDeprecation,
    expected: OptionalVersion,
    reason: Reason,
) -> Response:
    """Say that a version should not be used any more, and what to use instead.

    Needs the role writer. From then on answers about it carry the headers Deprecation (RFC 9745),
    Sunset (RFC 8594) and a Link with rel="successor-version" (RFC 5829).
    """
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    done = registry.retirements.deprecate(
        caller,
        namespace,
        model,
        number,
        since=None if body.since is None else parse_moment(body.since),
        sunset=None if body.sunset is None else parse_moment(body.sunset),
        successor=body.successor,
        note=body.note,
        expected_revision=expected.revision,
        reason=reason,
    )
    headers = warning_headers(request, done)
    return single(request, model_version(done), done.revision, more_headers=headers)


@router.post("/retire", openapi_extra=answers((200, "ModelVersion"), problems=(409,)))
def retire_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewRetirement,
    reason: Reason,
) -> Response:
    """Bring a version to a stage whose versions are retired: its files are handed out no more.

    Needs the role writer or approver, and passes the gates on the way, as a promotion does: 409
    naming those that are closed, or if it is not clear which stage is meant.
    """
    number = number_of(registry, caller, namespace, model, version)
    stage = registry.retirements.stage_for(caller, namespace, model, number, body.to)
    done = registry.promotions.promote(
        caller, namespace, model, ByNumber(number), stage, reason=reason
    )
    headers = warning_headers(request, done.version)
    return single(request, model_version(done.version), done.version.revision, more_headers=headers)


@router.post("/undeprecate", openapi_extra=answers((200, "ModelVersion"), problems=(412,)))
def undeprecate_version(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    expected: OptionalVersion,
    reason: Reason,
) -> Response:
    """Take a deprecation back. Needs the role writer."""
    number = expected.held_to(number_of(registry, caller, namespace, model, version))
    done = registry.retirements.undeprecate(
        caller, namespace, model, number, expected_revision=expected.revision, reason=reason
    )
    return single(request, model_version(done), done.revision)
