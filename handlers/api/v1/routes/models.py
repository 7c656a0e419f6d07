"""Operations on registered models."""

from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from handlers.api.dependencies import (
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    ExpectedRevision,
)
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.common import Patch
from handlers.api.v1.wire.models import NewModel, registered_model

router = group("models", "/namespaces/{namespace}/models")


@router.get("", openapi_extra=answers((200, "RegisteredModelPage")))
def page_models(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, wanted: CurrentPage
) -> Response:
    """The models of a namespace, by name."""
    return page(registry.models.page(caller, namespace, wanted), registered_model)


@router.post("", status_code=201, openapi_extra=answers((201, "RegisteredModel"), problems=(409,)))
def register_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewModel,
) -> Response:
    """Register a model. Needs the role writer."""
    created = registry.models.register(caller, namespace, body.name, body.described())
    location = f"/namespaces/{namespace}/models/{quote(created.name, safe='')}"
    body_out = registered_model(created)
    return single(request, body_out, created.revision, status=201, location=location)


@router.get("/{model}", openapi_extra=answers((200, "RegisteredModel"), (304, None)))
def get_model(
    request: Request, registry: CurrentRegistry, caller: CurrentCaller, namespace: str, model: str
) -> Response:
    """A registered model."""
    found = registry.models.get(caller, namespace, model)
    return single(request, registered_model(found), found.revision)


@router.patch("/{model}", openapi_extra=answers((200, "RegisteredModel"), problems=(412, 428)))
def update_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    body: Patch,
    expected: ExpectedRevision,
) -> Response:
    """Change what describes a model, by merge patch (RFC 7396). Needs the role writer."""
    changed = registry.models.update(
        caller, namespace, model, body.patch(), expected_revision=expected
    )
    return single(request, registered_model(changed), changed.revision)
