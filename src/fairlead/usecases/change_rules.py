"""Change rules of gates: everything but their kind."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.gates import GateId, Rule, RuleId, RuleOptions
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import NO_RULE


class RuleChange(Struct, frozen=True, kw_only=True):
    """What a rule is to be."""

    org_id: OrgId
    gate_id: GateId
    rule_id: RuleId
    name: str
    options: RuleOptions
    """They replace the former ones."""
    dry_run: bool
    by: Author
    at: int


def change_rules(transaction: Transaction, changes: Sequence[RuleChange]) -> list[Rule | FairleadError]:
    """Change each rule and return it, or say why not: there is none, or the options are not of its kind."""
    return [_change(transaction, change) for change in changes]


def _change(transaction: Transaction, change: RuleChange) -> Rule | FairleadError:
    known = gates.get_rule(transaction, change.org_id, change.gate_id, change.rule_id)
    if known is None:
        return NotFound(NO_RULE)
    try:
        changed = replace(
            known,
            name=change.name,
            options=change.options,
            dry_run=change.dry_run,
            updated_at=change.at,
            updated_by=change.by,
        )
    except Rejected as error:
        return error
    gates.put_rule(transaction, changed)
    return changed
