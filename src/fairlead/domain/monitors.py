"""Monitors: what watches a service, and every state each of them was in.

A state is kept as a span of time, never as a sample, so what happened between two looks is known.
Not here: where states come from, and which monitors a search finds (`monitor_search`).
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NewType

from msgspec import Struct, field

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import require_text

MonitorId = NewType("MonitorId", int)

UNGROUPED = ""
"""The group of a monitor without groups."""
LONGEST_QUERY = 10_000
LONGEST_MESSAGE = 100_000
MOST_TAGS = 200
MOST_GROUPS = 1000
"""Of one monitor at a time; further ones are not kept."""
NOTHING_HEARD = "nothing was heard of it yet"


class MonitorState(StrEnum):
    """How a monitor, or one group of it, stands."""

    OK = "ok"
    WARN = "warn"
    ALERT = "alert"
    NO_DATA = "no_data"


_WORST_FIRST = (MonitorState.ALERT, MonitorState.WARN, MonitorState.NO_DATA, MonitorState.OK)


class StateSource(StrEnum):
    """Who tells the states of a monitor."""

    TOLD = "told"
    """Whoever posts them."""
    PROMETHEUS = "prometheus"
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    PAGERDUTY = "pagerduty"


class Monitor(Struct, frozen=True, kw_only=True):
    """What watches."""

    org_id: OrgId
    id: MonitorId
    kind: str
    """The type in its maker's words, such as `query alert`."""
    query: str
    name: str = ""
    message: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    """What else its maker told, which means nothing here."""
    source: StateSource = StateSource.TOLD
    created_at: int
    created_by: Author
    updated_at: int
    deleted_at: int | None = None

    def __post_init__(self) -> None:
        if not require_text(self.query, "query", longest=LONGEST_QUERY).strip():
            raise Rejected('attribute "query" is required', field="query")
        require_text(self.name, "name")
        require_text(self.message, "message", longest=LONGEST_MESSAGE)
        if len(self.tags) > MOST_TAGS:
            raise Rejected(f'attribute "tags" holds more than {MOST_TAGS} tags', field="tags")
        for tag in self.tags:
            require_text(tag, "tags")


class Span(Struct, frozen=True, kw_only=True):
    """One state of one group, from an instant up to, and without, another."""

    monitor_id: MonitorId
    group: str = UNGROUPED
    """Such as `env:prod,pod:web-1`."""
    state: MonitorState
    from_at: int
    until_at: int | None = None
    """None where it still lasts."""
    reason: str = ""
    source: StateSource = StateSource.TOLD


class Mute(Struct, frozen=True, kw_only=True):
    """A span during which nobody wants to hear of a monitor, or of one group of it."""

    monitor_id: MonitorId
    group: str = UNGROUPED
    """Tags that a group must have; empty means the whole monitor."""
    from_at: int
    until_at: int | None = None


class Watched(Struct, frozen=True, kw_only=True):
    """A monitor with the spans and mutes that touch a span of time, in order of time."""

    monitor: Monitor
    spans: tuple[Span, ...] = ()
    mutes: tuple[Mute, ...] = ()


def overall(states: Iterable[MonitorState]) -> MonitorState:
    """Return the state of a whole monitor: the worst of its groups, and no data for no group."""
    known = set(states)
    return next((state for state in _WORST_FIRST if state in known), MonitorState.NO_DATA)


def group_tags(group: str) -> tuple[str, ...]:
    """Return the tags that name a group."""
    return tuple(tag.strip() for tag in group.split(",") if tag.strip())


def is_covered(mute: Mute, group: str) -> bool:
    """Tell whether a mute is about a group: every tag it names is one of the group's."""
    return set(group_tags(mute.group)) <= set(group_tags(group))


def heard_at(mutes: Iterable[Mute], group: str, start: int, end: int) -> int | None:
    """Return the first instant from `start` to `end`, both included, at which a group is not muted."""
    at = start
    for mute in sorted((one for one in mutes if is_covered(one, group)), key=lambda one: one.from_at):
        if mute.from_at <= at and (mute.until_at is None or at < mute.until_at):
            if mute.until_at is None:
                return None
            at = mute.until_at
    return at if at <= end else None


class KnownMonitor(Struct, frozen=True, kw_only=True):
    """A monitor as it stands at one instant."""

    monitor: Monitor
    spans: tuple[Span, ...]
    """Those that last, one for each group."""
    mutes: tuple[Mute, ...]
    """Those that have begun and not ended."""
    at: int

    @property
    def state(self) -> MonitorState:
        """The worst of its groups."""
        return overall(span.state for span in self.spans)

    @property
    def state_since(self) -> int:
        """Since when it has been in its state; its creation where nothing was told."""
        mine = [span.from_at for span in self.spans if span.state is self.state]
        return min(mine, default=self.monitor.created_at)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of its groups; none for a monitor without groups."""
        return tuple(span.group for span in self.spans if span.group != UNGROUPED)

    @property
    def mute(self) -> Mute | None:
        """What mutes the whole of it, or nothing."""
        return next((mute for mute in self.mutes if mute.group == UNGROUPED), None)

    def group_mute(self, group: str) -> Mute | None:
        """Return what mutes a group, or nothing."""
        return next((mute for mute in self.mutes if is_covered(mute, group)), None)
