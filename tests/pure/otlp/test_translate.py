"""What of a span is counted, and as what."""

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from fairlead.dialects.otlp.protobuf import span_of
from fairlead.dialects.otlp.translate import Counter
from fairlead.domain.traffic import MINUTE_NS
from tests.factories import NOON

ERROR = 2


def counted(span: Span, resource: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return the resource that a span is counted as, and its type of error."""
    counter = Counter(NOON, 30)
    told = {"service.name": "checkout"} if resource is None else resource
    counter.enter(_attributes(told))
    counter.take(span_of(span.SerializeToString()))
    [cell] = counter.requests
    return cell.series.resource, next((fault.error_type for fault in counter.faults), "")


def a_span(name: str = "GET", *, status: int = 0, **attributes: Any) -> Span:
    span = Span(name=name, kind=Span.SPAN_KIND_SERVER, end_time_unix_nano=NOON)
    span.status.code = status  # type: ignore[assignment]  # its stubs want the enumeration
    for key, value in attributes.items():
        told = span.attributes.add(key=key.replace("_dot_", ".")).value
        if isinstance(value, int):
            told.int_value = value
        else:
            told.string_value = value
    return span


def with_exceptions(span: Span, *types: str) -> Span:
    for text in types:
        event = span.events.add(name="exception")
        event.attributes.add(key="exception.type").value.string_value = text
    return span


def _attributes(told: Mapping[str, str]) -> Any:
    span = Span()
    for key, text in told.items():
        span.attributes.add(key=key).value.string_value = text
    return span.attributes


@pytest.mark.parametrize(
    ("attributes", "resource"),
    [
        ({"http_dot_route": "/cart", "http_dot_request_dot_method": "POST"}, "POST /cart"),
        ({"http_dot_route": "/cart", "http_dot_method": "GET"}, "GET /cart"),
        ({"http_dot_route": "/cart"}, "/cart"),
        ({"http_dot_request_dot_method": "POST"}, "checkout.Cart/Add"),
    ],
)
def test_a_resource_is_the_route_with_its_method_or_the_name(
    attributes: dict[str, Any], resource: str
) -> None:
    assert (resource, "") == counted(a_span("checkout.Cart/Add", **attributes))


@pytest.mark.parametrize(
    ("span", "error_type"),
    [
        (a_span(status=ERROR), "error"),
        (a_span(status=ERROR, error_dot_type="timeout"), "timeout"),
        (a_span(http_dot_response_dot_status_code=503), "503"),
        (a_span(http_dot_status_code=500), "500"),
        (a_span(http_dot_response_dot_status_code="502"), "502"),
        (a_span(http_dot_response_dot_status_code=404), ""),
        (with_exceptions(a_span(status=ERROR), "KeyError", "PaymentError"), "PaymentError"),
        (with_exceptions(a_span(http_dot_response_dot_status_code=500), "KeyError"), "KeyError"),
        (with_exceptions(a_span(), "KeyError"), ""),
    ],
)
def test_an_error_has_the_type_of_its_last_exception_or_else_what_is_told(
    span: Span, error_type: str
) -> None:
    assert ("GET", error_type) == counted(span)


@pytest.mark.parametrize("kind", [kind for kind in Span.SpanKind.values() if kind != Span.SPAN_KIND_SERVER])
def test_only_server_spans_are_counted(kind: Any) -> None:
    counter = Counter(NOON, 30)
    counter.enter(_attributes({"service.name": "checkout"}))

    counter.take(Span(kind=kind, name="x", end_time_unix_nano=NOON))

    assert (1, {}) == (counter.seen, counter.requests)


def test_service_and_environment_are_lower_case_and_names_have_an_end() -> None:
    counter = Counter(NOON, 30)
    counter.enter(
        _attributes(
            {"service.name": " Checkout\x00", "deployment.environment": "PROD", "service.version": "v" * 400}
        )
    )
    counter.take(a_span(""))

    [cell] = counter.requests
    assert ("otlp", "checkout", "prod", "v" * 300, "(unnamed)") == cell.series
    assert NOON // MINUTE_NS == cell.minute


def test_the_stable_name_of_the_environment_wins() -> None:
    counter = Counter(NOON, 30)
    counter.enter(
        _attributes(
            {"service.name": "a", "deployment.environment": "old", "deployment.environment.name": "new"}
        )
    )
    counter.take(a_span())

    [cell] = counter.requests
    assert "new" == cell.series.env
