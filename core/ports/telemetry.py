"""Traces and metrics, for whoever collects them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Seen(Protocol):
    """A request that is being watched. `trace_id` is 32 hex digits, or "" without traces."""

    trace_id: str

    def end(self, *, route: str, status: int, dialect: str, seconds: float) -> None:
        """Say what came of it."""
        ...


class Telemetry(Protocol):
    """Watches requests, use cases, and what they ask of the database and the store."""

    def request(self, scope: Mapping[str, Any]) -> AbstractContextManager[Seen]:
        """Around the answering of an HTTP request (an ASGI scope), in the trace that its
        `traceparent` names (W3C Trace Context) or a new one."""
        ...

    def task(self, name: str) -> AbstractContextManager[None]:
        """Around one run of a function that answers no request; flushes at its end."""
        ...

    def watched(self, name: str, use_cases: T) -> T:
        """The same use cases, each call of which is seen."""
        ...

    def exposition(self) -> tuple[bytes, str]:
        """All metrics of this process in Prometheus' format, and its media type."""
        ...

    def flush(self) -> None:
        """Send what is not sent yet, in bounded time: a function may be frozen afterwards."""
        ...
