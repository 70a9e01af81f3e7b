"""From a metric query to questions about delivery, and from what was measured to sheets of values.

Not here: the text of queries (`query_reading`) and the shapes of answers (`query_answers`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fairlead.dialects.datadog import query_wire as wire
from fairlead.dialects.datadog.query_arithmetic import Column, Sheet
from fairlead.dialects.datadog.query_metrics import COUNT, NAMES, require_statistic, unit_of, value_of
from fairlead.dialects.datadog.query_reading import queries_in
from fairlead.dialects.datadog.query_tree import Formula, Rollup, Series, Written, series_in
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S
from fairlead.metrics.measuring import Group
from fairlead.metrics.periods import NS_PER_DAY, Interval, Period
from fairlead.search.tree import Everything
from fairlead.usecases.measure_delivery import Answer, Question

NO_VALUE: Final = "N/A"
"""The value of a tag that a deployment has not."""
_HOURLY_UP_TO: Final = 2 * NS_PER_DAY
_DAILY_UP_TO: Final = 100 * NS_PER_DAY
_HOUR_S: Final = 3_600
MOST_QUERIES: Final = 20
_OVER_WINDOW: Final = frozenset({"", "avg", "mean", "percentile"})
_OVER_POINTS: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {
    "sum": sum,
    "min": min,
    "max": max,
    "last": lambda values: values[-1],
}


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be measured for whom, and over which window."""

    org_id: OrgId
    from_at: int
    until_at: int
    field: str
    """The parameter that a mistake is in."""


class Plan(Struct, frozen=True, kw_only=True):
    """How the metrics of formulas are to be measured so that their values lie side by side."""

    asked: Asked
    rollup: Rollup

    def question(self, series: Series | None = None) -> Question:
        """Return the question behind a series; series that differ in the metric alone share it."""
        return Question(
            org_id=self.asked.org_id,
            from_at=self.asked.from_at,
            until_at=self.asked.until_at,
            where=Everything() if series is None else series.where,
            interval=self.rollup.interval,
            step_ns=self.rollup.seconds * NS_PER_S or None,
            group_by=() if series is None else series.by,
            zone=self.rollup.zone,
        )


def written_in(text: str, field: str) -> Sequence[Written]:
    """Return the queries of a text, each known to ask for what there is.

    Raises:
        Rejected: it cannot be read, or a metric or aggregator is not known.
    """
    if not text.strip():
        raise Rejected(f"The parameter '{field}' is required", field=field)
    found = queries_in(text, field)
    if len(found) > MOST_QUERIES:
        raise Rejected(f"'{field}' may have up to {MOST_QUERIES} queries", field=field)
    for series in series_in([one.formula for one in found]):
        if series.metric not in NAMES:
            listed = ", ".join(sorted(NAMES))
            detail = f"there is no metric {series.metric[:100]}; known are {listed}"
            raise Rejected(f"The value provided for parameter '{field}' is invalid: {detail}", field=field)
        require_statistic(series.metric, series.statistic, field)
    return found


def plan_of(formulas: Sequence[Formula], asked: Asked, also: Sequence[Series] = (), seconds: int = 0) -> Plan:
    """Return the plan for formulas whose periods are alike.

    `also` are the metrics that references stand for, `seconds` the length of the periods where no
    query says one.

    Raises:
        Rejected: two queries want periods of different lengths.
    """
    told = {one.rollup for one in (*series_in(formulas), *also) if one.rollup is not None}
    if len(told) > 1:
        raise Rejected("the rollups of one formula must be alike", field=asked.field)
    usual = Rollup(seconds=seconds) if seconds else _usual(asked)
    return Plan(asked=asked, rollup=told.pop() if told else usual)


def sheet_of(series: Series, answer: Answer) -> Sheet:
    """Return the values of a series in each period."""

    def column(group: Group) -> Column:
        return [
            _rated(series, value_of(series.metric, series.statistic, point.figures), point.period)
            for point in group.points
        ]

    return _sheet(series, {group.values: column(group) for group in answer.groups})


def window_of(series: Series, answer: Answer, aggregator: str) -> Sheet:
    """Return the one value that each group of a series has in the window.

    It is measured over all that happened there, never worked out of the points, unless the
    aggregator asks for just that.

    Raises:
        Rejected: there is no such aggregator.
    """
    if aggregator in _OVER_WINDOW and series.metric != COUNT:
        values = {
            group.values: [value_of(series.metric, series.statistic, group.summary)]
            for group in answer.groups
        }
        return _sheet(series, values)
    return _sheet(
        series,
        {
            values: [_reduced(aggregator, column)]
            for values, column in sheet_of(series, answer).columns.items()
        },
    )


def _sheet(series: Series, columns: Mapping[tuple[str | None, ...], Column]) -> Sheet:
    return Sheet(series.by, columns, unit_of(series.metric, series.statistic))


def _rated(series: Series, value: float | None, period: Period) -> float | None:
    if value is None or not series.per_second or series.metric != COUNT:
        return value
    return value * NS_PER_S / (period.until_at - period.from_at)


def _reduced(aggregator: str, column: Column) -> float | None:
    values = [value for value in column if value is not None]
    if aggregator in _OVER_WINDOW:
        return sum(values) / len(values) if values else None
    if aggregator not in _OVER_POINTS:
        known = ", ".join(sorted({*_OVER_POINTS, *_OVER_WINDOW} - {""}))
        raise Rejected(f'attribute "aggregator" must be one of: {known}', field="aggregator")
    return _OVER_POINTS[aggregator](values) if values else None


def _usual(asked: Asked) -> Rollup:
    """Return how long periods are where nobody says: hours, days or weeks, as the window is long."""
    length = asked.until_at - asked.from_at
    if length <= _HOURLY_UP_TO:
        return Rollup(seconds=_HOUR_S)
    return Rollup(interval=Interval.DAY if length <= _DAILY_UP_TO else Interval.WEEK)


def window_of_seconds(first: str, last: str, org_id: OrgId) -> Asked:
    """Return the window between two instants in seconds since 1970.

    Raises:
        Rejected: one of them is no whole number.
    """
    for text, field in ((first, "from"), (last, "to")):
        if not text.isdecimal() or len(text) > len("4102444800"):
            raise Rejected(f"The parameter '{field}' must be seconds since 1970", field=field)
    return Asked(org_id=org_id, from_at=int(first) * NS_PER_S, until_at=int(last) * NS_PER_S, field="query")


def named_queries(told: wire.Attributes) -> Mapping[str, Series]:
    """Return the metrics that a request asks for, by the names it gives them.

    Raises:
        Rejected: they are too many, of another source than metrics, or not one metric each.
    """
    if not 0 < len(told.queries) <= MOST_QUERIES:
        raise Rejected(f'attribute "queries" takes 1 to {MOST_QUERIES} queries', field="queries")
    found: dict[str, Series] = {}
    for place, query in enumerate(told.queries):
        if query.data_source != "metrics":
            raise Rejected('attribute "data_source" must be metrics', field="data_source")
        [*written] = written_in(query.query, "query")
        name = query.name or f"query{place + 1}"
        if len(written) != 1 or not isinstance(written[0].formula, Series) or name in found:
            detail = 'attribute "queries" holds one metric each, under different names; join them by formulas'
            raise Rejected(detail, field="queries")
        found[name] = written[0].formula
    return found


def formulas_of(told: wire.Attributes, named: Mapping[str, Series]) -> Sequence[Written]:
    """Return the formulas of a request; without any, every query is one.

    Raises:
        Rejected: one cannot be read.
    """
    if len(told.formulas) > MOST_QUERIES:
        raise Rejected(f'attribute "formulas" takes up to {MOST_QUERIES} formulas', field="formulas")
    texts = [one.formula for one in told.formulas] or list(named)
    found = []
    for text in texts:
        written = written_in(text, "formula")
        if len(written) != 1:
            raise Rejected('attribute "formula" holds one formula', field="formula")
        if series_in([written[0].formula]):
            raise Rejected('attribute "formula" joins queries by their names', field="formula")
        found.append(replace(written[0], text=text.strip()))
    return found


def plan_asked(told: wire.Attributes, named: Mapping[str, Series], org_id: OrgId) -> Plan:
    """Return the plan for a request with milliseconds."""
    window = Asked(
        org_id=org_id, from_at=told.from_ * NS_PER_MS, until_at=told.to * NS_PER_MS, field="queries"
    )
    seconds = max(told.interval or 0, 0) * NS_PER_MS // NS_PER_S
    return plan_of((), window, also=list(named.values()), seconds=seconds)


def with_aggregators(told: wire.Attributes, named: Mapping[str, Series]) -> Mapping[str, tuple[Series, str]]:
    """Return each metric with the aggregator that makes one value of it."""
    return {
        name: (series, query.aggregator)
        for (name, series), query in zip(named.items(), told.queries, strict=True)
    }


def limits_of(told: wire.Attributes, formulas: Sequence[Written]) -> Sequence[wire.Limit | None]:
    """Return how many groups each formula is to have; None where all."""
    return [one.limit for one in told.formulas] or [None for _ in formulas]
