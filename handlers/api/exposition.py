"""`/metrics`: what Prometheus fetches from a process that lives on, if it shows the token."""

import hmac
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import Unauthenticated
from core.ports import Telemetry
from handlers.api.problems import problem_response


def metrics_route(telemetry: Telemetry, token: str) -> Route:
    """The route, for those who send the token as a bearer token."""
    return Route("/metrics", _metrics(telemetry, token), methods=["GET"])


def _metrics(telemetry: Telemetry, token: str) -> Callable[[Request], Response]:
    def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            error = Unauthenticated(
                "Metrics are for those who show the token of MODELRY_METRICS_TOKEN.",
                next_step="Send it as a bearer token.",
            )
            return problem_response(request, error)
        content, media_type = telemetry.exposition()
        return Response(content, media_type=media_type)

    return metrics
