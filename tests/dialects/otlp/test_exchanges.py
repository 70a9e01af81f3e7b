"""What goes over the wire, in both encodings, and what is refused."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from fairlead.store.ledger import Ledger
from tests.casts import Cast, Person, a_cast
from tests.servers import served
from tests.spans import SERVER, a_request

PATH = "/v1/traces"
PROTOBUF = "application/x-protobuf"
DAY_NS = 86_400 * 10**9
LEFT_OUT = (
    "1 spans are left out: their resource has no service.name",
    "1 spans are left out: they end in the future",
    "2 spans are left out: they ended more than 30 days ago",
)


def send(person: Person, request: ExportTraceServiceRequest | bytes, **headers: str) -> httpx.Response:
    body = request if isinstance(request, bytes) else request.SerializeToString()
    return person.send_bytes("POST", PATH, body, **{"Content_Type": PROTOBUF} | headers)


def send_json(person: Person, body: Any) -> httpx.Response:
    return person.post(PATH, body)


def counted(person: Person, service: str = "checkout") -> dict[str, tuple[int, dict[str, int]]]:
    """Return requests and types of errors by resource."""
    answer = person.get(f"/api/fairlead/v1/traffic?service={service}")
    return {one["resource"]: (one["requests"], one["error_types"]) for one in answer.json()["series"]}


def partial(answer: httpx.Response) -> tuple[int, str]:
    assert 200 == answer.status_code, answer.text
    told = ExportTraceServiceResponse.FromString(answer.content).partial_success
    return told.rejected_spans, told.error_message


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Return status and message of a refusal in protobuf: a `google.rpc.Status`."""
    assert PROTOBUF == answer.headers["Content-Type"]
    assert (b"\x08", b"\x12") == (answer.content[:1], answer.content[2:3])
    return answer.status_code, answer.content[4:].decode()


def a_span(**changes: Any) -> dict[str, Any]:
    """Return a span in JSON, as the specification writes one."""
    ended_at = str(time.time_ns())
    fields = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "GET /cart",
        "kind": SERVER,
        "startTimeUnixNano": ended_at,
        "endTimeUnixNano": ended_at,
        "attributes": [{"key": "http.route", "value": {"stringValue": "/cart"}}],
    }
    return fields | changes


def in_json(*spans: dict[str, Any]) -> dict[str, Any]:
    named = [{"key": "service.name", "value": {"stringValue": "checkout"}}]
    scope = {"scope": {"name": "manual"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": named}, "scopeSpans": [scope]}]}


def test_what_was_taken_is_answered_with_an_empty_message(cast: Cast) -> None:
    answer = send(cast.robot, a_request("/cart"))

    assert (200, b"", PROTOBUF) == (answer.status_code, answer.content, answer.headers["Content-Type"])


def test_spans_in_json_are_counted_alike(cast: Cast) -> None:
    failed = a_span(
        status={"code": 2, "message": "no"},
        events=[
            {
                "name": "exception",
                "attributes": [{"key": "exception.type", "value": {"stringValue": "TimeoutError"}}],
            }
        ],
    )

    answer = send_json(cast.robot, in_json(a_span(), failed, a_span(kind=3), a_span(kind="SPAN_KIND_SERVER")))

    assert (200, {}, "application/json") == (
        answer.status_code,
        answer.json(),
        answer.headers["Content-Type"],
    )
    assert {"/cart": (3, {"TimeoutError": 1})} == counted(cast.ada)


def test_a_request_that_is_sent_again_is_counted_once(cast: Cast) -> None:
    request = a_request("/cart", "/cart")

    assert [200, 200] == [send(cast.robot, request).status_code for _ in range(2)]
    assert (
        200
        == send(cast.robot, gzip.compress(request.SerializeToString()), Content_Encoding="gzip").status_code
    )
    assert {"GET /cart": (2, {})} == counted(cast.ada)


def test_the_same_minute_adds_up_over_requests(cast: Cast) -> None:
    for _ in range(3):
        send(cast.robot, a_request("/cart", status=500))

    assert {"GET /cart": (3, {"500": 3})} == counted(cast.ada)


def test_spans_that_cannot_be_counted_are_told_in_the_answer(cast: Cast) -> None:
    request = a_request("/cart")
    request.MergeFrom(a_request("/cart", service=""))
    request.MergeFrom(a_request("/cart", "/pay", ended_at=time.time_ns() - 40 * DAY_NS))
    request.MergeFrom(a_request("/cart", ended_at=time.time_ns() + DAY_NS))

    assert (4, "; ".join(LEFT_OUT)) == partial(send(cast.robot, request))
    assert {"GET /cart": (1, {})} == counted(cast.ada)


def test_what_is_told_in_json_about_spans_left_out(cast: Cast) -> None:
    answer = send_json(cast.robot, in_json(a_span(endTimeUnixNano="1"), a_span(), {"name": 5}))

    assert {
        "partialSuccess": {
            "rejectedSpans": "2",
            "errorMessage": "1 spans are left out: they are not well-formed; "
            "1 spans are left out: they ended more than 30 days ago",
        }
    } == answer.json()
    assert {"/cart": (1, {})} == counted(cast.ada)


def test_a_span_that_is_no_protobuf_costs_its_neighbours_nothing(cast: Cast) -> None:
    request = a_request("/cart", "/pay")
    request.resource_spans[0].scope_spans[0].spans[0].name = "broken"
    body = request.SerializeToString().replace(b"broken", b"bro\xffen")

    assert 1 == partial(send(cast.robot, body))[0]
    assert {"GET /pay": (1, {})} == counted(cast.ada)


@pytest.mark.parametrize(
    "body", [b"\xff\xff\xff", b"\x0a\x7f\x00", b"not protobuf at all", b"\x0a\x02\x12\x09"]
)
def test_a_body_that_is_no_protobuf_is_refused(cast: Cast, body: bytes) -> None:
    assert (400, "the body is not an ExportTraceServiceRequest in protobuf") == refused(
        send(cast.robot, body)
    )


def test_a_body_that_is_no_json_is_refused_in_json(cast: Cast) -> None:
    answer = cast.robot.send_bytes("POST", PATH, b'{"resourceSpans": [', Content_Type="application/json")

    assert (400, 3) == (answer.status_code, answer.json()["code"])
    assert {"code", "message"} == answer.json().keys()


def test_another_kind_of_content_is_refused(cast: Cast) -> None:
    answer = send(cast.robot, b"<spans/>", Content_Type="text/xml")

    assert (415, "the Content-Type must be application/x-protobuf or application/json") == (
        answer.status_code,
        answer.json()["message"],
    )


def test_a_stranger_is_refused_in_the_encoding_of_the_request(cast: Cast) -> None:
    for stranger in (cast.nobody, cast.eve):
        assert (401, "The request carries no valid key.") == refused(send(stranger, a_request("/cart")))
        assert 401 == send_json(stranger, in_json(a_span())).status_code


def test_an_application_key_or_a_reading_token_sends_no_spans(cast: Cast) -> None:
    app_key = cast.ada.headers["DD-APPLICATION-KEY"]
    person = Person(cast.ada.http, {"Authorization": f"Bearer {app_key}"}, cast.ada.org_id)

    assert 401 == send(person, a_request("/cart")).status_code


BOMBS = {
    "unpacks to more than the limit": (gzip.compress(bytes(64 << 20)), {"Content_Encoding": "gzip"}, 413),
    "millions of spans": (
        b"\x0a\x80\x80\x80\x04\x12\xfb\xff\xff\x03" + b"\x12\x00" * (4194299 // 2),
        {},
        400,
    ),
    "millions of scopes": (b"\x0a\x80\x80\x80\x01" + b"\x12\x00" * (1 << 20), {}, 413),
    "millions of resources": (b"\x0a\x00" * (1 << 20), {}, 413),
    "millions of spans in json": (
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + b"{}," * 4_000_000 + b"{}]}]}]}",
        {"Content_Type": "application/json"},
        413,
    ),
    "deep json": (
        b'{"resourceSpans":' + b"[" * 1_000_000,
        {"Content_Type": "application/json"},
        400,
    ),
    "not gzip": (b"\x00\x01", {"Content_Encoding": "gzip"}, 400),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(cast: Cast, name: str) -> None:
    body, headers, status = BOMBS[name]

    assert status == send(cast.robot, body, **headers).status_code
    assert {} == counted(cast.ada)


def test_too_many_spans_are_refused(cast: Cast) -> None:
    inner = b"\x12\x00" * 100_001
    scope = b"\x12" + _varint(len(inner)) + inner

    answer = send(cast.robot, b"\x0a" + _varint(len(scope)) + scope)

    assert (413, "the request holds more than 100000 spans") == refused(answer)


def test_a_span_that_is_a_bomb_is_left_out(cast: Cast) -> None:
    request = a_request("/cart", "/pay")
    span = request.resource_spans[0].scope_spans[0].spans[0]
    for _ in range(600_000):
        span.attributes.add()

    assert (1, "1 spans are left out: they are larger than 1 MiB") == partial(send(cast.robot, request))


@pytest.fixture
def crowded(database: str, ledger: Ledger, tmp_path: Path) -> Iterator[Cast]:
    """A server that counts little apart."""
    limits = {"traffic_max_resources": 3, "traffic_max_series": 5, "traffic_max_error_types": 2}
    with served(database, data_dir=str(tmp_path), **limits) as running:
        yield a_cast(running.http, ledger)


def test_resources_beyond_the_cap_are_counted_together_and_told(crowded: Cast) -> None:
    first = send(crowded.robot, a_request("/a", "/b"))
    second = send(crowded.robot, a_request("/a", "/c", "/d", "/e", "/e"))

    assert (0, "") == partial(first)
    assert (0, '3 spans are counted under "(other)": their service has too many resources') == partial(second)
    assert {
        "(other)": (3, {}),
        "GET /a": (2, {}),
        "GET /b": (1, {}),
        "GET /c": (1, {}),
    } == counted(crowded.ada)
    metrics = crowded.ada.get("/metrics").text
    assert 'fairlead_traffic_spans_total{outcome="counted_as_other"}' in metrics


def test_series_beyond_the_cap_of_the_organisation_are_left_out_and_told(crowded: Cast) -> None:
    send(crowded.robot, a_request("/a", "/b", "/c"))
    answer = send(crowded.robot, a_request("/a", "/b", "/c", service="search"))

    assert (1, "1 spans are left out: the organisation has too many series") == partial(answer)
    assert {"GET /a": (1, {}), "GET /b": (1, {})} == counted(crowded.ada, "search")
    assert (0, "") == partial(send(crowded.robot, a_request("/a", service="search")))


def test_types_of_errors_beyond_the_cap_are_counted_together(crowded: Cast) -> None:
    for status in (500, 501, 502, 503):
        send(crowded.robot, a_request("/a", status=status))

    assert {"GET /a": (4, {"500": 1, "501": 1, "(other)": 2})} == counted(crowded.ada)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "service"),
        ("service=checkout&from=yesterday", "from"),
        ("service=checkout&to=99999999999999999999", "to"),
        ("service=checkout&from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z", "from"),
    ],
)
def test_a_question_about_traffic_that_cannot_be_read_names_its_parameter(
    cast: Cast, query: str, field: str
) -> None:
    answer = cast.ada.get(f"/api/fairlead/v1/traffic?{query}")

    assert (400, field) == (answer.status_code, answer.json()["error"]["field"])


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
