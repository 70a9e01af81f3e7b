"""Record signals of alerting tools: each to the monitors that hear it, or to one made for it."""

from collections.abc import Sequence

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
    known: dict[tuple[OrgId, str], list[Monitor]] = {}
    for signal in signals:
        for monitor in _hearers(transaction, signal, known):
            told.setdefault((signal.org_id, monitor.id), []).append(_span(signal, monitor))
    at = max((signal.received_at for signal in signals), default=0)
    changes = [
        StatesTold(org_id=org_id, monitor_id=id, spans=tuple(spans), at=at)
        for (org_id, id), spans in sorted(told.items())
    ]
    hold_monitors(transaction, changes)
    changed = [(one.org_id, one.monitor_id) for one in changes if keep_states(transaction, one)]
    let_gates_look(transaction, changed, at)


def _hearers(
    transaction: Transaction, signal: Signal, known: dict[tuple[OrgId, str], list[Monitor]]
) -> list[Monitor]:
    """Return the monitors that hear a signal; `known` are those of its name, by organisation and query."""
    made = monitor_for(signal)
    named = (signal.org_id, made.query)
    if named not in known:
        known[named] = monitors.with_query(transaction, *named)
    hearing = [one for one in known[named] if one.id == made.id or is_heard_by(signal, one)]
    if not hearing:
        hearing = [_make(transaction, made)]
        known[named] += hearing
    return hearing


def _make(transaction: Transaction, monitor: Monitor) -> Monitor:
    if monitors.add_unless_known(transaction, monitor):
        begin(transaction, monitor)
    else:
        # It was deleted, and there is something to hear of it again; or somebody else was faster.
        monitors.put(transaction, monitor)
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
