"""Events over HTTP, where no platform calls functions: storage events and schedules by POST.

Knative, Cloud Run and MinIO's webhook send them so. Each must show the token of the settings; an
answer of 503 makes the sender repeat, which is always safe.
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from core.errors import RegistryError, TooLarge, Unauthenticated, Unavailable
from core.registry import Registry
from core.settings import Settings
from handlers.api.context import RequestContext
from handlers.api.problems import problem_response
from handlers.api.watched import Watched
from handlers.events.cloud_events import unwrapped
from handlers.events.schedules import relay, sweep
from handlers.events.uploads import BatchFailed, receive_all

MAX_EVENT_BYTES = 1 << 20

Run = Callable[[list[Any], str], Any]
"""What is done with the data of the events of one request, under its id."""


def event_app(registry: Registry, settings: Settings) -> ASGIApp:
    """`POST /NAME` for each kind of event, and nothing else; not even those without a token that
    senders could show."""

    def uploads(events: list[Any], request_id: str) -> Any:
        outcomes: dict[str, int] = {}
        for event in events:
            if isinstance(event, Mapping) and not event.get("Records", True):
                continue  # MinIO tries an endpoint with an empty event
            answer = receive_all(registry.receipts, settings.s3_bucket, event, request_id)
            if answer["batchItemFailures"]:
                raise BatchFailed("some messages could not be handled now")
            for outcome, count in answer["outcomes"].items():
                outcomes[outcome] = outcomes.get(outcome, 0) + count
        return {"outcomes": outcomes}

    runs: dict[str, Run] = {
        "uploads": uploads,
        "sweep": lambda _, request_id: sweep(registry, request_id),
        "relay": lambda _, request_id: relay(registry, request_id),
    }
    token = settings.events_token
    routes = [
        Route(f"/{name}", _endpoint(run, token), methods=["POST", "HEAD"])
        for name, run in (runs if token else {}).items()
    ]
    app = Starlette(routes=routes, exception_handlers={404: _unknown, 405: _unknown})
    app.router.redirect_slashes = False
    return RequestContext(Watched(app, registry.telemetry), settings.public_url)


def _unknown(request: Request, error: Exception) -> Response:
    return problem_response(request, error)


def _endpoint(run: Run, token: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            _check_token(request, token)
            if request.method == "HEAD":  # MinIO asks so whether an endpoint is there
                return Response()
            body = await _body(request)
            events = unwrapped(request.headers.get("content-type", ""), body) if body else []
            answer = await run_in_threadpool(run, events, request.scope["state"]["request_id"])
        except BatchFailed as failure:
            return problem_response(request, Unavailable(f"Not all was done: {failure}."))
        except RegistryError as error:
            return problem_response(request, error)
        return Response(orjson.dumps(answer), media_type="application/json")

    return endpoint


def _check_token(request: Request, token: str) -> None:
    given = request.headers.get("authorization", "").encode("latin-1")
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Unauthenticated(
            "Events are taken from those who show the token of MODELRY_EVENTS_TOKEN.",
            next_step="Send it as a bearer token.",
        )


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_EVENT_BYTES:
            raise TooLarge(
                f"An event is at most {MAX_EVENT_BYTES:,} bytes.", next_step="Send fewer at once."
            )
    return body
