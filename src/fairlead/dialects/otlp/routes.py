"""Spans over OTLP/HTTP: decode, call one thing, encode."""

import asyncio
from collections.abc import Sequence
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from prometheus_client import Counter as Counted

from fairlead.dialects.otlp import credentials, wire
from fairlead.dialects.otlp.errors import (
    message_field,
    rate_headers,
    refusal,
    refusal_in_protobuf,
    varint,
)
from fairlead.dialects.otlp.reading import JSON, PROTOBUF, read_spans
from fairlead.dialects.otlp.translate import Counter
from fairlead.domain.errors import FairleadError
from fairlead.domain.traffic import Counts, Kept
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of, read_body
from fairlead.intake.reception import Reception, spent_by
from fairlead.usecases.record_traffic import CountsTold, record_traffic

SPANS = Counted(
    "fairlead_traffic_spans_total", "Spans received over OTLP, by what became of them.", ["outcome"]
)
_DIGEST_BYTES: Final = 16
_encode = msgspec.json.Encoder().encode


@post("/v1/traces")
async def export_traces(request: AnyRequest) -> Answer:
    """Count the server spans of a request; the spans themselves are not kept."""
    media_type = headers_of(request).get(b"content-type", b"").decode("latin-1").partition(";")[0].strip()
    if media_type.lower() not in (JSON, PROTOBUF):
        detail = f"the Content-Type must be {PROTOBUF} or {JSON}"
        return Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _encode(wire.RpcStatus(3, detail)), JSON)
    try:
        return await _exported(request, media_type.lower())
    except FairleadError as error:
        spent = spent_by(request)
        status, body = (refusal if media_type.lower() == JSON else refusal_in_protobuf)(error)
        return Answer(status, body, media_type, None if spent is None else rate_headers(spent.allowance))


async def _exported(request: AnyRequest, media_type: str) -> Answer:
    reception: Reception = request.app.state.reception
    caller = await credentials.sender(reception.callers, request)
    await reception.admit(request, caller)
    settings, now = reception.settings, reception.now()
    body = await read_body(request, settings.max_traces_body_bytes)
    counter = Counter(now, settings.traffic_days)
    # Others should not have to wait for the spans of a big collector.
    await asyncio.to_thread(read_spans, body, media_type, counter)
    counts = Counts(
        org_id=caller.org_id,
        id=blake2b(body, digest_size=_DIGEST_BYTES).hexdigest(),
        received_at=now,
        requests=counter.requests,
        faults=counter.faults,
    )
    kept = Kept(is_new=True)
    if counts.requests:
        kept = await reception.write(record_traffic, CountsTold(counts=counts, caps=settings.traffic_caps))
    return _answer(media_type, counter, kept)


def _answer(media_type: str, counter: Counter, kept: Kept) -> Answer:
    rejected, said = _rejected(counter, kept)
    if media_type == JSON:
        partial = wire.PartialSuccess(str(rejected), said) if said else None
        return Answer(HTTPStatus.OK, _encode(wire.ExportTraceServiceResponse(partial)), JSON)
    inner = (b"\x08" + varint(rejected) if rejected else b"") + (message_field(0x12, said) if said else b"")
    body = b"\x0a" + varint(len(inner)) + inner if inner else b""
    return Answer(HTTPStatus.OK, body, PROTOBUF)


def _rejected(counter: Counter, kept: Kept) -> tuple[int, str]:
    """Count what became of the spans; return how many were refused, and what to say about all of them."""
    counted = sum(counter.requests.values())
    refused = sum(counter.rejected.values())
    outcomes = {
        "counted": counted - kept.in_other - kept.left_out if kept.is_new else 0,
        "counted_as_other": kept.in_other,
        "over_the_cap": kept.left_out,
        "repeated": 0 if kept.is_new else counted,
        "rejected": refused,
        "not_a_server": counter.seen - counted - refused,
    }
    for outcome, number in outcomes.items():
        if number:
            SPANS.labels(outcome).inc(number)
    said = [f"{number} spans are left out: {reason}" for reason, number in sorted(counter.rejected.items())]
    if kept.left_out:
        said.append(f"{kept.left_out} spans are left out: the organisation has too many series")
    if kept.in_other:
        said.append(
            f'{kept.in_other} spans are counted under "(other)": their service has too many resources'
        )
    return refused + kept.left_out, "; ".join(said)


HANDLERS: Sequence[HTTPRouteHandler] = (export_traces,)
