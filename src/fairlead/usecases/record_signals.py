"""Record signals of alerting tools: each to the monitors that hear it, or to one made for it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fairlead.domain.access import OrgId
from fairlead.domain.monitors import Monitor, MonitorId, Span
from fairlead.domain.signals import Signal, is_heard_by, monitor_for
from fairlead.store import monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.create_monitors import begin
from fairlead.usecases.tell_states import StatesTold, hold_monitors, keep_states, let_gates_look


def record_signals(transaction: Transaction, signals: Sequence[Signal]) -> None:
    """Record each signal; the same again, in whatever order, changes nothing.

    Raises:
        Rejected: with it a monitor would have too many groups.
    """
    told: dict[tuple[OrgId, MonitorId], list[Span]] = {}
    at: dict[OrgId, int] = {}
    for signal in signals:
        at[signal.org_id] = max(at.get(signal.org_id, 0), signal.received_at)
        for monitor in _hearers(transaction, signal):
            told.setdefault((signal.org_id, monitor.id), []).append(_span(signal, monitor))
    changes = [
        StatesTold(org_id=org_id, monitor_id=id, spans=tuple(spans), at=at[org_id])
        for (org_id, id), spans in sorted(told.items())
    ]
    hold_monitors(transaction, changes)
    changed = [(one.org_id, one.monitor_id) for one in changes if keep_states(transaction, one)]
    let_gates_look(transaction, changed, max(at.values(), default=0))


def _hearers(transaction: Transaction, signal: Signal) -> Iterable[Monitor]:
    made = monitor_for(signal)
    hearing = [
        one
        for one in monitors.with_query(transaction, signal.org_id, made.query)
        if one.id == made.id or is_heard_by(signal, one)
    ]
    if not hearing:
        hearing = [_make(transaction, made)]
    return hearing


def _make(transaction: Transaction, monitor: Monitor) -> Monitor:
    if monitors.add_unless_known(transaction, monitor):
        begin(transaction, monitor)
    else:
        # It was deleted, and there is something to hear of it again.
        monitors.put(transaction, replace(monitor, deleted_at=None))
    return monitor


def _span(signal: Signal, monitor: Monitor) -> Span:
    return Span(
        monitor_id=monitor.id,
        group=signal.group,
        state=signal.state,
        from_at=signal.at,
        reason=signal.reason,
        source=signal.source,
    )
