"""Spans as an instrumented service sends them, by the real SDK and its exporter.

Not here: the server they are sent to.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode

SERVER = 2  # SPAN_KIND_SERVER


class Service:
    """An instrumented service of one version."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("tests")

    def answer(
        self, route: str, *, error: Exception | None = None, times: int = 1, **attributes: Any
    ) -> None:
        """Answer requests for a route, each with a call to a database inside."""
        told = {"http.request.method": "GET", "http.route": route, **attributes}
        for _ in range(times):
            with self._tracer.start_as_current_span(f"GET {route}", kind=SpanKind.SERVER) as span:
                span.set_attributes(told)
                with self._tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT):
                    pass
                if error is not None:
                    span.record_exception(error)
                    span.set_status(StatusCode.ERROR)

    def flush(self) -> None:
        """Send everything that has not been sent."""
        assert self._provider.force_flush()


@contextmanager
def a_service(
    address: str, headers: Mapping[str, str], *, version: str = "1.0.0", env: str = "prod", gzip: bool = True
) -> Iterator[Service]:
    """Run a service that exports to `address` while a test needs it."""
    told = {"service.name": "checkout", "service.version": version, "deployment.environment.name": env}
    exporter = OTLPSpanExporter(
        endpoint=f"{address}/v1/traces",
        headers=dict(headers),
        compression=Compression.Gzip if gzip else Compression.NoCompression,
    )
    provider = TracerProvider(resource=Resource(told), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=100_000))
    try:
        yield Service(provider)
        assert provider.force_flush()
    finally:
        provider.shutdown()


def a_request(
    *routes: str, service: str = "checkout", status: int = 200, ended_at: int | None = None, **resource: str
) -> ExportTraceServiceRequest:
    """Return a request with one server span for each route, all of one resource."""
    request = ExportTraceServiceRequest()
    told = request.resource_spans.add()
    for key, text in ({"service.name": service, "service.version": "1.0.0"} | resource).items():
        told.resource.attributes.add(key=key).value.string_value = text
    spans = told.scope_spans.add().spans
    now = time.time_ns() if ended_at is None else ended_at
    for route in routes:
        span = spans.add(name=f"GET {route}", kind=SERVER, span_id=os.urandom(8), trace_id=os.urandom(16))
        span.start_time_unix_nano, span.end_time_unix_nano = now - 1_000_000, now
        span.attributes.add(key="http.route").value.string_value = route
        span.attributes.add(key="http.request.method").value.string_value = "GET"
        span.attributes.add(key="http.response.status_code").value.int_value = status
    return request
