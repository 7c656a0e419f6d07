"""Operations on namespaces."""

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Reason,
)
from handlers.api.revisions import ExpectedRevision
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.common import Patch
from handlers.api.v1.wire.namespaces import NewNamespace
from handlers.api.v1.wire.namespaces import namespace as shape

router = group("namespaces", "/namespaces")


@router.get("", openapi_extra=answers((200, "NamespacePage")))
def page_namespaces(
    registry: CurrentRegistry, caller: CurrentCaller, wanted: CurrentPage, as_of: AsOf
) -> Response:
    """The namespaces you may read, by name."""
    return page(registry.namespaces.page(caller, wanted, as_of=as_of), shape)


@router.post("", status_code=201, openapi_extra=answers((201, "Namespace"), problems=(409,)))
def create_namespace(
    request: Request, registry: CurrentRegistry, caller: CreatingCaller, body: NewNamespace
) -> Response:
    """Create a namespace and become its owner. Needs the role admin."""
    created = registry.namespaces.create(caller, body.name, body.described())
    location = f"/namespaces/{created.name}"
    return single(request, shape(created), created.revision, status=201, location=location)


@router.get("/{namespace}", openapi_extra=answers((200, "Namespace"), (304, None)))
def get_namespace(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    as_of: AsOf,
) -> Response:
    """A namespace."""
    found = registry.namespaces.get(caller, namespace, as_of=as_of)
    return single(request, shape(found), found.revision)


@router.patch("/{namespace}", openapi_extra=answers((200, "Namespace"), problems=(412, 428)))
def update_namespace(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    body: Patch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change what describes a namespace, by merge patch (RFC 7396). Needs the role owner."""
    changed = registry.namespaces.update(
        caller, namespace, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, shape(changed), changed.revision)
