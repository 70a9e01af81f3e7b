"""Tell the states of monitors: keep each change as a span of time, and let the gates look."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.monitors import MOST_GROUPS, NOTHING_HEARD, UNGROUPED, Monitor, MonitorId, Span
from fairlead.store import monitor_states, monitors, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind

NO_MONITOR = "Monitor not found"


class StatesTold(Struct, frozen=True, kw_only=True):
    """What somebody says about one monitor, at one time."""

    org_id: OrgId
    monitor_id: MonitorId
    spans: tuple[Span, ...]
    """Each from its beginning on; where they end is not looked at."""
    gone: tuple[str, ...] = ()
    """Groups that are no more."""
    at: int


def tell_states(transaction: Transaction, told: Sequence[StatesTold]) -> list[Monitor | FairleadError]:
    """Keep what is told of each monitor and return it, or `NotFound`, or why its groups are refused.

    Telling the same again, in whatever order, changes nothing.
    """
    known = hold_monitors(transaction, told)
    results: list[Monitor | FairleadError] = []
    changed: list[tuple[OrgId, MonitorId]] = []
    for one in told:
        monitor = known.get((one.org_id, one.monitor_id))
        if monitor is None:
            results.append(NotFound(NO_MONITOR))
            continue
        try:
            if keep_states(transaction, one):
                changed.append((one.org_id, one.monitor_id))
            results.append(monitor)
        except Rejected as error:
            results.append(error)
    let_gates_look(transaction, changed, max((one.at for one in told), default=0))
    return results


def hold_monitors(
    transaction: Transaction, told: Iterable[StatesTold]
) -> dict[tuple[OrgId, MonitorId], Monitor]:
    """Return the monitors that are told of; nobody else writes their states meanwhile."""
    ids: dict[OrgId, set[MonitorId]] = {}
    for one in told:
        ids.setdefault(one.org_id, set()).add(one.monitor_id)
    return {
        (org_id, monitor.id): monitor
        for org_id in sorted(ids)
        for monitor in monitors.hold(transaction, org_id, ids[org_id]).values()
    }


def keep_states(transaction: Transaction, told: StatesTold) -> bool:
    """Keep what is told of a monitor that is held; tell whether anything was new.

    Raises:
        Rejected: with it the monitor would have too many groups.
    """
    current = monitor_states.current(transaction, told.org_id, [told.monitor_id]).get(told.monitor_id, [])
    groups = {span.group for span in current} | {span.group for span in told.spans}
    if len(groups) > MOST_GROUPS + 1:
        raise Rejected(f"a monitor has at most {MOST_GROUPS} groups", field="group")
    _end_silence(transaction, told, current)
    changes = [
        monitor_states.end(transaction, told.org_id, told.monitor_id, group, told.at) for group in told.gone
    ]
    changes += [monitor_states.tell(transaction, told.org_id, span) for span in told.spans]
    return any(changes)


def _end_silence(transaction: Transaction, told: StatesTold, current: Iterable[Span]) -> None:
    """From now on there is something better to say than that nothing was heard."""
    heard = [span.from_at for span in told.spans]
    for span in current:
        if heard and span.group == UNGROUPED and span.reason == NOTHING_HEARD:
            since = max(span.from_at, min(heard))
            monitor_states.end(transaction, told.org_id, told.monitor_id, UNGROUPED, since)


def let_gates_look(transaction: Transaction, changed: Iterable[tuple[OrgId, MonitorId]], at: int) -> None:
    """Ask that the rules that watch one of those monitors just now look again."""
    work.ask(transaction, [Item(org_id, Kind.LOOK_AT_MONITORS, str(id)) for org_id, id in changed], due_at=at)
