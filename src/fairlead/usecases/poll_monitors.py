"""Poll monitors: take those whose query is due for Prometheus, and keep what it answered.

Not here: asking (`worker.polling`), and what an answer means (`domain.promql`).
"""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import (
    MOST_GROUPS,
    UNGROUPED,
    Monitor,
    MonitorId,
    MonitorState,
    Span,
    StateSource,
)
from fairlead.domain.promql import GroupState
from fairlead.store import monitor_states, monitors, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Kind, Taken
from fairlead.usecases.create_monitors import POLLED_KINDS
from fairlead.usecases.tell_states import StatesTold, keep_states, let_gates_look

KINDS = (Kind.POLL_MONITOR,)
LEASE_NS = 60 * NS_PER_S


class PollsWanted(Struct, frozen=True, kw_only=True):
    """How many monitors to take."""

    most: int
    now: int


class Polled(Struct, frozen=True, kw_only=True):
    """What came of asking for one monitor."""

    taken: Taken
    states: tuple[GroupState, ...] = ()
    failure: str = ""
    """Why there is no answer; empty where there is one."""
    at: int
    again_at: int


def take_polls(transaction: Transaction, wanted: Sequence[PollsWanted]) -> list[list[Taken]]:
    """Take up to so many monitors that are due."""
    return [
        work.take(
            transaction,
            one.most,
            now=one.now,
            leased_until=one.now + LEASE_NS,
            kinds=KINDS,
            most_again=one.most,
        )
        for one in wanted
    ]


def polled_monitors(transaction: Transaction, taken: Sequence[Taken]) -> list[tuple[Taken, Monitor | None]]:
    """Return the monitors to ask for; None for one that is not to be polled any more."""
    return [(one, _polled(transaction, one)) for one in taken]


def keep_polls(transaction: Transaction, polled: Sequence[Polled]) -> list[None]:
    """Keep what was answered for each monitor, and ask for the next time.

    Without an answer every group of it has no data, and the reason says why.
    """
    changed: list[tuple[OrgId, MonitorId]] = []
    for one in sorted(polled, key=lambda one: (one.taken.item.org_id, int(one.taken.item.key))):
        org_id, id = one.taken.item.org_id, MonitorId(int(one.taken.item.key))
        monitor = monitors.hold(transaction, org_id, [id]).get(id)
        if not work.standing(transaction, [one.taken]):
            continue
        work.tick_off(transaction, [one.taken])
        if monitor is None or monitor.kind not in POLLED_KINDS:
            continue
        work.ask(transaction, [one.taken.item], due_at=one.again_at)
        if keep_states(transaction, _told(transaction, org_id, id, one)):
            changed.append((org_id, id))
    let_gates_look(transaction, changed, max((one.at for one in polled), default=0))
    return [None] * len(polled)


def forget_polls(transaction: Transaction, taken: Sequence[Taken]) -> list[None]:
    """Tick off monitors that are not to be polled any more."""
    work.tick_off(transaction, taken)
    return [None] * len(taken)


def _polled(transaction: Transaction, taken: Taken) -> Monitor | None:
    monitor = monitors.get(transaction, taken.item.org_id, int(taken.item.key))
    return monitor if monitor is not None and monitor.kind in POLLED_KINDS else None


def _told(transaction: Transaction, org_id: OrgId, id: MonitorId, polled: Polled) -> StatesTold:
    current = monitor_states.current(transaction, org_id, [id]).get(id, [])
    groups = {span.group for span in current}
    states = {}
    if polled.failure:
        states = {
            group: GroupState(group, MonitorState.NO_DATA, polled.failure) for group in groups or {UNGROUPED}
        }
    for state in polled.states:
        # The worst comes first, should the same group be named twice.
        if len(states) < MOST_GROUPS:
            states.setdefault(state.group, state)
    spans = tuple(
        Span(
            monitor_id=id,
            group=one.group,
            state=one.state,
            from_at=polled.at,
            reason=one.reason,
            source=StateSource.PROMETHEUS,
        )
        for one in states.values()
    )
    return StatesTold(
        org_id=org_id, monitor_id=id, spans=spans, gone=tuple(sorted(groups - states.keys())), at=polled.at
    )
