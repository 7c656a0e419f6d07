"""What is seen of every request: its line in the log, and its span and measures if that is on."""

import logging
import time
from contextlib import nullcontext
from inspect import isfunction

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ports import Telemetry

UNMATCHED = "unmatched"
"""The route of what is no operation: paths that anybody can think of are no label of a metric."""

_log = logging.getLogger("modelry.requests")


class Watched:
    """ASGI middleware below `RequestContext`, whose request id it uses."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry | None) -> None:
        self.app = app
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500  # until something else is answered

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        state = scope.setdefault("state", {})
        watching = self.telemetry.request(scope) if self.telemetry else nullcontext()
        with watching as seen:
            try:
                await self.app(scope, receive, send_noting)
            finally:
                seconds = time.perf_counter() - began
                route, dialect = _route(scope), state.get("dialect", "")
                if seen is not None:
                    seen.end(route=route, status=status, dialect=dialect, seconds=seconds)
        if _log.isEnabledFor(logging.INFO):
            caller = state.get("caller")
            fields = {
                "request_id": state.get("request_id", ""),
                "subject": caller.principal.name if caller else None,
                "method": scope["method"],
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
                "dialect": dialect or None,
            }
            if seen is not None and seen.trace_id:
                fields["trace_id"] = seen.trace_id
            _log.info("request", extra={"fields": fields})


def _route(scope: Scope) -> str:
    """The operation as it is documented, with the names of its parameters."""
    state = scope["state"]
    route = state.get("route") or getattr(scope.get("route"), "path", None)
    if route is not None:
        return f"{state.get('mounted_at', '')}{route}"
    return scope["path"] if isfunction(scope.get("endpoint")) else UNMATCHED
