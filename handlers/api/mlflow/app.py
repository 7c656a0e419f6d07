"""MLflow's dialect: what its clients call below `/api/2.0` and `/api/3.0`, and its browser pages
below `/ajax-api`, from one set of operations."""

import re
from importlib import import_module

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import RegistryError
from core.registry import Registry
from handlers.api.groups import GroupedApi
from handlers.api.mlflow.errors import Answered, error_response, unknown_route

GROUPS = {
    "models": re.compile("/mlflow/registered-models/[^/]+"),
    "versions": re.compile("/mlflow/model-versions/[^/]+"),
    "run_logs": re.compile("/mlflow/runs/(?:log-[a-z]+|outputs)"),
    "runs": re.compile("/mlflow/runs/(?!log-|outputs)[^/]+"),
    "metrics": re.compile("/mlflow/metrics/[^/]+"),
    "experiments": re.compile("/mlflow/experiments/[^/]+"),
    "artifacts": re.compile(
        "/mlflow/artifacts/.+|/mlflow-artifacts/.+|/get-artifact|/model-versions/get-artifact"
        "|/mlflow/logged-models/[^/]+/artifacts/.+"
    ),
    "logged_models": re.compile("/mlflow/logged-models(?:/.+)?"),
    "webhooks": re.compile("/mlflow/webhooks(?:/.+)?"),
    "server": re.compile("/version|/health|/mlflow/server-info"),
}
"""Each module of `routes`, and the paths that are its alone."""


def create_app(registry: Registry) -> GroupedApi:
    """The dialect over a registry."""
    return GroupedApi(GROUPS, lambda group: _app(group, registry), unknown_route)


def router_of(group: str) -> APIRouter:
    """The operations of a group, imported if they are not yet."""
    router: APIRouter = import_module(f"handlers.api.mlflow.routes.{group}").router
    return router


def _app(group: str, registry: Registry) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.registry = registry
    app.state.dialect = "mlflow"
    app.include_router(router_of(group))
    app.add_exception_handler(RegistryError, error_response)
    app.add_exception_handler(Answered, error_response)
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]  # of one kind of error
    app.add_exception_handler(HTTPException, _not_routed)  # type: ignore[arg-type]  # of one kind of error
    app.add_exception_handler(Exception, error_response)
    return app


def _not_routed(request: Request, error: HTTPException) -> Response:
    return unknown_route(request) if error.status_code == 404 else error_response(request, error)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """Which parameter is wrong and why; its value is never shown."""
    first = error.errors()[0]
    place = ".".join(str(step) for step in first["loc"][1:])[:200] or str(first["loc"][0])
    return error_response(request, HTTPException(400, f"{place}: {first['msg']}."))
