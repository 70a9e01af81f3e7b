"""From a request for metrics to the question, and from the answer to its shape.

Not here: what the numbers mean (`metrics`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from msgspec import UNSET

from fairlead.dialects.native import metrics_wire as wire
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339, to_rfc3339
from fairlead.metrics.figures import Figures, LeadTime, Middle, Spread
from fairlead.metrics.level_tables import Year
from fairlead.metrics.levels import levels, year_of
from fairlead.metrics.measuring import Group, Point
from fairlead.metrics.periods import NS_PER_DAY, Interval, midnight, zone_named
from fairlead.metrics.quick_check import quick_check
from fairlead.search.errors import SearchError
from fairlead.search.parse import parse
from fairlead.usecases.measure_delivery import Answer, Level, Question

USUAL_DAYS: Final = 90
_LONGEST_NUMBER: Final = 18
_Choice = TypeVar("_Choice", bound=StrEnum)
Told = Mapping[str, Sequence[str]]
"""The parameters of a request, each as often as it was given."""


def question_from(told: Told, org_id: OrgId, now: int) -> Question:
    """Return the question that a request asks; by default it is about the last 90 days.

    Raises:
        Rejected: a parameter cannot be read; the message names it.
    """
    zone = zone_named(_one(told, "timezone") or "UTC")
    until_at = instant_from(_one(told, "to"), "to", zone, now)
    return Question(
        org_id=org_id,
        from_at=instant_from(_one(told, "from"), "from", zone, until_at - USUAL_DAYS * NS_PER_DAY),
        until_at=until_at,
        where=_where(told),
        interval=_choice(told, "interval", Interval, Interval.WEEK),
        group_by=tuple(key.strip() for text in told.get("group_by", ()) for key in text.split(",") if text),
        zone=zone,
        level=_choice(told, "level", Level, Level.DEPLOYMENT),
        compares=_one(told, "compare") == "previous" or _refuse_other(told, "compare", ("", "previous")),
    )


def instant_from(text: str, field: str, zone: ZoneInfo, otherwise: int) -> int:
    """Return the instant that a text names: RFC 3339, milliseconds since 1970, or a day of the zone.

    Raises:
        Rejected: it names none; the message names `field`.
    """
    if not text:
        return otherwise
    try:
        if text.isdecimal() and len(text) <= _LONGEST_NUMBER:
            return int(text) * NS_PER_MS
        if len(text) == len("2025-01-06"):
            return midnight(date.fromisoformat(text), zone)
        return from_rfc3339(text)
    except (ValueError, OverflowError) as error:
        detail = f'attribute "{field}" must be an RFC 3339 date and time or milliseconds since 1970'
        raise Rejected(detail, field=field) from error


def year_in(told: Told, usual: Year) -> Year:
    """Return the year whose levels are asked for; `usual` where nobody asks.

    Raises:
        Rejected: it has none.
    """
    text = _one(told, "year")
    if not text:
        return usual
    return year_of(int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0)


def answered(answer: Answer, query: str, year: Year) -> wire.MetricsAnswer:
    """Return the shape of an answer to `query`, with the levels of a year."""
    asked = answer.question
    return wire.MetricsAnswer(
        from_=to_rfc3339(asked.from_at),
        to=to_rfc3339(asked.until_at),
        timezone=asked.zone.key,
        interval=asked.interval.value,
        level=asked.level.value,
        query=query,
        group_by=list(asked.group_by),
        levels=wire.LevelsSeen(year.year, year.source, year.confirmed),
        groups=[_group(group, asked, year) for group in answer.groups],
        previous=UNSET if answer.previous is None else _window(answer.previous),
    )


def query_in(told: Told) -> str:
    """Return the text of the search."""
    return _one(told, "query")


def _group(group: Group, asked: Question, year: Year) -> wire.GroupSeen:
    placed = levels(group.summary, year).by_metric
    score = quick_check(group.summary)
    return wire.GroupSeen(
        by=dict(zip(asked.group_by, group.values, strict=True)),
        summary=figures_seen(group.summary),
        levels={name: None if level is None else level.value for name, level in placed.items()},
        quick_check=wire.QuickCheckSeen(score.overall, dict(score.by_metric)),
        points=[_point(point, asked.zone) for point in group.points],
        previous=UNSET if group.previous is None else figures_seen(group.previous),
    )


def _point(point: Point, zone: ZoneInfo) -> wire.PointSeen:
    period = point.period
    return wire.PointSeen(
        start=_local(period.start_at, zone), end=_local(period.end_at, zone), **_seen(point.figures)
    )


def figures_seen(figures: Figures) -> wire.FiguresSeen:
    """Return the shape of figures."""
    return wire.FiguresSeen(**_seen(figures))


def _seen(figures: Figures) -> dict[str, Any]:
    failed, rework = figures.change_failure_rate, figures.rework_rate
    recovery, restore = figures.recovery_time, figures.time_to_restore
    return {
        "deployments": figures.deployments,
        "deployments_per_day": figures.deployments_per_day,
        "change_lead_time": figures.change_lead_time and _lead_time(figures.change_lead_time),
        "change_failure_rate": failed and wire.FailureRateSeen(failed.counted, failed.rate, failed.undecided),
        "recovery_time": recovery and wire.RecoverySeen(deployments=recovery.count, **_durations(recovery)),
        "rework_rate": rework and wire.ReworkSeen(rework.counted, rework.rate),
        "time_to_restore": restore and wire.RestoreSeen(failures=restore.count, **_durations(restore)),
        "coverage": wire.CoverageSeen(figures.coverage.with_lead_time, dict(figures.coverage.excluded)),
    }


def _lead_time(lead: LeadTime) -> wire.LeadTimeSeen:
    stages = {name: None if stage is None else _stage(stage, lead) for name, stage in lead.stages.items()}
    return wire.LeadTimeSeen(
        deployments=lead.deployments,
        commits=UNSET if lead.commits is None else lead.commits,
        stages=stages,
        **_durations(lead.spread),
    )


def _stage(stage: Middle, lead: LeadTime) -> wire.StageSeen:
    counted = "deployments" if lead.commits is None else "commits"
    return wire.StageSeen(median_s=stage.median_s, **{counted: stage.count})


def _durations(spread: Spread) -> dict[str, float]:
    return {name: getattr(spread, name) for name in ("median_s", "mean_s", "p75_s", "p90_s", "p95_s")}


def _window(window: tuple[int, int]) -> wire.Window:
    return wire.Window(to_rfc3339(window[0]), to_rfc3339(window[1]))


def _local(instant: int, zone: ZoneInfo) -> str:
    """Return an instant with the offset that the zone has then; `Z` where that is none."""
    local = datetime.fromtimestamp(instant // NS_PER_S, zone)
    text = local.isoformat(timespec="seconds")
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _where(told: Told) -> Any:
    try:
        return parse(_one(told, "query"))
    except SearchError as error:
        raise Rejected(f'attribute "query" cannot be read: {error}', field="query") from error


def _one(told: Told, name: str) -> str:
    values = told.get(name, ())
    if len(values) > 1:
        raise Rejected(f'attribute "{name}" was given more than once', field=name)
    return values[0] if values else ""


def _choice(told: Told, name: str, choices: type[_Choice], usual: _Choice) -> _Choice:
    text = _one(told, name)
    if not text:
        return usual
    _refuse_other(told, name, tuple(choices))
    return choices(text)


def _refuse_other(told: Told, name: str, known: Sequence[str]) -> bool:
    """Return False where a parameter is one of `known`.

    Raises:
        Rejected: it is not.
    """
    if _one(told, name) not in known:
        listed = ", ".join(text for text in known if text)
        raise Rejected(f'attribute "{name}" must be one of: {listed}', field=name)
    return False
