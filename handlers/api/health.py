"""Whether the process lives, whether it can do its work, and what of it cannot."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from threading import Lock, Thread
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import RegistryError, Unavailable
from core.registry import Registry
from handlers.api.problems import problem_response

DEADLINE_SECONDS = 4.0
KEPT_SECONDS = 1.0
"""For how long one look at the parts answers everybody: who asks in a loop asks only us."""
NEEDED = frozenset({"database", "store"})
"""Without an issuer, its known keys and service accounts still work."""


def health_routes(registry: Registry) -> list[Route]:
    """`/health` in one word, `/livez` and `/readyz` for whoever restarts and routes."""
    readiness = Readiness(registry)

    def health(request: Request) -> Response:
        try:
            registry.check_health()
        except Unavailable as error:
            return problem_response(request, error)
        return PlainTextResponse("OK")

    async def livez(request: Request) -> Response:
        return PlainTextResponse("OK")

    def readyz(request: Request) -> Response:
        return readiness.answer()

    return [
        Route("/health", health, methods=["GET"]),
        Route("/livez", livez, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]


class Readiness:
    """Asks every part at once, and waits no longer than `deadline_seconds` for all of them."""

    def __init__(self, registry: Registry, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._registry = registry
        self._deadline_seconds = deadline_seconds
        self._lock = Lock()
        self._known: tuple[float, Mapping[str, Any]] | None = None

    def answer(self) -> Response:
        """200 if what is needed answers, else 503; and what each part says."""
        with self._lock:  # one looks, the others wait for what it sees
            if self._known is None or time.monotonic() - self._known[0] > KEPT_SECONDS:
                self._known = (time.monotonic(), self._look())
            parts = self._known[1]
        down = [name for name, part in parts.items() if part["status"] != "ok"]
        is_ready = not NEEDED & set(down)
        word = "ready" if not down else "degraded" if is_ready else "unavailable"
        return Response(
            orjson.dumps({"status": word, "parts": parts}),
            200 if is_ready else 503,
            media_type="application/json",
        )

    def _look(self) -> Mapping[str, Any]:
        asked = {name: _asked(check) for name, check in self._registry.checks().items()}
        wait(asked.values(), timeout=self._deadline_seconds)
        late = {
            "status": "down",
            "problem": f"No answer within {self._deadline_seconds:g} seconds.",
        }
        return {name: each.result() if each.done() else late for name, each in asked.items()}


def _asked(check: Callable[[], None]) -> Future[Mapping[str, Any]]:
    """In a thread that nobody waits for at the end of the process, unlike those of a pool."""
    answer: Future[Mapping[str, Any]] = Future()
    Thread(target=lambda: answer.set_result(_timed(check)), name="readiness", daemon=True).start()
    return answer


def _timed(check: Callable[[], None]) -> Mapping[str, Any]:
    began = time.perf_counter()
    try:
        check()
    except RegistryError as error:
        return {"status": "down", "problem": error.message}
    except Exception as error:  # whatever it is, the part is not well
        return {"status": "down", "problem": f"It failed with {type(error).__name__}."}
    return {"status": "ok", "duration_ms": round((time.perf_counter() - began) * 1000, 1)}
