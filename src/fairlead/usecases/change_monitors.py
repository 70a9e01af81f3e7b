"""Change monitors: what they are called and ask, and when they are muted."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.monitors import KnownMonitor, MonitorId, Mute
from fairlead.store import monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.create_monitors import ask_for_polls
from fairlead.usecases.find_monitors import get_monitor
from fairlead.usecases.tell_states import NO_MONITOR, let_gates_look


class MonitorChange(Struct, frozen=True, kw_only=True):
    """What is to change of a monitor; what is not named stays."""

    org_id: OrgId
    monitor_id: MonitorId
    fields: Mapping[str, Any] = field(default_factory=dict)
    """By the names that `Monitor` has for them."""
    mutes: tuple[Mute, ...] | None = None
    """All mutes that are to be from now on; None leaves those there are."""
    at: int


def change_monitors(
    transaction: Transaction, changes: Sequence[MonitorChange]
) -> list[KnownMonitor | FairleadError]:
    """Change each monitor and return it, or say why not."""
    return [_change(transaction, change) for change in changes]


def _change(transaction: Transaction, change: MonitorChange) -> KnownMonitor | FairleadError:
    known = monitors.hold(transaction, change.org_id, [change.monitor_id]).get(change.monitor_id)
    if known is None:
        return NotFound(NO_MONITOR)
    try:
        changed = replace(known, **change.fields, updated_at=change.at)
    except FairleadError as error:
        return error
    monitors.put(transaction, changed)
    if change.mutes is not None:
        _mute(transaction, change, change.mutes)
    ask_for_polls(transaction, changed, change.at)
    let_gates_look(transaction, [(change.org_id, change.monitor_id)], change.at)
    return get_monitor(transaction, change.org_id, change.monitor_id, change.at)


def _mute(transaction: Transaction, change: MonitorChange, wanted: Sequence[Mute]) -> None:
    """End the mutes that are not wanted any more, and begin those that are new."""
    lasting = monitors.mutes_of(transaction, change.org_id, change.at, [change.monitor_id])
    begun = {mute.group: mute for mute in lasting}
    groups = {mute.group for mute in wanted}
    ended = [replace(mute, until_at=change.at) for mute in lasting if mute.group not in groups]
    kept = [
        replace(mute, from_at=begun[mute.group].from_at if mute.group in begun else change.at)
        for mute in wanted
    ]
    monitors.put_mutes(transaction, change.org_id, [*ended, *kept])
