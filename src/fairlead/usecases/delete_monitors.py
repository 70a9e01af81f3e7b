"""Delete monitors, unless rules of gates name them; find out whether they may be deleted."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.monitors import MonitorId
from fairlead.store import gates, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.tell_states import NO_MONITOR, let_gates_look


class MonitorNamed(Struct, frozen=True, kw_only=True):
    """Which monitor."""

    org_id: OrgId
    monitor_id: MonitorId
    force: bool = False
    """Delete it even where a rule names it."""
    at: int


def delete_monitors(
    transaction: Transaction, named: Sequence[MonitorNamed]
) -> list[MonitorId | FairleadError]:
    """Delete each monitor and return its id, or say why not."""
    return [_delete(transaction, one) for one in named]


def users_of(transaction: Transaction, org_id: OrgId, ids: Iterable[int]) -> dict[int, list[str]]:
    """Return for each monitor that rules of gates name which those are, in words."""
    asked = set(ids)
    users: dict[int, list[str]] = {}
    for rule in gates.monitor_rules(transaction, org_id):
        for choice in rule.options.monitor_ids or ():
            if choice.id in asked:
                told = f"monitor {choice.id} is referenced by the rule {rule.name!r} of gate {rule.gate_id}"
                users.setdefault(choice.id, []).append(told)
    return users


def _delete(transaction: Transaction, named: MonitorNamed) -> MonitorId | FairleadError:
    users = {} if named.force else users_of(transaction, named.org_id, [named.monitor_id])
    if users:
        [told] = users.values()
        return Rejected("; ".join(told), field="force")
    if not monitors.mark_deleted(transaction, named.org_id, named.monitor_id, named.at):
        return NotFound(NO_MONITOR)
    let_gates_look(transaction, [(named.org_id, named.monitor_id)], named.at)
    return named.monitor_id
