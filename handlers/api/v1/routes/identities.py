"""Who am I, and what may I do?"""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from core.domain.access import Action
from core.domain.explanations import explain
from handlers.api.dependencies import CurrentCaller
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.access import explanation
from handlers.api.v1.wire.identities import caller

router = group("identities")


@router.get("/whoami", openapi_extra=answers((200, "Caller")))
def whoami(current: CurrentCaller) -> Response:
    """Who the registry takes you for, how you came, and what has been granted to you."""
    return answer(caller(current))


@router.get("/can-i", openapi_extra=answers((200, "Explanation")))
def can_i(
    current: CurrentCaller,
    action: Annotated[Action, Query(description="Such as version.register.")],
    namespace: Annotated[str | None, Query(max_length=255)] = None,
    model: Annotated[str | None, Query(max_length=255)] = None,
) -> Response:
    """Whether you may do something to a model, a namespace or (neither) the registry, and which
    grant or which claims of your token say so. It tells nothing of what is there."""
    return answer(explanation(explain(current, action, namespace, model)))
