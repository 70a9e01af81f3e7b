"""OTLP's messages in protobuf, as far as they are looked at.

The envelope is walked here and its spans are decoded one at a time, by a schema that knows only
the fields that count: whatever else a body holds stays bytes, and a body made to unfold into
gigabytes of messages is refused after the first thousands. Field numbers are those of
`opentelemetry.proto.collector.trace.v1` 1.9. Not here: what the fields mean (`translate.py`).
"""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from fairlead.domain.errors import Rejected, TooLarge

MOST_SPANS: Final = 100_000
"""In one request. Collectors send 8 192 at a time unless they are told otherwise."""
MOST_GROUPS: Final = 10_000
"""Resources and scopes in one request."""
LARGEST_SPAN: Final = 1 << 20

_RESOURCE_SPANS, _SCOPE_SPANS, _SPANS, _RESOURCE = 1, 2, 2, 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_MORE = 0x80
_MALFORMED = "the body is not an ExportTraceServiceRequest in protobuf"

_STRING, _INT64, _INT32, _BOOL, _FIXED, _MESSAGE = (
    FieldDescriptorProto.TYPE_STRING,
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_INT32,
    FieldDescriptorProto.TYPE_BOOL,
    FieldDescriptorProto.TYPE_FIXED64,
    FieldDescriptorProto.TYPE_MESSAGE,
)
_SCHEMA: Final[dict[str, list[tuple[str, int, Any]]]] = {
    "Value": [("string_value", 1, _STRING), ("bool_value", 2, _BOOL), ("int_value", 3, _INT64)],
    "KeyValue": [("key", 1, _STRING), ("value", 2, "Value")],
    "Event": [("name", 2, _STRING), ("attributes", 3, ["KeyValue"])],
    "Status": [("code", 3, _INT32)],
    "Span": [
        ("name", 5, _STRING),
        ("kind", 6, _INT32),
        ("start_time_unix_nano", 7, _FIXED),
        ("end_time_unix_nano", 8, _FIXED),
        ("attributes", 9, ["KeyValue"]),
        ("events", 11, ["Event"]),
        ("status", 15, "Status"),
    ],
    "Resource": [("attributes", 1, ["KeyValue"])],
}
"""Messages with their fields: name, number, and a type, a message, or a list of messages."""


def _classes() -> dict[str, Any]:
    file = FileDescriptorProto(name="fairlead/spans.proto", package="fairlead", syntax="proto3")
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            is_list = isinstance(kind, list)
            told = message.field.add(name=field, number=number)
            told.label = (
                FieldDescriptorProto.LABEL_REPEATED if is_list else FieldDescriptorProto.LABEL_OPTIONAL
            )
            if isinstance(kind, int):
                told.type = kind  # type: ignore[assignment]  # its stubs want the enumeration
            else:
                told.type, told.type_name = _MESSAGE, f".fairlead.{kind[0] if is_list else kind}"
    pool = DescriptorPool()
    pool.Add(file)
    found = (pool.FindMessageTypeByName(f"fairlead.{name}") for name in _SCHEMA)
    return {one.name: GetMessageClass(one) for one in found}


_CLASSES: Final = _classes()
span_of = _CLASSES["Span"].FromString
"""Decode one span; raises `DecodeError`."""
resource_of = _CLASSES["Resource"].FromString
Malformed = DecodeError


def groups(body: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each resource with its spans, all of them still packed.

    Raises:
        Rejected: the envelope is not protobuf.
        TooLarge: there are too many spans, resources or scopes.
    """
    spans_left, groups_left = MOST_SPANS, MOST_GROUPS
    for start, end in _messages(body, 0, len(body), _RESOURCE_SPANS):
        resource, spans = b"", []
        scopes = []
        for number, begin, finish in _fields(body, start, end):
            if number == _RESOURCE:
                resource = body[begin:finish]
            elif number == _SCOPE_SPANS:
                scopes.append((begin, finish))
                groups_left -= 1
        groups_left -= 1
        for scope in scopes:
            for begin, finish in _messages(body, *scope, _SPANS):
                spans.append(body[begin:finish])
                spans_left -= 1
                if spans_left < 0:
                    raise TooLarge(f"the request holds more than {MOST_SPANS} spans")
        if groups_left < 0:
            raise TooLarge(f"the request holds more than {MOST_GROUPS} resources and scopes")
        yield resource, spans


def _messages(body: bytes, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    return ((begin, finish) for number, begin, finish in _fields(body, start, end) if number == wanted)


def _fields(body: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each field of a message that is bytes itself; pass over others."""
    while at < end:
        # Nearly every tag is one byte, and most lengths are one or two.
        tag = body[at]
        at += 1
        if tag >= _MORE:
            tag, at = _varint(body, at - 1, end)
        kind = tag & 7
        if kind == _BYTES:
            size, at = _varint(body, at, end)
            if at + size > end:
                raise Rejected(_MALFORMED)
            yield tag >> 3, at, at + size
            at += size
        elif kind == _VARINT:
            _, at = _varint(body, at, end)
        elif kind in (_FIXED64, _FIXED32):
            at += 8 if kind == _FIXED64 else 4
        else:
            raise Rejected(_MALFORMED)
    if at != end:
        raise Rejected(_MALFORMED)


def _varint(body: bytes, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    for place in range(at, min(end, at + _LONGEST_VARINT)):
        byte = body[place]
        value |= (byte & ~_MORE) << shift
        if byte < _MORE:
            return value, place + 1
        shift += 7
    raise Rejected(_MALFORMED)
