"""The native dialect: REST over the use cases, described by the committed OpenAPI document."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from core.errors import Invalid, RegistryError
from core.registry import Registry
from handlers.api.problems import problem_response
from handlers.api.v1.routes import (
    aliases,
    events,
    grants,
    identities,
    models,
    namespaces,
    uploads,
    versions,
)

DOCUMENT = Path(__file__).with_name("openapi.json")
GROUPS = (identities, namespaces, grants, models, versions, uploads, aliases, events)


def create_app(registry: Registry) -> FastAPI:
    """The native API; its OpenAPI document is a file, since generating it costs a cold start."""
    app = FastAPI(title="Modelry", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.registry = registry
    app.state.dialect = "native"
    for group in GROUPS:
        app.include_router(group.router)
    app.add_api_route("/openapi.json", _document, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(RegistryError, problem_response)
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, problem_response)
    app.add_exception_handler(Exception, problem_response)
    return app


def _document() -> Response:
    return FileResponse(DOCUMENT, media_type="application/json")


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """What is wrong and where, never the value itself: it may be secret or not even printable."""
    problems = [
        (".".join(str(step) for step in item["loc"]), item["msg"]) for item in error.errors()
    ]
    return problem_response(
        request,
        Invalid(
            f"The request is not of the form this operation takes, at {problems[0][0]}:"
            f" {problems[0][1]}.",
            next_step="Compare it with /api/v1/openapi.json.",
            problems=problems[:20],
        ),
    )
