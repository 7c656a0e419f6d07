"""The HTTP application: what all dialects share, and each dialect when it is first asked for.

A function that only ever serves one dialect never imports another.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from importlib import import_module

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import RegistryError
from core.registry import Registry
from core.settings import Settings
from handlers.api.context import RequestContext
from handlers.api.health import health_routes
from handlers.api.problems import problem_response
from handlers.api.watched import Watched

KUBEFLOW = {"v1": "handlers.api.kubeflow.app", "v1alpha3": "handlers.api.kubeflow.first"}
MLFLOW = "handlers.api.mlflow.app"
DIALECTS = {
    "/api/v1": "handlers.api.v1.app",
    **{
        f"{prefix}/api/model_registry/{generation}": module
        for prefix in ("", "/ns/{namespace}")
        for generation, module in KUBEFLOW.items()
    },
    **{
        f"{prefix}/{kind}/{generation}": MLFLOW
        for prefix in ("", "/ns/{namespace}")
        for kind in ("api", "ajax-api")
        for generation in ("2.0", "3.0")
    },
    "/ns/{namespace}": MLFLOW,
}
MLFLOW_PAGES = ("/version", "/get-artifact", "/model-versions/get-artifact")
"""What MLflow's clients ask for outside of its API; `/health` means the same in every dialect."""


def create_app(registry: Registry, settings: Settings) -> ASGIApp:
    """The whole API over a registry. Each dialect's module has `create_app(registry)`."""
    dialects = {module: Dialect(module, registry) for module in DIALECTS.values()}
    routes = [
        *health_routes(registry),
        Route(
            "/.well-known/oauth-protected-resource",
            _protected_resource(settings),
            methods=["GET"],
        ),
        Route("/.well-known/modelry-audit-keys", _audit_keys(registry), methods=["GET"]),
        *_metrics(registry, settings),
        *(Route(path, dialects[MLFLOW]) for path in MLFLOW_PAGES),
        *(Mount(path, _Mounted(path, dialects[module])) for path, module in DIALECTS.items()),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})
    app.router.redirect_slashes = False  # a redirect would go wherever the Host header says
    app.state.settings = settings
    return RequestContext(Watched(app, registry.telemetry), settings.public_url)


def _metrics(registry: Registry, settings: Settings) -> list[Route]:
    if registry.telemetry is None or not settings.metrics_token:
        return []
    from handlers.api.exposition import metrics_route

    return [metrics_route(registry.telemetry, settings.metrics_token)]


class Dialect:
    """A mounted application that is imported and built at its first request."""

    def __init__(self, module: str, registry: Registry) -> None:
        self.module = module
        self.registry = registry
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            self.app = import_module(self.module).create_app(self.registry)
        await self.app(scope, receive, send)


class _Mounted:
    """Notes where, so that the log can say which operation a request was of."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        self.path = path
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["mounted_at"] = self.path
        await self.app(scope, receive, send)


def _protected_resource(settings: Settings) -> Callable[[Request], Response]:
    """RFC 9728: where a person's client that has no token gets one. Workloads bring theirs."""
    issuers = [issuer for issuer in settings.issuers if not issuer.platform]

    def metadata(request: Request) -> Response:
        document = {
            "resource": settings.public_url or str(request.base_url).rstrip("/"),
            "authorization_servers": [issuer.url for issuer in issuers],
            "bearer_methods_supported": ["header"],
            "modelry_issuers": [
                {
                    "name": issuer.name,
                    "url": issuer.url,
                    "client_id": issuer.client_id,
                    "audience": issuer.audience,
                }
                for issuer in issuers
            ],
        }
        return Response(orjson.dumps(document), media_type="application/json")

    return metadata


def _audit_keys(registry: Registry) -> Callable[[Request], Response]:
    """RFC 7517 and RFC 8037: the public keys that checkpoints of the audit log are signed with."""

    def keys(request: Request) -> Response:
        try:
            public = registry.signer.public_keys()
        except RegistryError as error:  # what is set is no key
            return problem_response(request, error)
        document = {
            "keys": [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "use": "sig",
                    "alg": "EdDSA",
                    "kid": key_id,
                    "x": urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("="),
                }
                for key_id, key in public.items()
            ]
        }
        return Response(orjson.dumps(document), media_type="application/json")

    return keys


def _unknown(request: Request, error: Exception) -> Response:
    return problem_response(request, error)
