"""Measuring: all metrics of some facts, for each group and each period of a window.

The one place where the metrics are put together: each says what to work out over which frame, and
makes its figure of what came out. The summary of a group is worked out over the same rows as its
points, never from them. Not here: which facts (`facts.py`), and any definition.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from fairlead.domain.errors import Rejected
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
from fairlead.metrics.periods import Period

MOST_POINTS: Final = 100_000
"""Of all groups together."""
_PERIOD: Final = "period"
_Row = Mapping[str, Any]
_Rows = Mapping[tuple[Values, int | None], _Row]
"""What was worked out, by group and place of the period; None is the whole window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The figures of one period."""

    period: Period
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The figures of one group."""

    values: Values
    """Under each of the keys that were grouped by."""
    summary: Figures
    points: Sequence[Point]
    previous: Figures | None = None
    """Of the window before, where that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
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
    failures = _worked_out(measured, measured.failures, time_to_restore.columns())
    commits = None
    if measured.commits is not None:
        commits = _worked_out(measured, measured.commits, change_lead_time.columns())
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


def _of_deployments(measured: Measured) -> list[pl.Expr]:
    facts = measured.deployments
    return [
        *deployment_frequency.columns(),
        *change_failure_rate.columns(),
        *recovery_time.columns(),
        *rework_rate.columns(facts.lists("tags")),
        *coverage.columns(),
        *(change_lead_time.columns() if measured.commits is None else ()),
    ]


def _worked_out(measured: Measured, facts: Facts, columns: Iterable[pl.Expr]) -> _Rows:
    """Return what `columns` come to over each group's rows, and over those of each of its periods."""
    wanted = list(columns)
    frame, meanings = grouped(
        Facts(facts.noun, _with_period(facts, measured.periods), facts.texts), measured.keys
    )
    names = [str(place) for place in range(len(measured.keys))]
    found: dict[tuple[Values, int | None], Mapping[str, Any]] = {}
    for by in (names, [*names, _PERIOD]) if measured.periods else (names,):
        rows = frame.group_by(by).agg(wanted) if by else frame.select(wanted)
        for row in rows.iter_rows(named=True):
            values = values_of((row[name] for name in names), meanings)
            found[values, row[_PERIOD] if _PERIOD in by else None] = row
    return found


def _with_period(facts: Facts, periods: Sequence[Period]) -> pl.DataFrame:
    """Return the frame with the place of each row's period; rows are in the order of time."""
    frame = facts.frame
    if not periods:
        return frame
    at = frame[SHAPES[facts.noun].at]
    ends = [*(int(at.search_sorted(one.start_at, side="left")) for one in periods[1:]), len(frame)]
    starts = [0, *ends[:-1]]
    places = [
        pl.repeat(place, end - start, dtype=pl.UInt32, eager=True)
        for place, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    return frame.with_columns(pl.concat(places).alias(_PERIOD))


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


class _Nothing(dict[str, int]):
    """What is worked out where there is not a single row: every count is 0."""

    def __missing__(self, _name: str) -> int:
        return 0


_NOTHING: Final = _Nothing()
