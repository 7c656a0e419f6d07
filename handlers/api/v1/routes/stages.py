"""Operations on the stages of a model."""

from starlette.responses import Response

from core.domain.subjects import stage_subject
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.history import change
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


@router.get("/{stage}/history", openapi_extra=answers((200, "ChangePage")))
def page_stage_history(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    stage: str,
    wanted: CurrentPage,
) -> Response:
    """Which versions held a stage that holds one, since when, by whom and why, newest first."""
    subject = stage_subject(namespace, model, stage)
    return page(registry.history.page(caller, subject, wanted), change)
