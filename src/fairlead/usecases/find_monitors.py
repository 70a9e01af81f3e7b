"""Find monitors: one by its id, all of an organisation, or those that a search finds."""

from collections.abc import Sequence

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitor_search import Seen, finds, monitor_query
from fairlead.domain.monitors import KnownMonitor, Monitor, MonitorId, MonitorState, Mute, Span
from fairlead.store import monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.tell_states import NO_MONITOR

_NS_PER_MIN = 60 * NS_PER_S


def get_monitor(transaction: Transaction, org_id: OrgId, monitor_id: MonitorId, at: int) -> KnownMonitor:
    """Return a monitor as it stands.

    Raises:
        NotFound: there is none of that id.
    """
    monitor = monitors.get(transaction, org_id, monitor_id)
    if monitor is None:
        raise NotFound(NO_MONITOR)
    return _known(transaction, org_id, [monitor], at)[0]


def find_monitors(transaction: Transaction, org_id: OrgId, query: str, at: int) -> list[KnownMonitor]:
    """Return the monitors that a search finds, the oldest first; all for an empty one.

    Raises:
        Rejected: the query cannot be read.
    """
    tree = monitor_query(query)
    known = _known(transaction, org_id, monitors.of_organisation(transaction, org_id), at)
    return [one for one in known if finds(tree, seen(one))]


def seen(known: KnownMonitor) -> Seen:
    """Return a whole monitor as a search sees it."""
    mute = known.mute
    left = None if mute is None or mute.until_at is None else (mute.until_at - known.at) // _NS_PER_MIN
    return Seen(
        monitor=known.monitor,
        state=known.state,
        groups=known.groups,
        is_muted=mute is not None,
        muted_left_min=left,
        muted_for_min=None if mute is None else (known.at - mute.from_at) // _NS_PER_MIN,
    )


def find_spans(transaction: Transaction, org_id: OrgId, monitor_id: MonitorId, since_at: int) -> list[Span]:
    """Return the states of a monitor that lasted beyond `since_at`, by group and time.

    Raises:
        NotFound: there is none of that id.
    """
    if monitors.get(transaction, org_id, monitor_id) is None:
        raise NotFound(NO_MONITOR)
    return monitor_states.touching(transaction, org_id, since_at, [monitor_id]).get(monitor_id, [])


def entered(
    transaction: Transaction, org_id: OrgId, ids: Sequence[MonitorId]
) -> dict[tuple[MonitorId, str, MonitorState], int]:
    """Return when each group of monitors last entered each state."""
    return monitor_states.latest(transaction, org_id, ids)


def _known(transaction: Transaction, org_id: OrgId, found: Sequence[Monitor], at: int) -> list[KnownMonitor]:
    ids = [found[0].id] if len(found) == 1 else None
    spans = monitor_states.current(transaction, org_id, ids)
    mutes: dict[int, list[Mute]] = {}
    for mute in monitors.mutes_of(transaction, org_id, at, ids):
        if mute.from_at <= at:
            mutes.setdefault(mute.monitor_id, []).append(mute)
    return [
        KnownMonitor(
            monitor=one, spans=tuple(spans.get(one.id, ())), mutes=tuple(mutes.get(one.id, ())), at=at
        )
        for one in found
    ]
