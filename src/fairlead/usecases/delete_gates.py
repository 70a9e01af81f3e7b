"""Delete gates, with their rules. What they decided stays."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.gates import GateId
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import NO_GATE


class GateNamed(Struct, frozen=True):
    """Which gate."""

    org_id: OrgId
    gate_id: GateId


def delete_gates(transaction: Transaction, named: Sequence[GateNamed]) -> list[NotFound | None]:
    """Delete each gate, or return `NotFound`."""
    return [
        None if gates.remove(transaction, one.org_id, one.gate_id) else NotFound(NO_GATE) for one in named
    ]
