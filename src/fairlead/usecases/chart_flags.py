"""Draw flags: how often they were released, how they stand, and which are stale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from fairlead.domain.flag_impact import FlagEventShown
from fairlead.domain.flag_standing import FlagStatus, Spans, Standing
from fairlead.domain.frames import pl
from fairlead.domain.insights import Territory
from fairlead.metrics.insight_charts import Chart, Line, Point
from fairlead.metrics.insight_windows import Window, counts, reach
from fairlead.store.engine import Transaction
from fairlead.usecases.chart_deliveries import ChartAsked
from fairlead.usecases.find_attempts import require_territory
from fairlead.usecases.find_flag_events import FlagEventsAsked, every_flag_event, flags_of_applications
from fairlead.usecases.find_flags import flag_standings

UNKNOWN_IMPACT = "unknown"
_NOBODY = "none"


class StandingsAsked(Struct, frozen=True, kw_only=True):
    """Which flags are asked about, and when."""

    territory: Territory
    now: int
    spans: Spans
    by_maintainer: bool = False
    maintainer_ids: tuple[str, ...] = ()
    maintainer_teams: tuple[str, ...] = ()
    """Where either is named, flags of any of them."""


def chart_releases(
    transaction: Transaction,
    asked: ChartAsked,
    now: int,
    *,
    with_global: bool,
    has_experiments: bool | None,
) -> Chart:
    """Return how many changes of flags that can affect an evaluation happened in each window.

    Raises:
        NotFound: the project or environment is not known.
        Rejected: there would be too many points.
    """
    require_territory(transaction, asked.territory)
    cut = asked.windows
    events = FlagEventsAsked(
        territory=asked.territory,
        from_at=reach(asked.cut, asked.from_at, asked.bucket_ns),
        until_at=asked.until_at,
        has_experiments=has_experiments,
        with_global=with_global,
        releases_only=True,
        now=now,
    )
    shown = every_flag_event(transaction, events)
    here = [one for one in shown if one.event.happened_at >= asked.from_at]
    names = {_impact(one) for one in here} if asked.group_by == "impact" else {"releases"}
    pick: Callable[[FlagEventShown], str] = _impact if asked.group_by == "impact" else lambda _: "releases"
    lines = [
        Line(
            name,
            _counted([one for one in shown if pick(one) == name], cut),
            sum(pick(one) == name for one in here),
        )
        for name in sorted(names)
    ]
    return Chart(
        name="releaseFrequency",
        unit="count",
        lines=lines,
        summary={"total": len(here), "averagePerDay": len(here) / asked.days},
        metrics={"impactSize": average_impact(here)},
    )


def chart_statuses(transaction: Transaction, asked: StandingsAsked) -> Chart:
    """Return how many flags are new, active, launched and inactive now.

    Raises:
        NotFound: the project or environment is not known.
    """
    found = _standings(transaction, asked)
    sums = Counter(one.status for one in found)
    lines = [Line(one.value, [Point(asked.now, sums[one])], sums[one]) for one in FlagStatus]
    return Chart(name="flagStatus", unit="count", lines=lines, summary={"total": len(found)})


def chart_stale(transaction: Transaction, asked: StandingsAsked) -> Chart:
    """Return how many flags are stale now.

    Raises:
        NotFound: the project or environment is not known.
    """
    temporary = [one for one in _standings(transaction, asked) if one.flag.temporary]
    stale = [one for one in temporary if one.is_stale]
    sums = Counter(_maintainer(one) if asked.by_maintainer else "stale" for one in stale)
    names = sorted(sums) if asked.by_maintainer else ["stale"]
    health = stale_share(temporary)
    return Chart(
        name="staleFlags",
        unit="count",
        lines=[Line(name, [Point(asked.now, sums[name])], sums[name]) for name in names],
        summary={
            "stale": len(stale),
            "temporary": len(temporary),
            "percentage": None if health is None else 100 * health,
        },
        metrics={"flagHealth": health},
    )


def stale_share(standings: Sequence[Standing]) -> float | None:
    """Return which share of temporary flags is stale; None without any."""
    temporary = [one for one in standings if one.flag.temporary]
    return sum(one.is_stale for one in temporary) / len(temporary) if temporary else None


def average_impact(shown: Sequence[FlagEventShown]) -> float | None:
    """Return the average impact of releases in percent, of those whose impact is known; None without any."""
    known = [one.impact.percentage for one in shown if one.impact is not None]
    return sum(known) / len(known) if known else None


def _standings(transaction: Transaction, asked: StandingsAsked) -> list[Standing]:
    territory = asked.territory
    require_territory(transaction, territory)
    keys = flags_of_applications(transaction, territory)
    found = flag_standings(
        transaction,
        territory.org_id,
        territory.project_key,
        territory.env,
        now=asked.now,
        spans=asked.spans,
        keys=keys,
    )
    if not asked.maintainer_ids and not asked.maintainer_teams:
        return found
    return [
        one
        for one in found
        if one.flag.maintainer.id in asked.maintainer_ids
        or one.flag.maintainer.team_key in asked.maintainer_teams
    ]


def _maintainer(one: Standing) -> str:
    maintainer = one.flag.maintainer
    return maintainer.email or maintainer.id or maintainer.team_key or _NOBODY


def _impact(one: FlagEventShown) -> str:
    return UNKNOWN_IMPACT if one.impact is None else one.impact.size.value


def _counted(shown: Sequence[FlagEventShown], cut: Sequence[Window]) -> list[Point]:
    at = pl.Series([one.event.happened_at for one in shown], dtype=pl.Int64).sort()
    found = counts(at, cut)
    return [Point(window.named_at, count) for window, count in zip(cut, found, strict=True)]
