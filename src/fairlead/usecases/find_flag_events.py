"""Find what happened to flags in an environment, with the impact it had."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairlead.domain.code_references import is_same_repository
from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import SPAN_NS, FlagEventShown, ImpactSize, impact_of
from fairlead.domain.insights import Territory
from fairlead.store import flag_impacts, territories
from fairlead.store.engine import Transaction
from fairlead.usecases.find_attempts import require_territory
from fairlead.usecases.find_code_references import flag_uses


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEventsAsked:
    """What is asked for; the latest first."""

    territory: Territory
    from_at: int
    """Inclusive."""
    until_at: int
    """Inclusive."""
    text: str = ""
    """Part of the flag's key, in whatever case."""
    impact_size: ImpactSize | None = None
    has_experiments: bool | None = None
    with_global: bool = True
    """Whether what is the same in every environment is wanted too."""
    releases_only: bool = False
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEventsPage:
    """Which of them."""

    after: str = ""
    """The id of the last of the page before."""
    before: str = ""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEventsFound:
    """One page."""

    items: Sequence[FlagEventShown]
    total: int
    has_next: bool
    has_previous: bool


def find_flag_events(
    transaction: Transaction, asked: FlagEventsAsked, page: FlagEventsPage
) -> FlagEventsFound:
    """Return one page.

    Raises:
        NotFound: the project or environment is not known.
    """
    require_territory(transaction, asked.territory)
    every = _events(transaction, asked)
    if asked.impact_size is not None:
        shown = [one for one in _shown(transaction, asked, every) if _size(one) is asked.impact_size]
        start, end = _stretch([one.event for one in shown], page)
        items: Sequence[FlagEventShown] = shown[start:end]
        total = len(shown)
    else:
        start, end = _stretch(every, page)
        items, total = _shown(transaction, asked, every[start:end]), len(every)
    return FlagEventsFound(items=items, total=total, has_next=end < total, has_previous=start > 0)


def every_flag_event(transaction: Transaction, asked: FlagEventsAsked) -> list[FlagEventShown]:
    """Return all of them with their impact, of a territory that is there, the latest first."""
    shown = _shown(transaction, asked, _events(transaction, asked))
    return [one for one in shown if asked.impact_size in (None, _size(one))]


def flags_of_applications(transaction: Transaction, territory: Territory) -> set[str] | None:
    """Return the flags that the code of a territory's applications names; None where all are wanted.

    An application's code is in the repositories that it was deployed from.
    """
    if not territory.applications:
        return None
    repositories = territories.repositories_of_applications(transaction, territory)
    uses = flag_uses(transaction, territory.org_id, territory.project_key)
    return {
        one.count.flag_key
        for one in uses
        if any(is_same_repository(one.repository, repository) for repository in repositories)
    }


def _events(transaction: Transaction, asked: FlagEventsAsked) -> list[FlagEvent]:
    if asked.has_experiments:
        # Nobody tells Fairlead of experiments, so no change is part of one.
        return []
    found = flag_impacts.events_in(
        transaction,
        asked.territory,
        asked.from_at,
        asked.until_at,
        text=asked.text,
        with_global=asked.with_global,
        releases_only=asked.releases_only,
    )
    flags = flags_of_applications(transaction, asked.territory)
    return [one for one in found if flags is None or one.flag_key in flags]


def _shown(
    transaction: Transaction, asked: FlagEventsAsked, events: Sequence[FlagEvent]
) -> list[FlagEventShown]:
    ripe = [one for one in events if one.is_release and one.happened_at + SPAN_NS <= asked.now]
    counts = flag_impacts.counts_around(transaction, asked.territory, ripe)
    return [FlagEventShown(one, impact_of(*counts.get(one.id, ({}, {})))) for one in events]


def _size(one: FlagEventShown) -> ImpactSize | None:
    return None if one.impact is None else one.impact.size


def _stretch(every: Sequence[FlagEvent], page: FlagEventsPage) -> tuple[int, int]:
    if not page.after and not page.before:
        return 0, min(page.limit, len(every))
    places = {one.id: place for place, one in enumerate(every)}
    if page.after:
        start = min(places.get(page.after, len(every)) + 1, len(every))
        return start, min(start + page.limit, len(every))
    end = places.get(page.before, 0)
    return max(0, end - page.limit), end
