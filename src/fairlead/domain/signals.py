"""Signals: what alerting tools tell of their own accord, and incidents that people work on.

A signal is about a monitor that its tool knows by a name of its own. A monitor that was made here
for that name hears it; without one, a monitor is made. Not here: vendors' payloads.
"""

import hashlib
from collections.abc import Container, Mapping

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import EARLIEST_AT, from_rfc3339
from fairlead.domain.monitors import UNGROUPED, Monitor, MonitorId, MonitorState, StateSource

_FIRST_ID = 2**31
_IDS = 2**52
SIGNAL_KIND = "event-v2 alert"
"""The type of monitors that are made for signals."""
_SCOPES = {"service": "service", "env": "env", "environment": "env", "team": "team"}
"""Labels that tell one monitor of a name from another, and the tags they become."""
_LONGEST_GROUP = 1000


class Signal(Struct, frozen=True, kw_only=True):
    """That something is in a state from an instant on."""

    org_id: OrgId
    source: StateSource
    name: str
    """What the tool calls it: the name of an alert, or of a service."""
    tags: tuple[str, ...] = ()
    """Those that tell one monitor of that name from another: service, env and team."""
    message: str = ""
    group: str = UNGROUPED
    state: MonitorState
    at: int
    reason: str = ""
    received_at: int


class Incident(Struct, frozen=True, kw_only=True):
    """What an incident tool says of one incident. Texts are empty where it says nothing."""

    org_id: OrgId
    id: str
    title: str
    severity: str = ""
    env: str = ""
    """Told with the delivery, for all incidents of a hook."""
    service: str
    """The service as the tool calls it."""
    service_id: str = ""
    """The last part of its address there."""
    teams: tuple[str, ...] = ()
    started_at: int
    finished_at: int | None = None
    reopened_at: int | None = None
    """Set by the report that it is open again."""
    by_hand: bool = False
    """A person resolved it, so that the monitor that raised it says nothing of it."""
    source: str
    received_at: int
    fact: str


def scope_tags(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tags that tell one monitor of a name from another."""
    return tuple(sorted({f"{tag}:{labels[name]}" for name, tag in _SCOPES.items() if labels.get(name)}))


def group_name(labels: Mapping[str, str], without: Container[str]) -> str:
    """Return the name of the group that the other labels stand for."""
    named = (
        f"{name}:{labels[name]}"
        for name in sorted(labels)
        if labels[name] and name not in without and name not in _SCOPES
    )
    return ",".join(named)[:_LONGEST_GROUP]


def told_instant(text: str, received_at: int, field: str) -> int:
    """Return when something began or ended, never later than it was told; the year 1 stands for no time.

    Raises:
        Rejected: the text is no time.
    """
    try:
        at = from_rfc3339(text)
    except (ValueError, OverflowError):
        raise Rejected(f'attribute "{field}" is no time', field=field) from None
    return min(at, received_at) if at >= EARLIEST_AT else received_at


def signal_query(source: StateSource, name: str) -> str:
    """Return the query of monitors that hear signals of that name."""
    return f"{source.value}:{name}"


def signal_source(query: str) -> StateSource | None:
    """Return whose signals a monitor of that query hears, or None if it hears none."""
    source = query.partition(":")[0].strip()
    known = (StateSource.ALERTMANAGER, StateSource.GRAFANA, StateSource.PAGERDUTY)
    return next((one for one in known if one.value == source), None)


def is_heard_by(signal: Signal, monitor: Monitor) -> bool:
    """Tell whether a monitor hears a signal: the name is its own, and no scope of its tags is another."""
    if monitor.query != signal_query(signal.source, signal.name):
        return False
    told = set(signal.tags)
    scoped = [tag for tag in monitor.tags if tag.partition(":")[0] in _SCOPES]
    keys = {tag.partition(":")[0] for tag in signal.tags}
    return all(tag in told for tag in scoped if tag.partition(":")[0] in keys)


def monitor_for(signal: Signal) -> Monitor:
    """Return the monitor that is made for a signal that none hears; the same for the same name and tags."""
    content = "\0".join((signal.source.value, signal.name, *sorted(signal.tags)))
    digest = hashlib.blake2b(content.encode(), digest_size=8).digest()
    return Monitor(
        org_id=signal.org_id,
        # Beyond the ids that are given to monitors by chance, and exact in every client.
        id=MonitorId(_FIRST_ID + int.from_bytes(digest, "big") % _IDS),
        kind=SIGNAL_KIND,
        query=signal_query(signal.source, signal.name),
        name=signal.name,
        message=signal.message,
        tags=signal.tags,
        source=signal.source,
        created_at=signal.received_at,
        created_by=Author(signal.source.value, signal.source.value),
        updated_at=signal.received_at,
    )
