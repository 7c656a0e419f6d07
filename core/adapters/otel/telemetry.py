"""What is seen, as OpenTelemetry's semantic conventions name it; never what it is about: no bodies,
no queries, no addresses with signatures."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from opentelemetry import trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from core.adapters.otel.calls import Watched, WatchedDatabase
from core.errors import Kind, RegistryError
from core.ports import BlobStore, Database, Seen
from core.ports.telemetry import T

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
FLUSH_MILLISECONDS = 2_000
UNSEEN_OF_STORE = ("sign_", "uri", "key_of", "proves_")
"""What asks the store nothing."""

_W3C = TraceContextTextMapPropagator()


class OpenTelemetry:
    """See `core.ports.Telemetry`."""

    def __init__(
        self,
        tracers: TracerProvider,
        meters: MeterProvider,
        *,
        sent: Sequence[Any] = (),
        exposed: Any = None,
    ) -> None:
        """`sent` are the providers to flush, `exposed` the registry of Prometheus' client."""
        self._tracer = tracers.get_tracer("modelry")
        self._sent = sent
        self._exposed = exposed
        meter = meters.get_meter("modelry")

        def seconds(name: str, description: str) -> Any:
            return meter.create_histogram(
                name, "s", description, explicit_bucket_boundaries_advisory=SECONDS
            )

        self._requests = seconds("http.server.request.duration", "HTTP requests, by route")
        self._active = meter.create_up_down_counter(
            "http.server.active_requests", "{request}", "HTTP requests under way"
        )
        self._commands = seconds("db.client.operation.duration", "Commands to the database")
        self._calls = seconds("modelry.store.operation.duration", "Calls of the object store")
        self._transactions = seconds("modelry.transaction.duration", "Transactions, tries and all")
        self._retries = meter.create_counter(
            "modelry.transaction.retries",
            "{retry}",
            "Transactions run again",
        )
        self._tasks = seconds("modelry.task.duration", "Runs of functions that answer no request")

    @contextmanager
    def request(self, scope: Mapping[str, Any]) -> Iterator[Seen]:
        """See `core.ports.Telemetry.request`."""
        wanted = (b"traceparent", b"tracestate")
        headers = {k.decode(): v.decode("latin-1") for k, v in scope["headers"] if k in wanted}
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        labels = {"http.request.method": method}
        self._active.add(1, labels)
        try:
            with self._span(method, SpanKind.SERVER, labels, context=_W3C.extract(headers)) as span:
                yield _Seen(self, span, labels, scope["state"].get("request_id", ""))
        finally:
            self._active.add(-1, labels)

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        """See `core.ports.Telemetry.task`."""
        began = time.perf_counter()
        try:
            with self._span(name, SpanKind.CONSUMER, {}) as span, _failing(span) as labels:
                yield
        finally:
            seconds = time.perf_counter() - began
            self._tasks.record(seconds, {"modelry.task": name, **labels})
            self.flush()

    def watched(self, name: str, use_cases: T) -> T:
        """See `core.ports.Telemetry.watched`."""

        @contextmanager
        def measure(method: str) -> Iterator[None]:
            with self._span(f"{name}.{method}", SpanKind.INTERNAL, {}) as span, _failing(span):
                yield

        return cast(T, Watched(use_cases, measure))

    def blobs(self, store: BlobStore) -> BlobStore:
        """The same store, each call of which is seen."""

        @contextmanager
        def measure(method: str) -> Iterator[None]:
            began, labels = time.perf_counter(), {"modelry.store.operation": method}
            problems: Mapping[str, str] = {}
            try:
                with (
                    self._span(f"store.{method}", SpanKind.CLIENT, labels) as span,
                    _failing(span) as problems,
                ):
                    yield
            finally:
                self._calls.record(time.perf_counter() - began, {**labels, **problems})

        return cast(BlobStore, Watched(store, measure, UNSEEN_OF_STORE))

    def database(self, database: Database) -> Database:
        """The same database, each transaction of which is seen."""
        retried = partial(self._retries.add, 1)
        return cast(Database, WatchedDatabase(database, self._transaction, retried))

    def listeners(self) -> tuple[Any, ...]:
        """What the database's driver tells of its commands."""
        from core.adapters.otel.commands import Commands

        return (Commands(self),)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        began = time.perf_counter()
        problems: Mapping[str, str] = {}
        try:
            with (
                self._span("transaction", SpanKind.INTERNAL, {}) as span,
                _failing(span) as problems,
            ):
                yield
        finally:
            self._transactions.record(time.perf_counter() - began, problems)

    def command_begun(self, name: str, collection: str, database: str) -> Span:
        """A command goes to the database."""
        labels = _command_labels(name, collection)
        more = {"db.system.name": "mongodb", "db.namespace": database}
        title = f"{name} {collection}".strip()
        return self._tracer.start_span(title, kind=SpanKind.CLIENT, attributes={**labels, **more})

    def command_done(
        self, span: Span, name: str, collection: str, seconds: float, error: str = ""
    ) -> None:
        """It was answered."""
        labels = _command_labels(name, collection)
        if error:
            labels["error.type"] = error
            span.set_status(Status(StatusCode.ERROR, error))
        span.end()
        self._commands.record(seconds, labels)

    def answered(
        self,
        span: Span,
        labels: Mapping[str, str],
        *,
        route: str,
        status: int,
        dialect: str,
        seconds: float,
    ) -> None:
        """What came of a request."""
        more: dict[str, Any] = {
            "http.route": route, "http.response.status_code": status, "modelry.dialect": dialect,
        }  # fmt: skip
        span.update_name(f"{labels['http.request.method']} {route}")
        span.set_attributes(more)
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        self._requests.record(seconds, {**labels, **more})

    def outgoing(self) -> dict[str, str]:
        """The headers that carry the trace on (W3C Trace Context)."""
        headers: dict[str, str] = {}
        _W3C.inject(headers)
        return headers

    def exposition(self) -> tuple[bytes, str]:
        """See `core.ports.Telemetry.exposition`."""
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._exposed), CONTENT_TYPE_LATEST

    def flush(self) -> None:
        """See `core.ports.Telemetry.flush`."""
        for provider in self._sent:
            provider.force_flush(FLUSH_MILLISECONDS)

    def close(self) -> None:
        """Send what is not sent yet, and nothing more."""
        for provider in self._sent:
            provider.shutdown()

    def _span(self, name: str, kind: SpanKind, labels: Mapping[str, Any], **more: Any) -> Any:
        # An exception's message may hold what a span must not.
        return self._tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=labels,
            record_exception=False,
            set_status_on_exception=False,
            **more,
        )


class _Seen:
    def __init__(
        self, to: OpenTelemetry, span: Span, labels: Mapping[str, str], request_id: str
    ) -> None:
        self._to = to
        self._span = span
        self._labels = labels
        context = span.get_span_context()
        self.trace_id = trace.format_trace_id(context.trace_id) if context.is_valid else ""
        span.set_attribute("modelry.request_id", request_id)

    def end(self, *, route: str, status: int, dialect: str, seconds: float) -> None:
        self._to.answered(
            self._span, self._labels, route=route, status=status, dialect=dialect, seconds=seconds
        )


def _command_labels(name: str, collection: str) -> dict[str, str]:
    return {"db.operation.name": name, "db.collection.name": collection}


@contextmanager
def _failing(span: Span) -> Iterator[dict[str, str]]:
    """What is wrong if it raises: a refusal of the registry's is an outcome, no fault."""
    labels: dict[str, str] = {}
    try:
        yield labels
    except RegistryError as error:
        labels["error.type"] = error.kind.value
        span.set_attributes(labels)
        if error.kind is Kind.UNAVAILABLE:
            span.set_status(Status(StatusCode.ERROR))
        raise
    except Exception as error:
        labels["error.type"] = type(error).__name__
        span.set_attributes(labels)
        span.set_status(Status(StatusCode.ERROR))
        raise
