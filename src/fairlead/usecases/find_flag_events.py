"""Find what happened to flags, with the impact each change had on what they serve."""

from dataclasses import dataclass

from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import EITHER_SIDE_NS, Impact, impact
from fairlead.store import flag_history
from fairlead.store.engine import Transaction
from fairlead.store.flag_history import FlagEventsPage

__all__ = ["FlagEventFound", "FlagEventsPage", "count_flag_events", "find_flag_events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEventFound:
    """An event with its impact."""

    event: FlagEvent
    impact: Impact | None
    """None while it cannot be told: too soon after the event, or nobody told of evaluations."""


def find_flag_events(transaction: Transaction, page: FlagEventsPage, now: int) -> list[FlagEventFound]:
    """Return one page of events, the latest first, with their impact in the environment asked about."""
    found = flag_history.find_events(transaction, page)
    assessed = [one for one in found if now >= one.happened_at + EITHER_SIDE_NS]
    around = flag_history.evaluated_around(transaction, page.environment_key, assessed)
    return [
        FlagEventFound(event=one, impact=impact(*around[one.id]) if one.id in around else None)
        for one in found
    ]


count_flag_events = flag_history.count_events
