"""Operations on the serve records of a deployment."""

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from handlers.api.dependencies import CreatingCaller, CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answers, page, single
from handlers.api.v1.routes import group
from handlers.api.v1.wire.serve_records import NewServeRecord, serve_record

router = group("serve records", "/namespaces/{namespace}/deployments/{deployment}/serve-records")

Named = Annotated[str, Path(description="Its decimal id.")]


@router.get("", openapi_extra=answers((200, "ServeRecordPage")))
def page_serve_records(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    deployment: Named,
    wanted: CurrentPage,
) -> Response:
    """What was seen of a deployment, newest first."""
    return page(registry.serve_records.page(caller, namespace, deployment, wanted), serve_record)


@router.post("", status_code=201, openapi_extra=answers((201, "ServeRecord"), problems=(409,)))
def create_serve_record(
    request: Request,
    registry: CurrentRegistry,
    caller: CreatingCaller,
    namespace: str,
    deployment: Named,
    body: NewServeRecord,
) -> Response:
    """Note what was seen of a deployment, which then says so too. Needs the role writer."""
    noted = registry.serve_records.record(
        caller,
        namespace,
        deployment,
        body.number,
        body.described(),
        name=body.name,
        state=body.state,
        traffic=body.traffic,
        endpoint=body.endpoint,
        message=body.message,
    )
    return single(request, serve_record(noted), noted.revision, status=201)
