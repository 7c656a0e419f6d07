"""Operations on aliases."""

from fastapi import Request
from starlette.responses import Response

from core.domain.versions import parse_reference
from handlers.api.dependencies import (
    AsOf,
    CurrentCaller,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import OptionalRevision
from handlers.api.v1.answers import answer, answers, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.aliases import AliasTarget, alias

router = group("aliases", "/namespaces/{namespace}/models/{model}/aliases")


@router.get("", openapi_extra=answers((200, "AliasPage")))
def page_aliases(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, model: str, as_of: AsOf
) -> Response:
    """All aliases of a model, by name."""
    found = registry.aliases.of_model(caller, namespace, model, as_of=as_of)
    return answer({"items": [alias(each) for each in found], "next_page_token": None})


@router.get("/{name}", openapi_extra=answers((200, "Alias"), (304, None)))
def get_alias(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    name: str,
    as_of: AsOf,
) -> Response:
    """Where an alias points."""
    found = registry.aliases.get(caller, namespace, model, name, as_of=as_of)
    return single(request, alias(found), found.revision)


@router.put("/{name}", openapi_extra=answers((200, "Alias"), problems=(409, 412)))
def point_alias(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    name: str,
    body: AliasTarget,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Point an alias at a ready version. Needs the role writer or approver.

    With If-Match (the ETag of the alias or its model) only if nothing moved in the meantime.
    """
    pointed = registry.aliases.point(
        caller,
        namespace,
        model,
        name,
        parse_reference(body.version),
        expected_revision=expected,
        reason=reason or body.reason,
    )
    return single(request, alias(pointed), pointed.revision)


@router.delete("/{name}", status_code=204, openapi_extra=answers((204, None)))
def remove_alias(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    name: str,
    reason: Reason,
) -> Response:
    """Take an alias away; the version it pointed to stays."""
    registry.aliases.remove(caller, namespace, model, name, reason=reason)
    return Response(status_code=204)
