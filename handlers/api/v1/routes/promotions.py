"""Operations that bring a version to a stage."""

from starlette.responses import Response

from core.domain.versions import parse_reference
from handlers.api.dependencies import CurrentCaller, CurrentRegistry, Reason
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.promotions import NewPromotion, crossing

router = group("promotions", "/namespaces/{namespace}/models/{model}/versions/{version}")


@router.post("/promote", openapi_extra=answers((200, "Crossing"), problems=(409,)))
def promote_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    version: str,
    body: NewPromotion,
    reason: Reason,
) -> Response:
    """Bring a version to a stage if every gate on the way is open. Needs the role writer or
    approver; with `dry_run`, which judges the gates and moves nothing, that of a reader.

    409 names each gate that is closed, and why. Repeating it is safe: a version that is there
    already stays there.
    """
    reference = parse_reference(version)
    if body.dry_run:
        judged = registry.promotions.judge(caller, namespace, model, reference, body.to)
        return answer(crossing(judged))
    done = registry.promotions.promote(caller, namespace, model, reference, body.to, reason=reason)
    return answer(crossing(done))
