"""From spans to counts.

A span counts if its kind is SERVER. Its resource is the method and `http.route`, or else its name;
its service, environment and version are those of its resource attributes. It is an error if its
status says so or its HTTP status is 500 or more. The type of an error is that of its last
exception event, because what happened last is what reached the caller; without one it is
`error.type`, or the HTTP status, or `error`.

Source: OpenTelemetry's semantic conventions 1.38 for HTTP, exceptions and deployments, and the
names they had before. Not here: the two encodings, and the store.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, Protocol

from msgspec import Struct, field

from fairlead.domain.traffic import DAY_NS, MINUTE_NS, OTLP, Cell, Fault, Series, name_of

_SERVER: Final = 2
_ERROR: Final = 2
_SERVER_ERROR: Final = 500
_FARTHEST_AHEAD_NS: Final = 60 * MINUTE_NS
_ENUMERATED: Final = {"SPAN_KIND_SERVER": _SERVER, "STATUS_CODE_ERROR": _ERROR}

_ROUTE: Final = "http.route"
_METHODS: Final = frozenset({"http.request.method", "http.method"})
_STATUSES: Final = frozenset({"http.response.status_code", "http.status_code"})
_ENVS: Final = ("deployment.environment.name", "deployment.environment")


class Attribute(Protocol):
    """A key with a value, in either encoding."""

    @property
    def key(self) -> str:
        """Its name."""

    @property
    def value(self) -> Any:
        """Something with `string_value`, `bool_value` and `int_value`, or None."""


class Counter(Struct):
    """Counts the spans of one request."""

    now: int
    days: int
    """Spans that ended longer ago are refused, for nothing that old is kept."""
    requests: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    faults: dict[Fault, int] = field(default_factory=lambda: defaultdict(int))
    seen: int = 0
    rejected: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Spans that were not acceptable, by reason."""
    _series: dict[str, Series] = field(default_factory=dict)
    _service: tuple[str, str, str] | None = None

    def enter(self, attributes: Iterable[Attribute]) -> None:
        """Begin with the spans of a resource."""
        told = {one.key: one.value.string_value for one in attributes if one.value is not None}
        service = name_of(told.get("service.name", "")).strip().lower()
        env = next((told[name] for name in _ENVS if told.get(name)), "")
        version = name_of(told.get("service.version", ""))
        self._service = (service, name_of(env).strip().lower(), version) if service else None
        self._series = {}

    def refuse(self, reason: str, spans: int = 1) -> None:
        """Leave spans out, and say why."""
        self.seen += spans
        self.rejected[reason] += spans

    def take(self, span: Any) -> None:
        """Count one span of the resource entered last, if it is a server's."""
        self.seen += 1
        if _number(span.kind) != _SERVER:
            return
        ended_at = _number(span.end_time_unix_nano) or _number(span.start_time_unix_nano)
        wrong = self._wrong(ended_at)
        if wrong:
            self.rejected[wrong] += 1
            return
        resource, error_type = _read(span)
        cell = Cell(self._series.get(resource) or self._new(resource), ended_at // MINUTE_NS)
        self.requests[cell] += 1
        if error_type:
            self.faults[Fault(cell, name_of(error_type))] += 1

    def _wrong(self, ended_at: int) -> str:
        if self._service is None:
            return "their resource has no service.name"
        if ended_at > self.now + _FARTHEST_AHEAD_NS:
            return "they end in the future"
        if ended_at < self.now - self.days * DAY_NS:
            return f"they ended more than {self.days} days ago"
        return ""

    def _new(self, resource: str) -> Series:
        service, env, version = self._service or ("", "", "")
        one = Series(OTLP, service, env, version, name_of(resource) or "(unnamed)")
        self._series[resource] = one
        return one


def _read(span: Any) -> tuple[str, str]:
    """Return a span's resource and its type of error, which is empty where it is none."""
    route = method = error_type = ""
    status = 0
    for attribute in span.attributes:
        key, value = attribute.key, attribute.value
        if value is None:
            continue
        if key == _ROUTE:
            route = value.string_value
        elif key in _METHODS:
            method = value.string_value
        elif key in _STATUSES:
            status = _number(value.int_value) or _number(value.string_value)
        elif key == "error.type":
            error_type = value.string_value
    resource = f"{method} {route}".strip() if route else span.name
    failed = status >= _SERVER_ERROR or (span.status is not None and _number(span.status.code) == _ERROR)
    if not failed:
        return resource, ""
    return resource, _exception(span) or error_type or (str(status) if status >= _SERVER_ERROR else "error")


def _exception(span: Any) -> str:
    """Return the type of the last exception that a span tells of, or nothing."""
    for event in reversed(span.events):
        if event.name == "exception":
            for attribute in event.attributes:
                if attribute.key == "exception.type" and attribute.value is not None:
                    return str(attribute.value.string_value)
    return ""


def _number(told: int | str) -> int:
    """Return a number that may come as a text or as the name of what it stands for."""
    if isinstance(told, int):
        return told
    # Longer ones are no 64-bit number, and Python would take its time with them.
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else _ENUMERATED.get(told, 0)  # noqa: PLR2004
