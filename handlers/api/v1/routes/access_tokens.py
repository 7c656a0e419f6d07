"""Operations on one's own access tokens."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry, Reason
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.access_tokens import NewAccessToken, access_token, new_token

router = group("access tokens", "/tokens")

Owner = Annotated[
    str | None, Query(description="Whose tokens, as subject:ISSUER:NAME; else your own.")
]


@router.get("", openapi_extra=answers((200, "AccessTokenPage")))
def page_tokens(
    registry: CurrentRegistry, caller: CurrentCaller, wanted: CurrentPage, owner: Owner = None
) -> Response:
    """Your access tokens, without their texts. Somebody else's need the role admin or auditor."""
    return page(registry.access_tokens.page(caller, wanted, owner=owner), access_token)


@router.post("", status_code=201, openapi_extra=answers((201, "NewAccessToken"), problems=(409,)))
def create_token(
    registry: CurrentRegistry, caller: CurrentCaller, body: NewAccessToken, reason: Reason
) -> Response:
    """Make an access token for a program of yours that cannot sign in.

    Its text is in this answer and nowhere else. It can do what was granted to your own name, in
    its scope and role at most, and never change who may do what. If the answer is lost, revoke
    the token and make another.
    """
    made = registry.access_tokens.create(
        caller, body.name, scope=body.own_scope(), reason=reason, **body.terms()
    )
    return answer(new_token(made), 201, {"Cache-Control": "no-store"})


@router.delete("/{token_id}", status_code=204, openapi_extra=answers((204, None)))
def revoke_token(
    registry: CurrentRegistry, caller: CurrentCaller, token_id: str, reason: Reason
) -> Response:
    """End one of your tokens at once; with the role admin, anybody's."""
    registry.access_tokens.revoke(caller, token_id, reason=reason)
    return Response(status_code=204)
