"""The SDK as the settings and the standard `OTEL_*` variables want it."""

import os
from collections.abc import Collection

from core.errors import Invalid

try:
    from opentelemetry.metrics import NoOpMeterProvider
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import NoOpTracerProvider
except ImportError as error:
    raise Invalid(
        "Traces and metrics are asked for, but OpenTelemetry is not installed.",
        next_step="Install modelry-server[otel], or unset MODELRY_METRICS_TOKEN and OTEL_*.",
    ) from error

from core.adapters.otel.telemetry import OpenTelemetry

INTERVAL_MILLISECONDS = 30_000
SEND_SECONDS = 1.0


def started(signals: Collection[str], *, exposes_metrics: bool) -> OpenTelemetry:
    """Telemetry that sends these signals (`traces`, `metrics`) by OTLP over HTTP to where the
    `OTEL_EXPORTER_OTLP_*` variables say, and exposes metrics if they are to be fetched."""
    resource = _resource()
    sent: list[TracerProvider | MeterProvider] = []
    tracers: TracerProvider | NoOpTracerProvider = NoOpTracerProvider()
    if "traces" in signals:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        tracers = TracerProvider(resource=resource)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_timeout())))
        sent.append(tracers)
    readers: list[MetricReader] = []
    if "metrics" in signals:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        interval = int(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL", INTERVAL_MILLISECONDS))
        readers.append(
            PeriodicExportingMetricReader(OTLPMetricExporter(timeout=_timeout()), interval)
        )
    exposed = None
    if exposes_metrics:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from prometheus_client import CollectorRegistry

        exposed = CollectorRegistry()
        readers.append(PrometheusMetricReader(scope_info_enabled=False, registry=exposed))
    if not readers:
        return OpenTelemetry(tracers, NoOpMeterProvider(), sent=sent)
    meters = MeterProvider(readers, resource)
    if "metrics" in signals:
        sent.append(meters)
    return OpenTelemetry(tracers, meters, sent=sent, exposed=exposed)


def _timeout() -> float | None:
    """In seconds, retries and all: a function waits for it at the end of each run."""
    return None if "OTEL_EXPORTER_OTLP_TIMEOUT" in os.environ else SEND_SECONDS


def _resource() -> Resource:
    said = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in said
    return Resource.create({} if named else {"service.name": "modelry"})
