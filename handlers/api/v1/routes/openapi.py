"""The document of all operations, as it is committed."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

DOCUMENT = Path(__file__).parents[1] / "openapi.json"

router = APIRouter()


@router.get("/openapi.json", include_in_schema=False)
def get_document() -> Response:
    """The OpenAPI document; needs no token."""
    return FileResponse(DOCUMENT, media_type="application/json")
