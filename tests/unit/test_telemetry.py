"""Traces and metrics: what is measured under which name, and what never gets into them."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from core.adapters.otel.telemetry import OpenTelemetry
from core.bootstrap import bundle
from core.errors import Unavailable
from tests.api.client import MODEL, Api, declared, problem
from tests.builders import World

TOKEN = "t" * 32
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


class Observed(Api):
    """The application on memory, everything of which is seen."""

    def __init__(self) -> None:
        world = World(metrics_token=TOKEN)
        self.exporter = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        exposed = CollectorRegistry()
        meters = MeterProvider([PrometheusMetricReader(registry=exposed)])
        self.telemetry = OpenTelemetry(tracers, meters, sent=[tracers], exposed=exposed)
        world.registry = bundle(
            world.settings,
            self.telemetry.database(world.database),
            self.telemetry.blobs(world.blobs),
            world.tokens,
            world.clock,
            telemetry=self.telemetry,
        )
        super().__init__(world)

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}

    def metrics(self) -> str:
        answer = self.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return str(answer.text)


@pytest.fixture
def api() -> Observed:
    api = Observed()
    assert api.post("/api/v1/namespaces/default/models", json={"name": "iris"}).is_success
    return api


def parents(spans: Mapping[str, ReadableSpan], name: str) -> list[str]:
    """The names of the spans around this one, from the inside."""
    by_id = {span.context.span_id: each for each, span in spans.items()}
    found = []
    parent = spans[name].parent
    while parent is not None and parent.span_id in by_id:
        found.append(by_id[parent.span_id])
        parent = spans[found[-1]].parent
    return found


def test_a_push_is_one_trace_from_the_request_to_the_store(api: Observed) -> None:
    files = {"files": [declared("a.onnx", b"x")]}
    assert api.post(f"{MODEL}/versions", json=files).status_code == 201
    api.exporter.clear()

    api.post(f"{MODEL}/versions/1/upload/complete", headers=PARENT)

    spans = api.spans()
    model = "/api/v1/namespaces/{namespace}/models/{model}"
    request = f"POST {model}/versions/{{number}}/upload/complete"
    assert parents(spans, "store.stat") == ["Receipts.complete", request]
    assert {span.context.trace_id for span in spans.values()} == {int(TRACE, 16)}
    attributes = spans[request].attributes
    assert attributes is not None
    assert attributes["http.response.status_code"] == 200


def test_a_transaction_is_within_its_use_case(api: Observed) -> None:
    assert parents(api.spans(), "transaction") == [
        "Models.register",
        "POST /api/v1/namespaces/{namespace}/models",
    ]


def test_what_was_said_and_what_is_secret_is_in_no_span(api: Observed) -> None:
    secret = "hunter2-the-password"
    answer = api.post(
        f"{MODEL}/versions?reason={secret}",
        json={"description": secret, "tags": {"a": secret}},
        headers={"X-Something": secret},
    )
    api.get(f"/api/v1/namespaces/{secret}/models")

    assert answer.status_code == 201
    said = "".join(span.to_json() for span in api.exporter.get_finished_spans())
    assert secret not in said
    assert api.headers["Authorization"].partition(" ")[2] not in said
    assert secret not in api.metrics()


def test_an_outage_is_a_fault_of_the_part_and_a_refusal_is_none(api: Observed) -> None:
    api.exporter.clear()
    api.get("/api/v1/namespaces/default/models/nothing")
    api.world.blobs.down = True
    with pytest.raises(Unavailable):
        api.world.registry.blobs.stat("x")

    spans = api.spans()
    assert spans["Models.get"].status.is_unset
    assert spans["Models.get"].attributes is not None
    assert spans["Models.get"].attributes["error.type"] == "not-found"
    assert not spans["store.stat"].status.is_ok
    assert 'modelry_store_operation="stat"' in api.metrics()
    assert 'error_type="unavailable"' in api.metrics()


def test_metrics_count_requests_by_their_routes_and_not_by_what_anybody_writes(
    api: Observed,
) -> None:
    for name in ("a", "b", "c"):
        api.get(f"/api/v1/namespaces/default/models/{name}")
        api.get(f"/{name}")
        api.request(name.upper(), "/health")

    counted = re.findall(
        r"http_server_request_duration_seconds_count\{(.*?)\} (\S+)", api.metrics()
    )

    found = {labels: float(count) for labels, count in counted}
    unknown = 'http_request_method="GET",http_response_status_code="404",'
    model = "/api/v1/namespaces/{namespace}/models/{model}"
    assert [count for labels, count in found.items() if f'http_route="{model}"' in labels] == [3.0]
    assert [
        count
        for labels, count in found.items()
        if labels.startswith(unknown) and 'http_route="unmatched"' in labels
    ] == [3.0]
    assert any('http_request_method="_OTHER"' in labels for labels in found)
    assert not [labels for labels in found if 'method="A"' in labels]


@pytest.mark.parametrize("given", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xff"])
def test_metrics_are_for_who_shows_the_token(api: Observed, given: str) -> None:
    answer = api.get("/metrics", headers={b"Authorization": given.encode("latin-1")})

    problem(answer, 401, "unauthenticated")


def test_without_a_token_in_the_settings_there_are_no_metrics() -> None:
    api = Api()

    problem(api.get("/metrics"), 404, "not-found")
    assert api.world.registry.telemetry is None


@pytest.mark.parametrize("header", ["", "00-0-0-0", "x" * 10_000, "00-" + "f" * 32 + "-0-01"])
def test_a_trace_that_makes_no_sense_is_not_joined(api: Observed, header: str) -> None:
    api.exporter.clear()

    assert api.get("/livez", headers={"traceparent": header}).status_code == 200

    assert api.spans()["GET /livez"].parent is None


def test_the_trace_is_passed_on(api: Observed) -> None:
    scope: dict[str, Any] = {
        "method": "GET",
        "headers": [(b"traceparent", PARENT["traceparent"].encode())],
        "state": {},
    }
    with api.telemetry.request(scope) as seen:
        outgoing = api.telemetry.outgoing()

    assert seen.trace_id == TRACE
    assert outgoing["traceparent"].startswith(f"00-{TRACE}-")
    assert api.telemetry.outgoing() == {}


def test_runs_of_functions_are_seen_and_flushed(api: Observed) -> None:
    with pytest.raises(ZeroDivisionError), api.telemetry.task("sweep"):
        _ = 1 / 0

    assert not api.spans()["sweep"].status.is_ok
    assert re.search(
        r'modelry_task_duration_seconds_count\{error_type="ZeroDivisionError",modelry_task="sweep"',
        api.metrics(),
    )
