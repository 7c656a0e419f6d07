"""The database's commands as spans and measures: their names and collections, nothing in them."""

from threading import Lock
from typing import Any

from opentelemetry.trace import Span
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from core.adapters.otel.telemetry import OpenTelemetry

UNSEEN = frozenset({"hello", "isMaster", "ping", "endSessions"})


class Commands(CommandListener):
    """Told by the driver, in the thread that sends the command."""

    def __init__(self, telemetry: OpenTelemetry) -> None:
        self._telemetry = telemetry
        self._open: dict[tuple[Any, int], tuple[Span, str]] = {}
        self._lock = Lock()

    def started(self, event: CommandStartedEvent) -> None:
        """A command is sent."""
        if event.command_name in UNSEEN:
            return
        collection = event.command.get(event.command_name)
        if event.command_name == "getMore":
            collection = event.command.get("collection")
        name = collection if isinstance(collection, str) else ""
        span = self._telemetry.command_begun(event.command_name, name, event.database_name)
        with self._lock:
            self._open[(event.connection_id, event.request_id)] = (span, name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """It was answered."""
        self._end(event)

    def failed(self, event: CommandFailedEvent) -> None:
        """It was not, or with an error."""
        self._end(event, str(event.failure.get("codeName", "error")))

    def _end(self, event: CommandSucceededEvent | CommandFailedEvent, error: str = "") -> None:
        with self._lock:
            span, collection = self._open.pop((event.connection_id, event.request_id), (None, ""))
        if span is not None:
            seconds = event.duration_micros / 1e6
            self._telemetry.command_done(span, event.command_name, collection, seconds, error)
