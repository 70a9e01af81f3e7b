"""Change gates: whether they are in dry run, which is all that may change."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import NotFound
from fairlead.domain.gates import Gate, GateId
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import NO_GATE


class GateChange(Struct, frozen=True, kw_only=True):
    """What a gate is to be."""

    org_id: OrgId
    gate_id: GateId
    dry_run: bool
    by: Author
    at: int


def change_gates(transaction: Transaction, changes: Sequence[GateChange]) -> list[Gate | NotFound]:
    """Change each gate and return it, or `NotFound`."""
    return [_change(transaction, change) for change in changes]


def _change(transaction: Transaction, change: GateChange) -> Gate | NotFound:
    known = gates.get(transaction, change.org_id, change.gate_id)
    if known is None:
        return NotFound(NO_GATE)
    changed = replace(known, dry_run=change.dry_run, updated_at=change.at, updated_by=change.by)
    gates.replace(transaction, changed)
    return changed
