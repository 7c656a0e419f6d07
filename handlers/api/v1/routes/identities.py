"""Who am I?"""

from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller
from handlers.api.v1.answers import answer, answers
from handlers.api.v1.routes import group
from handlers.api.v1.wire.identities import caller

router = group("identities")


@router.get("/whoami", openapi_extra=answers((200, "Caller")))
def whoami(current: CurrentCaller) -> Response:
    """Who the registry takes you for, and your roles."""
    return answer(caller(current))
