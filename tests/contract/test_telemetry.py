"""Traces and metrics against the real driver, and sent to a real receiver."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from core.adapters.otel.telemetry import OpenTelemetry
from core.bootstrap import assemble, prepare
from core.domain.events import SubjectKind
from core.domain.subjects import Subject
from core.registry import Registry
from core.settings import Settings
from tests.builders import settings

Received = list[tuple[str, bytes]]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    """Where OTLP is sent to: path and body of what came."""
    received: Received = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            received.append((self.path, self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    yield received
    server.shutdown()
    server.server_close()


def observed(uri: str, name: str) -> Settings:
    return settings(
        mongodb_uri=uri,
        mongodb_database=name,
        telemetry=("traces", "metrics"),
        metrics_token="t" * 32,
    )


def started_in(registry: Registry) -> OpenTelemetry:
    assert isinstance(registry.telemetry, OpenTelemetry)
    return registry.telemetry


def test_commands_are_sent_as_spans_that_name_no_value(
    mongodb_uri: str, database_name: str, collector: Received
) -> None:
    settings = observed(mongodb_uri, database_name)
    prepare(settings)
    registry = assemble(settings)
    telemetry = started_in(registry)

    with telemetry.task("sweep"):
        subject = Subject(SubjectKind.MODEL, "hunter2", "hunter2/iris")
        assert registry.database.events.last(subject) is None

    (sent,) = [body for path, body in collector if path == "/v1/traces"]
    read = ExportTraceServiceRequest.FromString(sent)
    (resource,) = read.resource_spans
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    assert spans["find events"].parent_span_id == spans["sweep"].span_id
    attributes = {each.key: each.value.string_value for each in spans["find events"].attributes}
    assert attributes == {
        "db.operation.name": "find",
        "db.collection.name": "events",
        "db.system.name": "mongodb",
        "db.namespace": database_name,
    }
    assert b"hunter2" not in sent
    telemetry.close()
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert named["service.name"] == "modelry"


def test_the_same_measures_are_sent_and_exposed(
    mongodb_uri: str, database_name: str, collector: Received
) -> None:
    registry = assemble(observed(mongodb_uri, database_name))
    telemetry = started_in(registry)

    with telemetry.task("sweep"):
        registry.database.transaction(lambda stores: stores.events.page("x", before=None, limit=1))

    (sent,) = [body for path, body in collector if path == "/v1/metrics"]
    read = ExportMetricsServiceRequest.FromString(sent)
    names = {
        metric.name
        for resource in read.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    text = telemetry.exposition()[0].decode()
    telemetry.close()
    assert names >= {"db.client.operation.duration", "modelry.transaction.duration"}
    assert 'db_client_operation_duration_seconds_count{db_collection_name="events"' in text
    assert "modelry_transaction_duration_seconds_count" in text
