"""Operations on registered models."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import Response

from handlers.api.dependencies import (
    AsOf,
    CreatingCaller,
    CurrentCaller,
    CurrentPage,
    CurrentRegistry,
    Included,
    Reason,
)
from handlers.api.revisions import ExpectedRevision, OptionalRevision
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.narrowing import BY_NAME, Narrowed
from handlers.api.v1.routes import group
from handlers.api.v1.wire.models import ModelPatch, NewModel, NewName, registered_model

router = group("models", "/namespaces/{namespace}/models")


@router.get("", openapi_extra=answers((200, "RegisteredModelPage")))
def page_models(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    shown: Included,
    as_of: AsOf,
    narrowed: Narrowed,
) -> Response:
    """The models of a namespace, by name unless ordered otherwise."""
    question = narrowed.question(namespace, by=BY_NAME, shown=shown, as_of=as_of)
    if question is not None:
        return page(registry.search.models(caller, question, wanted).page, registered_model)
    found = registry.models.page(caller, namespace, wanted, shown=shown, as_of=as_of)
    return page(found, registered_model)


@router.post("", status_code=201, openapi_extra=answers((201, "RegisteredModel"), problems=(409,)))
def register_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    body: NewModel,
    reuse_deleted: Annotated[
        bool,
        Query(description="Use the name of a model that was deleted for good; its count goes on."),
    ] = False,
) -> Response:
    """Register a model. Needs the role writer."""
    created = registry.models.register(
        caller, namespace, body.name, body.described(), reuse_deleted=reuse_deleted
    )
    location = f"/namespaces/{namespace}/models/{quote(created.name, safe='')}"
    body_out = registered_model(created)
    return single(request, body_out, created.revision, status=201, location=location)


@router.get("/{model}", openapi_extra=answers((200, "RegisteredModel"), (304, None)))
def get_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    as_of: AsOf,
) -> Response:
    """A registered model."""
    found = registry.models.get(caller, namespace, model, as_of=as_of)
    return single(request, registered_model(found), found.revision)


@router.patch("/{model}", openapi_extra=answers((200, "RegisteredModel"), problems=(412, 428)))
def update_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    body: ModelPatch,
    expected: ExpectedRevision,
    reason: Reason,
) -> Response:
    """Change what describes a model, by merge patch (RFC 7396). Needs the role writer."""
    changed = registry.models.update(
        caller, namespace, model, body.patch(), expected_revision=expected, reason=reason
    )
    return single(request, registered_model(changed), changed.revision)


@router.delete("/{model}", openapi_extra=answers((200, "RegisteredModel"), problems=(409, 412)))
def delete_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Delete a model with all its versions, for a reason; until `purge_at` it can be undeleted.

    Needs the role owner.
    """
    deleted = registry.deletions.delete_model(
        caller, namespace, model, reason=reason, expected_revision=expected
    )
    return single(request, registered_model(deleted), deleted.revision)


@router.post(
    "/{model}/rename", openapi_extra=answers((200, "RegisteredModel"), problems=(409, 412))
)
def rename_model(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model: str,
    body: NewName,
    expected: OptionalRevision,
    reason: Reason,
) -> Response:
    """Give a model a name that is free; what belongs to it goes along, its files stay where they
    are. Needs the role writer."""
    renamed = registry.renames.rename(
        caller, namespace, model, body.name, expected_revision=expected, reason=reason
    )
    return single(request, registered_model(renamed), renamed.revision)
