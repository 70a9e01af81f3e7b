"""Sources of counts: where, beside spans, requests and errors of a service come from.

Not here: asking them.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.texts import require_text
from fairlead.domain.traffic import MINUTE_NS, Cell, Fault, Series, name_of

LONGEST_QUERY = 10_000
MOST_LABELS = 5
STEPS_A_MINUTE = (5, 10, 15, 20, 30, 60)
_MOST_REQUESTS = 1e12
_UNNAMED = "(all)"


class TrafficSource(msgspec.Struct, frozen=True, kw_only=True):
    """PromQL that counts one service's requests, evaluated by Prometheus at every step."""

    name: str
    service: str
    env: str
    requests: str
    """How many requests there were in the last step, such as `sum by (version, route) (increase(…[1m]))`."""
    errors: str
    """How many of them went wrong."""
    step_s: int = 60
    """As long as the range in the queries."""
    version_label: str = "version"
    resource_labels: tuple[str, ...] = ("route",)
    error_type_label: str = ""
    """Empty where the query of errors does not tell of which type they are."""

    def __post_init__(self) -> None:
        for field in ("name", "service", "env", "version_label"):
            if not require_text(getattr(self, field), field).strip():
                raise Rejected(f'attribute "{field}" is required', field=field)
        for field in ("requests", "errors"):
            if not require_text(getattr(self, field), field, longest=LONGEST_QUERY).strip():
                raise Rejected(f'attribute "{field}" is required', field=field)
        if self.step_s not in STEPS_A_MINUTE:
            steps = ", ".join(map(str, STEPS_A_MINUTE))
            raise Rejected(f'attribute "step_s" must be one of {steps}', field="step_s")
        if len(self.resource_labels) > MOST_LABELS:
            detail = f'attribute "resource_labels" holds more than {MOST_LABELS} labels'
            raise Rejected(detail, field="resource_labels")

    @property
    def source(self) -> str:
        """The name of its series' source."""
        return f"prometheus:{self.name}"


class KeptSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source with how far it was asked."""

    org_id: OrgId
    source: TrafficSource
    done_until: int
    """Whole minutes since the epoch; what is before it is not asked for again."""
    asked_at: int | None = None
    failure: str = ""
    """Why there was no answer last time."""


class Samples(msgspec.Struct, frozen=True):
    """One series of an answer: values at instants in seconds since the epoch."""

    labels: Mapping[str, str]
    values: Sequence[tuple[float, float]]


def cells_of(source: TrafficSource, answer: Iterable[Samples]) -> dict[Cell, int]:
    """Return requests by minute: those told at the end of a step belong to the minute that it lies in."""
    sums: dict[Cell, float] = {}
    for one in answer:
        series = _series(source, one.labels)
        for minute, value in _by_minute(source, one):
            cell = Cell(series, minute)
            sums[cell] = sums.get(cell, 0.0) + value
    return {cell: round(value) for cell, value in sums.items() if round(value)}


def faults_of(source: TrafficSource, answer: Iterable[Samples]) -> dict[Fault, int]:
    """Return errors by minute and type."""
    sums: dict[Fault, float] = {}
    for one in answer:
        series = _series(source, one.labels)
        error_type = name_of(one.labels.get(source.error_type_label, "")) or "error"
        for minute, value in _by_minute(source, one):
            fault = Fault(Cell(series, minute), error_type)
            sums[fault] = sums.get(fault, 0.0) + value
    return {fault: round(value) for fault, value in sums.items() if round(value)}


def _by_minute(source: TrafficSource, samples: Samples) -> Iterable[tuple[int, float]]:
    for at_s, value in samples.values:
        # NaN compares with nothing.
        if 0 < value < _MOST_REQUESTS:
            yield int(at_s - source.step_s) * NS_PER_S // MINUTE_NS, value


def _series(source: TrafficSource, labels: Mapping[str, str]) -> Series:
    resource = " ".join(labels[label] for label in source.resource_labels if labels.get(label))
    return Series(
        source.source,
        name_of(source.service).strip().lower(),
        name_of(source.env).strip().lower(),
        name_of(labels.get(source.version_label, "")),
        name_of(resource) or _UNNAMED,
    )
