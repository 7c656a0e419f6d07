"""Operations on the schemas of a namespace."""

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from handlers.api.dependencies import AsOf, CurrentCaller, CurrentPage, CurrentRegistry, Reason
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.schemas import NewSchema, schema

router = group("schemas", "/namespaces/{namespace}/schemas")

ModelType = Annotated[str, Path(description="A model type, or * for versions of all types.")]


@router.get("", openapi_extra=answers((200, "SchemaPage")))
def page_schemas(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    wanted: CurrentPage,
    as_of: AsOf,
) -> Response:
    """The schemas of a namespace, by model type."""
    return page(registry.schemas.page(caller, namespace, wanted, as_of=as_of), schema)


@router.get("/{model_type}", openapi_extra=answers((200, "Schema"), (304, None)))
def get_schema(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model_type: ModelType,
    as_of: AsOf,
) -> Response:
    """The schema for a model type."""
    found = registry.schemas.get(caller, namespace, model_type, as_of=as_of)
    return single(request, schema(found), found.revision)


@router.put("/{model_type}", openapi_extra=answers((200, "Schema")))
def put_schema(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model_type: ModelType,
    body: NewSchema,
    reason: Reason,
) -> Response:
    """Set what new versions of a model type must satisfy. Needs the role owner.

    JSON Schema 2020-12 in a safe subset: references stay inside ('#', '#/$defs/NAME'), patterns
    repeat no groups, keywords that are unknown are refused unless they begin with 'x-'. Versions
    that are there already are not looked at.
    """
    done = registry.schemas.put(caller, namespace, model_type, body.document, reason=reason)
    return single(request, schema(done), done.revision)


@router.delete("/{model_type}", status_code=204, openapi_extra=answers((204, None)))
def remove_schema(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    model_type: ModelType,
    reason: Reason,
) -> Response:
    """Take the schema for a model type away. Needs the role owner."""
    registry.schemas.remove(caller, namespace, model_type, reason=reason)
    return Response(status_code=204)
