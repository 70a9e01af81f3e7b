"""Score how well a territory does: the values behind insight scores, for a period and the one before."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from fairlead.domain.flag_standing import Spans
from fairlead.domain.frames import pl
from fairlead.domain.insights import Territory
from fairlead.domain.instants import NS_PER_S
from fairlead.metrics.insight_scores import Score, scores
from fairlead.store import insight_rows
from fairlead.store.engine import Transaction
from fairlead.usecases.chart_flags import average_impact, stale_share
from fairlead.usecases.find_attempts import require_territory
from fairlead.usecases.find_flag_events import FlagEventsAsked, every_flag_event, flags_of_applications
from fairlead.usecases.find_flags import flag_standings

PERIOD_NS = 30 * 86_400 * NS_PER_S
_DAYS = 30


class Period(Struct, frozen=True):
    """A stretch of time: its start does not belong to it, its end does."""

    from_at: int
    until_at: int


class Scored(Struct, frozen=True, kw_only=True):
    """Scores of a period and of the one before, each by its name."""

    period: Period
    last_period: Period
    scores: Mapping[str, Score]
    last_scores: Mapping[str, Score]


def score_territory(transaction: Transaction, territory: Territory, now: int, spans: Spans) -> Scored:
    """Return the scores of a territory that is there.

    Raises:
        NotFound: its project or environment is not known.
    """
    require_territory(transaction, territory)
    return score_insights(transaction, territory, now, spans)


def score_insights(transaction: Transaction, territory: Territory, now: int, spans: Spans) -> Scored:
    """Return the scores of the 30 days before `now`, and of the 30 before those."""
    period = Period(now - PERIOD_NS, now)
    before = Period(period.from_at - PERIOD_NS, period.from_at)
    rows = insight_rows.deployed(transaction, territory, before.from_at, period.until_at)
    values = [
        _delivery(rows, one) | _flags(transaction, territory, one, now, spans) for one in (period, before)
    ]
    return Scored(period=period, last_period=before, scores=scores(values[0]), last_scores=scores(values[1]))


def _delivery(rows: pl.DataFrame, period: Period) -> dict[str, float | None]:
    """Return what deployments say; without any, nothing is known."""
    mine = rows.filter((pl.col("finished_at") > period.from_at) & (pl.col("finished_at") <= period.until_at))
    times = mine["lead_time_ns"].drop_nulls()
    failed = mine.filter(pl.col("change_failure")).height
    return {
        "deploymentFrequency": mine.height / _DAYS if mine.height else None,
        "leadTime": sum(times) / len(times) if len(times) else None,
        "deploymentFailureRate": failed / mine.height if mine.height else None,
    }


def _flags(
    transaction: Transaction, territory: Territory, period: Period, now: int, spans: Spans
) -> dict[str, float | None]:
    """Return what flags say: how they stood at the end of a period, by what is known of them today."""
    events = FlagEventsAsked(
        territory=territory,
        from_at=period.from_at + 1,
        until_at=period.until_at,
        releases_only=True,
        now=now,
    )
    standings = flag_standings(
        transaction,
        territory.org_id,
        territory.project_key,
        territory.env,
        now=period.until_at,
        spans=spans,
        keys=flags_of_applications(transaction, territory),
    )
    there = [one for one in standings if one.flag.created_at <= period.until_at]
    return {
        "impactSize": average_impact(every_flag_event(transaction, events)),
        "flagHealth": stale_share(there),
    }
