"""The native dialect: REST over the use cases, described by the committed OpenAPI document."""

import re
from importlib import import_module

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import Invalid, RegistryError
from core.registry import Registry
from handlers.api.groups import GroupedApi
from handlers.api.problems import problem_response

_NAMESPACE = "/namespaces/[^/]+"
_MODEL = f"{_NAMESPACE}/models/[^/]+"

GROUPS = {
    "openapi": re.compile("/openapi.json"),
    "identities": re.compile("/whoami|/can-i"),
    "access": re.compile(f"{_NAMESPACE}/access"),
    "access_tokens": re.compile("/tokens(?:/[^/]+)?"),
    "publishers": re.compile(f"{_NAMESPACE}/publishers(?:/[^/]+)?"),
    "service_accounts": re.compile(
        f"{_NAMESPACE}/service-accounts(?:/[^/]+(?:/tokens(?:/[^/]+)?)?)?"
    ),
    "namespaces": re.compile(f"/namespaces|{_NAMESPACE}"),
    "grants": re.compile(f"(?:{_NAMESPACE})?/grants"),
    "schemas": re.compile(f"{_NAMESPACE}/schemas(?:/[^/]+)?"),
    "lifecycles": re.compile(f"{_NAMESPACE}/lifecycle(?:/history)?"),
    "stages": re.compile(f"{_MODEL}/stages(?:/[^/]+/history)?"),
    "promotions": re.compile(f"{_MODEL}/versions/[^/]+/promote"),
    "rollbacks": re.compile(f"{_MODEL}/rollback"),
    "models": re.compile(f"{_NAMESPACE}/models|{_MODEL}(?:/rename)?"),
    "versions": re.compile(
        f"{_MODEL}/versions(?:/[^/]+(?:/downloads|/files(?:/.*)?)?)?", re.DOTALL
    ),
    "artifacts": re.compile(
        f"{_MODEL}/versions/[^/]+/artifacts(?:/[^/]+)?|{_NAMESPACE}/artifacts(?:/[^/]+(?:/history)?)?"
    ),
    "evaluations": re.compile(f"{_MODEL}(?:/versions/[^/]+/evaluations(?:/[^/]+)?|/evaluations)"),
    "uploads": re.compile(f"{_MODEL}/versions/[^/]+/upload(?:/[^/]+)?"),
    "aliases": re.compile(f"{_MODEL}/aliases(?:/[^/]+)?"),
    "approvals": re.compile(
        f"{_NAMESPACE}/approvals|{_MODEL}/versions/[^/]+/approvals"
        f"|{_MODEL}/approvals/[^/]+(?:/(?:history|approve|reject|withdraw|comment))?"
    ),
    "history": re.compile(
        f"(?:{_NAMESPACE}|{_MODEL}|{_MODEL}/(?:versions|aliases)/[^/]+)/(?:history|diff|undo)"
        f"|{_NAMESPACE}/(?:environments|deployments|experiments|runs|logged-models)/[^/]+/(?:history|diff)"
    ),
    "deletions": re.compile(f"{_MODEL}(?:/versions/[^/]+)?/(?:archive|restore|undelete)"),
    "experiments": re.compile(
        f"{_NAMESPACE}/experiments(?:/[^/]+(?:/(?:archive|restore|undelete|best))?)?"
    ),
    "runs": re.compile(
        f"{_NAMESPACE}/(?:experiments/[^/]+/runs|compare-runs"
        "|runs/[^/]+(?:/(?:archive|restore|undelete|parameters|links))?)"
    ),
    "logged_models": re.compile(
        f"{_NAMESPACE}/(?:experiments/[^/]+/logged-models"
        "|logged-models/[^/]+(?:/(?:undelete|parameters))?)"
    ),
    "metrics": re.compile(f"{_NAMESPACE}/runs/[^/]+/(?:metrics|plot)"),
    "logged_files": re.compile(f"{_NAMESPACE}/runs/[^/]+/files(?:/.*)?", re.DOTALL),
    "environments": re.compile(f"{_NAMESPACE}/environments(?:/[^/]+)?"),
    "deployments": re.compile(f"{_NAMESPACE}/deployments(?:/[^/]+(?:/target)?)?"),
    "serve_records": re.compile(f"{_NAMESPACE}/deployments/[^/]+/serve-records"),
    "retirements": re.compile(f"{_MODEL}/versions/[^/]+/(?:deprecate|undeprecate|retire)"),
    "policies": re.compile(f"{_NAMESPACE}/(?:retention|rule-sets)"),
    "compliance": re.compile(f"{_MODEL}/versions/[^/]+/compliance"),
    "holds": re.compile(f"{_MODEL}(?:/versions/[^/]+)?/hold"),
    "search": re.compile("/search/(?:models|versions|artifacts|experiments|runs|logged-models)"),
    "comparisons": re.compile(f"{_NAMESPACE}/compare"),
    "audit": re.compile("/audit/events(?:/[^/]+(?:/proof)?)?"),
    "checkpoints": re.compile("/audit/checkpoints(?:/[^/]+)?"),
    "events": re.compile(f"{_NAMESPACE}/events"),
    "webhooks": re.compile(f"{_NAMESPACE}/webhooks(?:/[^/]+(?:/rotate-secret)?)?"),
    "deliveries": re.compile(
        f"{_NAMESPACE}/webhooks/[^/]+/(?:ping|deliveries(?:/[^/]+(?:/redeliver)?)?)"
    ),
}
"""Each module of `routes` and the paths that are its alone."""


def create_app(registry: Registry) -> GroupedApi:
    """The native API over a registry."""
    return GroupedApi(
        GROUPS,
        lambda group: _app(group, registry),
        lambda request: problem_response(request, HTTPException(404)),
    )


def router_of(group: str) -> APIRouter:
    """The operations of a group, imported if they are not yet."""
    router: APIRouter = import_module(f"handlers.api.v1.routes.{group}").router
    return router


def _app(group: str, registry: Registry) -> FastAPI:
    """One group; the OpenAPI document is a file, since generating it costs a cold start."""
    app = FastAPI(
        title="Modelry",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would go wherever the Host header says
    )
    app.state.registry = registry
    app.state.dialect = "native"
    app.include_router(router_of(group))
    app.add_exception_handler(RegistryError, problem_response)
    app.add_exception_handler(RequestValidationError, _invalid)  # type: ignore[arg-type]  # of one kind of error
    app.add_exception_handler(HTTPException, problem_response)
    app.add_exception_handler(Exception, problem_response)
    return app


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """What is wrong and where, never the value itself: it may be secret or not even printable."""
    problems = [
        (".".join(str(step) for step in item["loc"])[:200], item["msg"]) for item in error.errors()
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
