"""Operations on service accounts and their tokens."""

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import (
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.v1.answers import answer, answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.access_tokens import NewAccessToken, access_token, new_token
from handlers.api.v1.wire.service_accounts import NewServiceAccount, service_account

router = group("service accounts", "/namespaces/{namespace}/service-accounts")


@router.get("", openapi_extra=answers((200, "ServiceAccountPage")))
def page_service_accounts(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """The service accounts of a namespace, by name. Needs the role owner or auditor."""
    return page(registry.service_accounts.page(caller, namespace, wanted), service_account)


@router.post("", status_code=201, openapi_extra=answers((201, "ServiceAccount"), problems=(409,)))
def create_service_account(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewServiceAccount,
    reason: Reason,
) -> Response:
    """Create an account for a program that no issuer knows. Needs the role owner.

    What it may do is granted to its `grantee`; its name is never used again.
    """
    made = registry.service_accounts.create(
        caller, namespace, body.name, description=body.description, reason=reason
    )
    return single(request, service_account(made), made.revision, status=201)


@router.delete("/{account}", status_code=204, openapi_extra=answers((204, None)))
def delete_service_account(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    account: str,
    reason: Reason,
) -> Response:
    """End an account and all of its tokens at once. Needs the role owner."""
    registry.service_accounts.delete(caller, namespace, account, reason=reason)
    return Response(status_code=204)


@router.get("/{account}/tokens", openapi_extra=answers((200, "AccessTokenPage")))
def page_account_tokens(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    account: str,
    wanted: CurrentPage,
) -> Response:
    """The tokens of an account, without their texts. Needs the role owner or auditor."""
    found = registry.service_accounts.page_tokens(caller, namespace, account, wanted)
    return page(found, access_token)


@router.post(
    "/{account}/tokens",
    status_code=201,
    openapi_extra=answers((201, "NewAccessToken"), problems=(409,)),
)
def create_account_token(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    account: str,
    body: NewAccessToken,
    reason: Reason,
) -> Response:
    """Make a token of an account, which has two at most. Needs the role owner.

    Its text is in this answer and nowhere else.
    """
    made = registry.service_accounts.create_token(
        caller, namespace, account, body.name, scope=body.scope, reason=reason, **body.terms()
    )
    return answer(new_token(made), 201, {"Cache-Control": "no-store"})


@router.delete("/{account}/tokens/{token_id}", status_code=204, openapi_extra=answers((204, None)))
def revoke_account_token(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    account: str,
    token_id: str,
    reason: Reason,
) -> Response:
    """End a token of an account at once. Needs the role owner."""
    registry.service_accounts.revoke_token(caller, namespace, account, token_id, reason=reason)
    return Response(status_code=204)
