"""The document of all operations, as it is committed."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from handlers.api.requests import StrictRoute

DOCUMENT = Path(__file__).parents[1] / "openapi.json"

router = APIRouter(route_class=StrictRoute)


@router.get("/openapi.json", include_in_schema=False)
def get_document() -> Response:
    """The OpenAPI document; needs no token."""
    return Response(DOCUMENT.read_bytes(), media_type="application/json")
