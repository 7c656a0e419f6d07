"""The operation that puts back what was there before."""

from starlette.responses import Response

from core.domain.moments import parse_moment
from handlers.api.dependencies import CurrentCaller, CurrentRegistry, Reason
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.promotions import crossing
from handlers.api.v1.wire.rollbacks import NewRollback

router = group("rollbacks", "/namespaces/{namespace}/models/{model}")


@router.post("/rollback", openapi_extra=answers((200, "Crossing"), problems=(409, 412)))
def roll_back(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    body: NewRollback,
    reason: Reason,
) -> Response:
    """Put back what held a stage, or what an alias pointed to, before or at a time. Needs the
    role writer or approver.

    A version comes back to a stage through the `rollback_gates` of the transition. Send the
    version that is there now as `from_version`: then a repeated request goes back no further.
    """
    done = registry.rollbacks.roll_back(
        caller,
        namespace,
        model,
        stage=body.stage,
        alias=body.alias,
        to_time=None if body.to_time is None else parse_moment(body.to_time),
        away_from=body.from_version,
        dry_run=body.dry_run,
        reason=reason,
    )
    return answer(crossing(done))
