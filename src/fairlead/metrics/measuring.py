"""Measuring: all metrics of some facts, for each group and each period of a window.

The one place where the metrics are put together: each says what to work out over which frame, and
makes its figure of what came out. The summary of a group is worked out over the same rows as its
points, never from them. Not here: which facts (`facts.py`), and any definition.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from msgspec import Struct, field

from fairlead.domain.errors import Rejected
from fairlead.domain.frames import pl
from fairlead.domain.measured import SHAPES
from fairlead.metrics import (
    change_failure_rate,
    change_lead_time,
    coverage,
    deployment_frequency,
    recovery_time,
    rework_rate,
    time_to_restore,
)
from fairlead.metrics.facts import Facts
from fairlead.metrics.figures import Figures
from fairlead.metrics.groups import Values, grouped, values_of
from fairlead.metrics.percentiles import Durations, told_by, told_of
from fairlead.metrics.periods import Period

MOST_POINTS: Final = 100_000
"""Of all groups together."""
_PERIOD: Final = "period"
_Row = Mapping[str, Any]
_Rows = Mapping[tuple[Values, int | None], _Row]
"""What was worked out, by group and place of the period; None is the whole window."""


class Point(Struct, frozen=True, kw_only=True):
    """The figures of one period."""

    period: Period
    figures: Figures


class Group(Struct, frozen=True, kw_only=True):
    """The figures of one group."""

    values: Values
    """Under each of the keys that were grouped by."""
    summary: Figures
    points: Sequence[Point]
    previous: Figures | None = None
    """Of the window before, where that was asked for."""


class Measured(Struct, frozen=True, kw_only=True):
    """The facts of a window, and how they are to be looked at."""

    deployments: Facts
    failures: Facts
    commits: Facts | None = None
    """Those of the deployments, where lead times are to be measured over commits."""
    window: Period
    periods: Sequence[Period] = field(default=())
    keys: Sequence[str] = field(default=())


def measure(measured: Measured, also: Iterable[Values] = ()) -> list[Group]:
    """Return the figures of every group that has a deployment or a failure, in the order of their values.

    Without keys there is one group, be it empty; a group without a value comes last. Groups of `also`
    are among them even if they have nothing.

    Raises:
        Rejected: the answer would have too many points.
    """
    deployments = _worked_out(measured, measured.deployments, _of_deployments(measured))
    failures = _worked_out(
        measured, measured.failures, _Wanted([*time_to_restore.columns()], time_to_restore.DURATIONS)
    )
    commits = None
    if measured.commits is not None:
        commits = _worked_out(measured, measured.commits, _Wanted([], change_lead_time.DURATIONS))
    groups = {values for values, _ in (*deployments, *failures)}.union(also)
    if not measured.keys:
        groups.add(())
    if len(groups) * len(measured.periods) > MOST_POINTS:
        detail = f"the answer has more than {MOST_POINTS} points; ask for fewer groups or longer periods"
        raise Rejected(detail, field="group_by")
    return [
        _group(measured, values, deployments, failures, commits)
        for values in sorted(groups, key=lambda values: [(text is None, text or "") for text in values])
    ]


def figures_of_nothing(window: Period) -> Figures:
    """Return the figures of a window in which nothing happened."""
    return _figures(window.days, _NOTHING, _NOTHING, _NOTHING, of_commits=False)


class _Wanted(Struct, frozen=True):
    """What is to be worked out over rows."""

    counts: Sequence[pl.Expr]
    durations: Durations


def _of_deployments(measured: Measured) -> _Wanted:
    leads = change_lead_time.DURATIONS if measured.commits is None else Durations()
    counts = [
        *deployment_frequency.columns(),
        *change_failure_rate.columns(),
        *rework_rate.columns(measured.deployments.lists("tags")),
        *coverage.columns(),
    ]
    spreads = (*recovery_time.DURATIONS.spreads, *leads.spreads)
    return _Wanted(counts, Durations(spreads=spreads, middles=leads.middles))


def _worked_out(measured: Measured, facts: Facts, wanted: _Wanted) -> _Rows:
    """Return what comes out over each group's rows, and over those of each of its periods."""
    if measured.keys:
        return _by_groups(measured, facts, wanted)
    found: dict[tuple[Values, int | None], _Row] = {}
    # Rows are in the order of time, so those of a period lie side by side.
    parts = [(None, facts.frame), *enumerate(_cut(facts, measured.periods))]
    for place, rows in parts:
        counted = rows.select(wanted.counts).row(0, named=True) if wanted.counts else {}
        found[(), place] = _Told(counted | told_of(rows, wanted.durations))
    return found


def _by_groups(measured: Measured, facts: Facts, wanted: _Wanted) -> _Rows:
    with_period = _with_period(facts, measured.periods)
    frame, meanings = grouped(Facts(facts.noun, with_period, facts.texts), measured.keys)
    names = [str(place) for place in range(len(measured.keys))]
    found: dict[tuple[Values, int | None], _Told] = {}
    for by in (names, [*names, _PERIOD]) if measured.periods else (names,):
        counted = frame.group_by(by).agg(wanted.counts).iter_rows(named=True)
        for row in chain(counted, told_by(frame, wanted.durations, by)):
            values = values_of((row[name] for name in names), meanings)
            key = values, row[_PERIOD] if _PERIOD in by else None
            found.setdefault(key, _Told()).update(row)
    return found


def _cut(facts: Facts, periods: Sequence[Period]) -> Iterator[pl.DataFrame]:
    """Yield the rows of each period."""
    for start, end in _places(facts, periods):
        yield facts.frame[start:end]


def _with_period(facts: Facts, periods: Sequence[Period]) -> pl.DataFrame:
    """Return the frame with the place of each row's period."""
    if not periods:
        return facts.frame
    places = [
        pl.repeat(place, end - start, dtype=pl.UInt32, eager=True)
        for place, (start, end) in enumerate(_places(facts, periods))
    ]
    return facts.frame.with_columns(pl.concat(places).alias(_PERIOD))


def _places(facts: Facts, periods: Sequence[Period]) -> Iterator[tuple[int, int]]:
    """Yield where the rows of each period begin and end."""
    at = facts.frame[SHAPES[facts.noun].at]
    starts = [0, *(bisect_left(at, one.start_at) for one in periods[1:])]
    return zip(starts, [*starts[1:], len(at)], strict=True)


def _group(
    measured: Measured, values: Values, deployments: _Rows, failures: _Rows, commits: _Rows | None
) -> Group:
    def figures(period: Period, place: int | None) -> Figures:
        deployed = deployments.get((values, place), _NOTHING)
        leads = deployed if commits is None else commits.get((values, place), _NOTHING)
        return _figures(
            period.days,
            deployed,
            failures.get((values, place), _NOTHING),
            leads,
            of_commits=commits is not None,
        )

    points = [Point(period=one, figures=figures(one, place)) for place, one in enumerate(measured.periods)]
    return Group(values=values, summary=figures(measured.window, None), points=points)


def _figures(days: float, deployed: _Row, failed: _Row, leads: _Row, *, of_commits: bool) -> Figures:
    covered = coverage.coverage(deployed)
    return Figures(
        deployments=deployed["deployments"],
        deployments_per_day=deployment_frequency.per_day(deployed["deployments"], days),
        change_lead_time=change_lead_time.lead_time(leads, covered.with_lead_time, of_commits=of_commits),
        change_failure_rate=change_failure_rate.change_failure_rate(deployed),
        recovery_time=recovery_time.recovery_time(deployed),
        rework_rate=rework_rate.rework_rate(deployed),
        time_to_restore=time_to_restore.time_to_restore(failed),
        failures=failed["failures"],
        coverage=covered,
    )


class _Told(dict[str, Any]):
    """What was worked out; what was not has no rows, and so a count of 0."""

    def __missing__(self, _name: str) -> int:
        return 0


_NOTHING: Final = _Told()
