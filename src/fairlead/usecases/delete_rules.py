"""Delete rules of gates. What they found stays."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.gates import GateId, RuleId
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import NO_RULE


class RuleNamed(Struct, frozen=True):
    """Which rule."""

    org_id: OrgId
    gate_id: GateId
    rule_id: RuleId


def delete_rules(transaction: Transaction, named: Sequence[RuleNamed]) -> list[NotFound | None]:
    """Delete each rule, or return `NotFound`."""
    return [
        None if gates.remove_rule(transaction, one.org_id, one.gate_id, one.rule_id) else NotFound(NO_RULE)
        for one in named
    ]
