"""What a client asks of the server itself, before it has a token to show."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from handlers.api.dependencies import CurrentRegistry
from handlers.api.mlflow.answers import answered

router = APIRouter(tags=["server"])

VERSION = "3.18.0"
"""The release of MLflow whose surface this is."""


@router.get("/version")
async def get_version() -> Response:
    """The release whose surface this is."""
    return PlainTextResponse(VERSION)


@router.get("/health")
def get_health(registry: CurrentRegistry) -> Response:
    """`OK` when database and store answer."""
    registry.check_health()
    return PlainTextResponse("OK")


@router.get("/mlflow/server-info")
async def get_capabilities() -> Response:
    """What clients probe for, and keep for a minute."""
    return answered(
        {
            "store_type": "SqlStore",
            "workspaces_enabled": True,
            "trace_archival_enabled": False,
            "artifact_serving_enabled": True,
            "artifacts_presigned_only": True,
            "multipart_uploads_enabled": True,
            "multipart_downloads_enabled": True,
            "presigned_upload_run_id_supported": True,
            "presigned_upload_model_id_supported": True,
            "model_artifact_presigned_downloads_supported": True,
        }
    )
