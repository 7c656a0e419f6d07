"""The dialect of Kubeflow's model registry, both generations of it: `v1` and `v1alpha3`.

The two differ in a few fields and in what the first has besides (`first`), so that one set of
operations serves both.
"""

import re
from importlib import import_module

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import RegistryError
from core.registry import Registry
from handlers.api.groups import GroupedApi, Groups
from handlers.api.kubeflow.errors import error_response, unknown_route

GROUPS = {
    "registered_models": re.compile("/registered_models?|/registered_models/[^/]+"),
    "model_versions": re.compile(
        "/model_versions?|/model_versions/[^/]+|/registered_models/[^/]+/versions"
    ),
    "artifacts": re.compile("/artifacts?|/artifacts/[^/]+|/model_versions/[^/]+/artifacts"),
    "serving_environments": re.compile("/serving_environments?|/serving_environments/[^/]+"),
    "inference_services": re.compile(
        "/inference_services?|/inference_services/[^/]+(?:/(?:model|version|serves))?"
        "|/serving_environments/[^/]+/inference_services"
    ),
    "model_artifacts": re.compile("/model_artifacts?|/model_artifacts/[^/]+"),
}
"""Each module of `routes` that both generations have, and the paths that are its alone."""


def create_app(registry: Registry) -> GroupedApi:
    """The second generation, `v1`, over a registry."""
    return app_of(GROUPS, registry)


def app_of(groups: Groups, registry: Registry) -> GroupedApi:
    """A generation that has these groups."""
    return GroupedApi(groups, lambda group: _app(group, registry), unknown_route)


def router_of(group: str) -> APIRouter:
    """The operations of a group, imported if they are not yet."""
    router: APIRouter = import_module(f"handlers.api.kubeflow.routes.{group}").router
    return router


def _app(group: str, registry: Registry) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.registry = registry
    app.state.dialect = "kubeflow"
    app.include_router(router_of(group))
    app.add_exception_handler(RegistryError, error_response)
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]  # of one kind of error
    app.add_exception_handler(HTTPException, _not_routed)  # type: ignore[arg-type]  # of one kind of error
    app.add_exception_handler(Exception, error_response)
    return app


def _not_routed(request: Request, error: HTTPException) -> Response:
    """As the genuine server answers: a path it has not, and a verb that a path has not."""
    if error.status_code == 405:
        return Response(status_code=405, headers=error.headers)
    return unknown_route(request) if error.status_code == 404 else error_response(request, error)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """A required field that is missing or empty is 422, all else 400; the value is never shown."""
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"][1:])[:200] or str(first["loc"][0])
    lacking = first["type"] in {"missing", "string_too_short"} and first["loc"][0] == "body"
    status = 422 if lacking and len(first["loc"]) > 1 else 400
    return error_response(request, HTTPException(status, f"{place}: {first['msg']}."))
