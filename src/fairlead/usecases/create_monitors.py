"""Create monitors."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.domain.monitors import (
    NOTHING_HEARD,
    KnownMonitor,
    Monitor,
    MonitorId,
    MonitorState,
    Mute,
    Span,
)
from fairlead.domain.signals import signal_source
from fairlead.store import monitor_states, monitors, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind
from fairlead.usecases.tell_states import let_gates_look

MOST_MONITORS = 10_000
"""Of one organisation."""
POLLED_KINDS = frozenset({"query alert", "metric alert"})
"""Types whose query is PromQL, which a worker asks Prometheus wherever one is configured."""
_LAST_ID = 2**31


class MonitorWanted(Struct, frozen=True, kw_only=True):
    """A monitor to be, whose id is not looked at."""

    monitor: Monitor
    mutes: tuple[Mute, ...] = ()
    chance: bytes
    """8 bytes of randomness, of which the id is made."""


def create_monitors(
    transaction: Transaction, wanted: Sequence[MonitorWanted]
) -> list[KnownMonitor | FairleadError]:
    """Create each monitor; until something is heard of it, it has no data."""
    return [_create(transaction, one) for one in wanted]


def begin(transaction: Transaction, monitor: Monitor) -> Span:
    """Keep that nothing was heard of a new monitor yet.

    Tools that tell of alerts tell nothing while there is none, so that silence of them is good news.
    """
    hears = signal_source(monitor.query) is not None
    span = Span(
        monitor_id=monitor.id,
        state=MonitorState.OK if hears else MonitorState.NO_DATA,
        from_at=monitor.created_at,
        reason=NOTHING_HEARD,
        source=monitor.source,
    )
    monitor_states.tell(transaction, monitor.org_id, span)
    return span


def ask_for_polls(transaction: Transaction, monitor: Monitor, at: int) -> None:
    """Ask that Prometheus is asked, where the monitor's query is for it."""
    if monitor.kind in POLLED_KINDS:
        work.ask(transaction, [poll_item(monitor.org_id, monitor.id)], due_at=at)


def poll_item(org_id: OrgId, monitor_id: MonitorId) -> Item:
    """Return the work of asking Prometheus for a monitor."""
    return Item(org_id, Kind.POLL_MONITOR, str(monitor_id))


def _create(transaction: Transaction, wanted: MonitorWanted) -> KnownMonitor | FairleadError:
    at, org_id = wanted.monitor.created_at, wanted.monitor.org_id
    if monitors.count(transaction, org_id) >= MOST_MONITORS:
        return Rejected(f"an organisation has at most {MOST_MONITORS} monitors")
    for id in _ids(wanted.chance):
        monitor = replace(wanted.monitor, id=id)
        if monitors.add_unless_known(transaction, monitor):
            break
    else:
        return FairleadError("no free id was found for the monitor")
    span = begin(transaction, monitor)
    mutes = tuple(replace(mute, monitor_id=monitor.id) for mute in wanted.mutes)
    monitors.put_mutes(transaction, org_id, mutes)
    ask_for_polls(transaction, monitor, at)
    let_gates_look(transaction, [(org_id, monitor.id)], at)
    return KnownMonitor(monitor=monitor, spans=(span,), mutes=mutes, at=at)


def _ids(chance: bytes) -> Iterable[MonitorId]:
    """Yield ids to try. They are short, because people read and type them."""
    first = int.from_bytes(chance, "big")
    return (MonitorId(1 + (first + number) % (_LAST_ID - 1)) for number in range(100))
