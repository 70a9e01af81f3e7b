"""Get one gate, or one of its rules."""

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.gates import Gate, GateId, Rule, RuleId
from fairlead.store import gates
from fairlead.store.engine import Transaction

NO_GATE = "Gate does not exist"
NO_RULE = "Rule does not exist"


def get_gate(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> Gate:
    """Return the gate of that id.

    Raises:
        NotFound: there is none.
    """
    gate = gates.get(transaction, org_id, gate_id)
    if gate is None:
        raise NotFound(NO_GATE)
    return gate


def get_rule(transaction: Transaction, org_id: OrgId, gate_id: GateId, rule_id: RuleId) -> Rule:
    """Return the rule of that id.

    Raises:
        NotFound: the gate has none.
    """
    rule = gates.get_rule(transaction, org_id, gate_id, rule_id)
    if rule is None:
        raise NotFound(NO_RULE)
    return rule


def get_rules(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> list[Rule]:
    """Return the rules of a gate, the oldest first.

    Raises:
        NotFound: there is no such gate.
    """
    get_gate(transaction, org_id, gate_id)
    return gates.rules_of(transaction, org_id, gate_id)
