"""Operations on the stages of a model."""

from starlette.responses import Response

from handlers.api.dependencies import AsOf, CurrentCaller, CurrentRegistry
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.stages import standing

router = group("stages", "/namespaces/{namespace}/models/{model}/stages")


@router.get("", openapi_extra=answers((200, "StandingPage")))
def page_stages(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    as_of: AsOf,
) -> Response:
    """Every stage of a model, and which version is in those that hold one."""
    found = registry.stages.of_model(caller, namespace, model, as_of=as_of)
    return answer({"items": [standing(each) for each in found], "next_page_token": None})
