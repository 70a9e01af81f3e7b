"""Reading the spans of a request in either encoding, one at a time.

Not here: what a span means (`translate.py`), and the two schemas.
"""

import msgspec

from fairlead.dialects.otlp import protobuf, wire
from fairlead.dialects.otlp.translate import Counter
from fairlead.domain.errors import Rejected, TooLarge
from fairlead.intake.decoding import decode

PROTOBUF = "application/x-protobuf"
JSON = "application/json"

_NOT_READABLE = "they are not well-formed"
_OVERSIZED = "they are larger than 1 MiB"
_MOST_OBJECTS = 20 * protobuf.MOST_SPANS
_request = msgspec.json.Decoder(wire.ExportTraceServiceRequest)
_span = msgspec.json.Decoder(wire.Span)


def read_spans(body: bytes, media_type: str, counter: Counter) -> None:
    """Count the spans of a request.

    Raises:
        Rejected: the body is not what `media_type` says.
        TooLarge: it holds more spans than one request may.
    """
    if media_type == JSON:
        _read_json(body, counter)
    else:
        _read_protobuf(body, counter)


def _read_protobuf(body: bytes, counter: Counter) -> None:
    for resource, spans in protobuf.groups(body):
        try:
            counter.enter(protobuf.resource_of(resource[: protobuf.LARGEST_SPAN]).attributes)
        except protobuf.Malformed as error:
            raise Rejected("a resource is not well-formed protobuf") from error
        for packed in spans:
            if len(packed) > protobuf.LARGEST_SPAN:
                counter.refuse(_OVERSIZED)
                continue
            try:
                span = protobuf.span_of(packed)
            except protobuf.Malformed:
                counter.refuse(_NOT_READABLE)
                continue
            counter.take(span)


def _read_json(body: bytes, counter: Counter) -> None:
    # Each brace becomes an object of a hundred bytes and more.
    if body.count(b"{") > _MOST_OBJECTS:
        raise TooLarge(f"the request holds more than {_MOST_OBJECTS} objects")
    told = decode(_request, body)
    if (
        sum(len(scope.spans) for one in told.resource_spans for scope in one.scope_spans)
        > protobuf.MOST_SPANS
    ):
        raise TooLarge(f"the request holds more than {protobuf.MOST_SPANS} spans")
    for one in told.resource_spans:
        counter.enter(one.resource.attributes if one.resource is not None else ())
        for scope in one.scope_spans:
            for raw in scope.spans:
                try:
                    span = _span.decode(raw)
                except msgspec.MsgspecError:
                    counter.refuse(_NOT_READABLE)
                    continue
                counter.take(span)
