"""Operations on grants, in a namespace and everywhere."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from core.domain.rules import EVERYWHERE, scope_of
from handlers.api.dependencies import AsOf, CurrentCaller, CurrentPage, CurrentRegistry, Reason
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.grants import NewGrant, NewNamespaceGrant, grant

router = group("grants")

Grantee = Annotated[str, Query(description="subject:ISSUER:NAME or group:ISSUER:NAME")]
OneModel = Annotated[str | None, Query(description="One model's grants alone.")]


@router.get("/namespaces/{namespace}/grants", openapi_extra=answers((200, "GrantPage")))
def page_grants(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    as_of: AsOf,
    model: OneModel = None,
) -> Response:
    """Who has which role in a namespace, then for single models of it; with `model`, for that one
    alone. Needs the role owner or auditor."""
    scope = scope_of(namespace, model)
    return page(registry.grants.page(caller, scope, wanted, as_of=as_of), grant)


@router.put("/namespaces/{namespace}/grants", openapi_extra=answers((200, "Grant")))
def put_grant(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    body: NewNamespaceGrant,
    reason: Reason,
) -> Response:
    """Give somebody a role in a namespace or for one model, or deny it, in place of what they had
    there. Needs the role owner."""
    scope = scope_of(namespace, body.model)
    given = registry.grants.put(
        caller, scope, body.grantee, body.as_role(), reason=reason, **body.terms()
    )
    return answer(grant(given))


@router.delete(
    "/namespaces/{namespace}/grants", status_code=204, openapi_extra=answers((204, None))
)
def remove_grant(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    grantee: Grantee,
    reason: Reason,
    model: OneModel = None,
) -> Response:
    """Take back what somebody was given or denied there. Needs the role owner."""
    registry.grants.remove(caller, scope_of(namespace, model), grantee, reason=reason)
    return Response(status_code=204)


@router.get("/grants", openapi_extra=answers((200, "GrantPage")))
def page_system_grants(
    registry: CurrentRegistry, caller: CurrentCaller, wanted: CurrentPage, as_of: AsOf
) -> Response:
    """Who is administrator or auditor of everything. Needs one of these roles."""
    return page(registry.grants.page(caller, EVERYWHERE, wanted, as_of=as_of), grant)


@router.put("/grants", openapi_extra=answers((200, "Grant")))
def put_system_grant(
    registry: CurrentRegistry, caller: CurrentCaller, body: NewGrant, reason: Reason
) -> Response:
    """Make somebody administrator or auditor of everything, or deny a role everywhere. Needs the
    role admin."""
    given = registry.grants.put(
        caller, EVERYWHERE, body.grantee, body.as_role(), reason=reason, **body.terms()
    )
    return answer(grant(given))


@router.delete("/grants", status_code=204, openapi_extra=answers((204, None)))
def remove_system_grant(
    registry: CurrentRegistry, caller: CurrentCaller, grantee: Grantee, reason: Reason
) -> Response:
    """Take such a role away. Needs the role admin."""
    registry.grants.remove(caller, EVERYWHERE, grantee, reason=reason)
    return Response(status_code=204)
