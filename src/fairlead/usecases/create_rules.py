"""Create rules of gates."""

from collections.abc import Sequence

from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.gates import MOST_RULES, Rule
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import NO_GATE


def create_rules(transaction: Transaction, wanted: Sequence[Rule]) -> list[Rule | FairleadError]:
    """Create each rule, or say why not: there is no such gate, or it has too many rules."""
    return [_create(transaction, rule) for rule in wanted]


def _create(transaction: Transaction, rule: Rule) -> Rule | FairleadError:
    if gates.get(transaction, rule.org_id, rule.gate_id) is None:
        return NotFound(NO_GATE)
    if gates.count_rules(transaction, rule.org_id, rule.gate_id) >= MOST_RULES:
        return Rejected(f"A gate has at most {MOST_RULES} rules", field="rules")
    gates.put_rule(transaction, rule)
    return rule
