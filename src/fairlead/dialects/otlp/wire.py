"""OTLP's shapes in JSON, as far as they are looked at, and its answers.

Names are lowerCamelCase, 64-bit numbers come as texts or numbers, enumerations as numbers; names
of enumerations are read too, because some senders write them.
"""

from msgspec import Raw, Struct, field

Number = int | str


class Value(Struct, rename="camel"):
    string_value: str = ""
    bool_value: bool = False
    int_value: Number = 0


class KeyValue(Struct):
    key: str = ""
    value: Value | None = None


class Event(Struct):
    name: str = ""
    attributes: list[KeyValue] = field(default_factory=list)


class Status(Struct):
    code: Number = 0


class Span(Struct, rename="camel"):
    name: str = ""
    kind: Number = 0
    start_time_unix_nano: Number = 0
    end_time_unix_nano: Number = 0
    attributes: list[KeyValue] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    status: Status | None = None


class Resource(Struct):
    attributes: list[KeyValue] = field(default_factory=list)


class ScopeSpans(Struct):
    spans: list[Raw] = field(default_factory=list)


class ResourceSpans(Struct, rename="camel"):
    resource: Resource | None = None
    scope_spans: list[ScopeSpans] = field(default_factory=list)


class ExportTraceServiceRequest(Struct, rename="camel"):
    resource_spans: list[ResourceSpans] = field(default_factory=list)


class PartialSuccess(Struct, rename="camel"):
    rejected_spans: str
    error_message: str


class ExportTraceServiceResponse(Struct, rename="camel", omit_defaults=True):
    partial_success: PartialSuccess | None = None


class RpcStatus(Struct):
    """`google.rpc.Status`, which OTLP answers with where it refuses."""

    code: int
    message: str
