"""The answers to metric queries, in the shapes of v1 and v2.

Not here: the values (`query_arithmetic`).
"""

from collections.abc import Iterator, Sequence

from fairlead.dialects.datadog import query_wire as wire
from fairlead.dialects.datadog.query_arithmetic import Column, Sheet
from fairlead.dialects.datadog.query_measuring import Result
from fairlead.dialects.datadog.query_metrics import Unit
from fairlead.dialects.datadog.query_translate import NO_VALUE, Asked
from fairlead.dialects.datadog.query_tree import Series, series_in
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S
from fairlead.metrics.groups import Values
from fairlead.metrics.periods import Period

_MOST_ROWS = 10_000


def query_answer(asked: Asked, query: str, results: Sequence[Result]) -> wire.QueryAnswer:
    """Return the answer of v1: for each query a series for each group in which something is known."""
    by = dict.fromkeys(key for result in results for key in result.sheet.by)
    return wire.QueryAnswer(
        from_date=asked.from_at // NS_PER_MS,
        to_date=asked.until_at // NS_PER_MS,
        query=query,
        series=[seen for place, result in enumerate(results) for seen in _series(place, result)],
        group_by=list(by),
    )


def _series(place: int, result: Result) -> Iterator[wire.SeriesSeen]:
    written, sheet, spans = result.written, result.sheet, result.periods
    scope = series_in([written.formula])[0].filter or "*"
    alone = written.formula if isinstance(written.formula, Series) else None
    name = alone.metric if alone else written.text
    for values, column in sheet.columns.items():
        points = [
            (float(span.start_at // NS_PER_MS), value)
            for span, value in zip(spans, column, strict=True)
            if value is not None
        ]
        if not points:
            continue
        tags = _tags(sheet, values)
        yield wire.SeriesSeen(
            aggr=(alone.statistic or None) if alone else None,
            display_name=name,
            end=max(span.end_at for span in spans) // NS_PER_MS - 1,
            expression=written.text,
            interval=(spans[0].end_at - spans[0].start_at) // NS_PER_S,
            length=len(points),
            metric=name,
            pointlist=points,
            query_index=place,
            scope=",".join(tags) or scope,
            start=int(points[0][0]),
            tag_set=tags,
            unit=_units(sheet.unit),
        )


def timeseries_answer(
    results: Sequence[Result], limits: Sequence[wire.Limit | None], spans: Sequence[Period]
) -> wire.TimeseriesAnswer:
    """Return the answer of v2 with a value for each period, null where nothing is known."""
    series: list[wire.TimeseriesSeries] = []
    columns: list[list[float | None]] = []
    for place, (result, limit) in enumerate(zip(results, limits, strict=True)):
        sheet = result.sheet
        for values, column in _limited(sheet, limit):
            if any(value is not None for value in column):
                series.append(wire.TimeseriesSeries(_tags(sheet, values), place, _units(sheet.unit)))
                columns.append(list(column))
    times = [span.start_at // NS_PER_MS for span in spans]
    return wire.TimeseriesAnswer(wire.TimeseriesData(wire.TimeseriesAttributes(series, times, columns)))


def scalar_answer(results: Sequence[Result], limits: Sequence[wire.Limit | None]) -> wire.ScalarAnswer:
    """Return the answer of v2 with a row for each group.

    Raises:
        Rejected: the formulas are grouped differently, or there are too many groups.
    """
    sheets = [result.sheet for result in results]
    by = max((sheet.by for sheet in sheets), key=len)
    if any(sheet.by not in ((), by) for sheet in sheets):
        raise Rejected("all formulas must be grouped by the same tags", field="formulas")
    rows = dict.fromkeys(
        values
        for sheet, limit in zip(sheets, limits, strict=True)
        if sheet.by == by
        for values, column in _limited(sheet, limit)
        if not by or column[0] is not None
    )
    if len(rows) > _MOST_ROWS:
        raise Rejected(f"the answer has more than {_MOST_ROWS} groups", field="queries")
    columns: list[wire.GroupColumn | wire.NumberColumn] = [
        wire.GroupColumn(key, [[values[place] or NO_VALUE] for values in rows])
        for place, key in enumerate(by)
    ]
    for result, sheet in zip(results, sheets, strict=True):
        numbers = [sheet.columns.get(values if sheet.by else (), [None])[0] for values in rows]
        columns.append(wire.NumberColumn(result.written.text, numbers, wire.ColumnMeta(_units(sheet.unit))))
    return wire.ScalarAnswer(wire.ScalarData(wire.ScalarAttributes(columns)))


def _limited(sheet: Sheet, limit: wire.Limit | None) -> list[tuple[Values, Column]]:
    """Return the groups that a limit leaves, in its order: by the mean of what is known of each."""
    groups = list(sheet.columns.items())
    if limit is None:
        return groups

    def mean(group: tuple[Values, Column]) -> float:
        known = [value for value in group[1] if value is not None]
        return sum(known) / len(known)

    known = [group for group in groups if any(value is not None for value in group[1])]
    known.sort(key=mean, reverse=limit.order != "asc")
    return known[: limit.count] if limit.count > 0 else known


def _tags(sheet: Sheet, values: Values) -> list[str]:
    return [f"{key}:{value or NO_VALUE}" for key, value in zip(sheet.by, values, strict=True)]


def _units(unit: Unit | None) -> wire.Units | None:
    return None if unit is None else [unit, None]
