"""Find what happened to flags in an environment, with the impact it had."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.code_references import is_same_repository
from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import SPAN_NS, FlagEventShown, ImpactSize, impact_of
from fairlead.domain.insights import Territory
from fairlead.store import flag_impacts, territories
from fairlead.store.engine import Transaction
from fairlead.usecases.find_attempts import require_territory
from fairlead.usecases.find_code_references import flag_uses


class FlagEventsAsked(Struct, frozen=True, kw_only=True):
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


class FlagEventsPage(Struct, frozen=True, kw_only=True):
    """Which of them."""

    after: str = ""
    """The id of the last of the page before."""
    before: str = ""
    limit: int


class FlagEventsFound(Struct, frozen=True, kw_only=True):
    """One page."""

    items: Sequence[FlagEventShown]
    total: int
    has_next: bool
    has_previous: bool


def find_flag_events(
    transaction: Transaction, asked: FlagEventsAsked, page: FlagEventsPage
) -> FlagEventsFound:
    """Return one page; what has an impact of some size is only known once every impact is.

    Raises:
        NotFound: the project or environment is not known.
    """
    require_territory(transaction, asked.territory)
    events = _asked(transaction, asked)
    if asked.impact_size is not None:
        return _cut(every_flag_event(transaction, asked), page)
    if events is None:
        return FlagEventsFound(items=[], total=0, has_next=False, has_previous=False)
    found = flag_impacts.events_beside(
        transaction, events, after=page.after, before=page.before, limit=page.limit + 1
    )
    has_more = len(found) > page.limit
    if has_more:
        found = found[:-1] if page.after or not page.before else found[1:]
    return FlagEventsFound(
        items=_shown(transaction, asked, found),
        total=flag_impacts.count_in(transaction, events),
        # Whoever came from somewhere can go back there.
        has_next=has_more if page.after or not page.before else True,
        has_previous=bool(page.after) or (bool(page.before) and has_more),
    )


def every_flag_event(transaction: Transaction, asked: FlagEventsAsked) -> list[FlagEventShown]:
    """Return all of them with their impact, of a territory that is there, the latest first."""
    events = _asked(transaction, asked)
    found = [] if events is None else flag_impacts.events_in(transaction, events)
    shown = _shown(transaction, asked, found)
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


def _asked(transaction: Transaction, asked: FlagEventsAsked) -> flag_impacts.Events | None:
    """Return which events are asked for; None where there can be none."""
    if asked.has_experiments:
        # Nobody tells Fairlead of experiments, so no change is part of one.
        return None
    return flag_impacts.Events(
        territory=asked.territory,
        from_at=asked.from_at,
        until_at=asked.until_at,
        text=asked.text,
        flags=flags_of_applications(transaction, asked.territory),
        with_global=asked.with_global,
        releases_only=asked.releases_only,
    )


def _shown(
    transaction: Transaction, asked: FlagEventsAsked, events: Sequence[FlagEvent]
) -> list[FlagEventShown]:
    ripe = [one for one in events if one.is_release and one.happened_at + SPAN_NS <= asked.now]
    counts = flag_impacts.counts_around(transaction, asked.territory, ripe)
    return [FlagEventShown(one, impact_of(*counts.get(one.id, ({}, {})))) for one in events]


def _size(one: FlagEventShown) -> ImpactSize | None:
    return None if one.impact is None else one.impact.size


def _cut(shown: Sequence[FlagEventShown], page: FlagEventsPage) -> FlagEventsFound:
    """Return a page out of all events; one beside what is gone meanwhile is empty."""
    places = {one.event.id: place for place, one in enumerate(shown)}
    start, end = 0, len(shown)
    if page.after:
        start = min(places.get(page.after, end) + 1, end)
    elif page.before:
        end = places.get(page.before, 0)
        start = max(0, end - page.limit)
    end = min(start + page.limit, end)
    return FlagEventsFound(
        items=shown[start:end], total=len(shown), has_next=end < len(shown), has_previous=start > 0
    )
