"""Replace the rules by which an organisation's failed deployments are recognised."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.failure_rules import FailureRules
from fairlead.store import decisions, failure_rules, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind


class RulesTold(Struct, frozen=True, kw_only=True):
    """Whose rules, and which."""

    org_id: OrgId
    rules: FailureRules


def put_failure_rules(transaction: Transaction, told: Sequence[RulesTold]) -> list[FailureRules]:
    """Replace the rules and ask for every deployment to be decided about again, the oldest first.

    What people decided stays.
    """
    decisions.hold(transaction, {one.org_id for one in told})
    for one in told:
        failure_rules.put(transaction, one.org_id, one.rules)
        work.ask(transaction, [Item(one.org_id, Kind.DECIDE_ALL, "")], due_at=0)
    return [one.rules for one in told]


def get_failure_rules(transaction: Transaction, org_id: OrgId) -> FailureRules:
    """Return an organisation's rules, which are the usual ones where it has set none."""
    return failure_rules.get(transaction, org_id)
