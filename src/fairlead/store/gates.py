"""Gates and their rules: every statement that touches them.

Not here: their evaluations (`evaluations.py`), and what a rule must satisfy.
"""

from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import Conflict
from fairlead.domain.gates import Gate, GateId, Rule, RuleId, RuleKind, RuleOptions
from fairlead.store.engine import Transaction
from fairlead.store.tables import gate_rules, gates

_g = gates.c
_r = gate_rules.c
_encode = msgspec.json.Encoder().encode
_decode_options = msgspec.json.Decoder(RuleOptions).decode

TAKEN = "Gate already exists with the given env, service and identifier"


class GatesPage(Struct, frozen=True, kw_only=True):
    """Which gates of an organisation are asked for, the oldest first. What is None is not asked."""

    service: str | None = None
    env: str | None = None
    identifier: str | None = None
    dry_run: bool | None = None
    after: tuple[int, str] | None = None
    """Creation and id of the last gate of the page before."""
    limit: int


def add(transaction: Transaction, gate: Gate) -> None:
    """Keep a new gate.

    Raises:
        Conflict: there is one for the same service, environment and identifier.
    """
    if get_for(transaction, gate.org_id, gate.service, gate.env, gate.identifier) is not None:
        raise Conflict(TAKEN)
    try:
        with transaction.begin_nested():
            transaction.execute(insert(gates).values(_gate_row(gate)))
    except IntegrityError as error:
        # Another process was faster.
        raise Conflict(TAKEN) from error


def replace(transaction: Transaction, gate: Gate) -> None:
    """Keep what may change of a gate that is there."""
    mine = update(gates).where(_g.org_id == gate.org_id, _g.id == gate.id)
    changed = {
        "dry_run": gate.dry_run,
        "updated_at": gate.updated_at,
        "updated_by": gate.updated_by.id,
        "updated_by_name": gate.updated_by.name,
    }
    transaction.execute(mine.values(changed))


def remove(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> bool:
    """Delete a gate with its rules; False if there was none."""
    transaction.execute(delete(gate_rules).where(_r.org_id == org_id, _r.gate_id == gate_id))
    gone = transaction.execute(delete(gates).where(_g.org_id == org_id, _g.id == gate_id))
    return gone.rowcount > 0


def get(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> Gate | None:
    """Return the gate of that id, or None."""
    row = transaction.execute(select(gates).where(_g.org_id == org_id, _g.id == gate_id)).first()
    return None if row is None else _gate(row)


def get_for(transaction: Transaction, org_id: OrgId, service: str, env: str, identifier: str) -> Gate | None:
    """Return the gate of a service in an environment, or None."""
    named = _g.service == service, _g.env == env, _g.identifier == identifier
    row = transaction.execute(select(gates).where(_g.org_id == org_id, *named)).first()
    return None if row is None else _gate(row)


def find(transaction: Transaction, org_id: OrgId, page: GatesPage) -> list[Gate]:
    """Return the gates of one page."""
    wanted = select(gates).where(_g.org_id == org_id)
    for column, value in (
        (_g.service, page.service),
        (_g.env, page.env),
        (_g.identifier, page.identifier),
        (_g.dry_run, page.dry_run),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if page.after is not None:
        wanted = wanted.where(tuple_(_g.created_at, _g.id) > page.after)
    return [
        _gate(row) for row in transaction.execute(wanted.order_by(_g.created_at, _g.id).limit(page.limit))
    ]


def put_rule(transaction: Transaction, rule: Rule) -> None:
    """Keep a rule; one of that id is replaced."""
    mine = _r.org_id == rule.org_id, _r.gate_id == rule.gate_id, _r.id == rule.id
    transaction.execute(delete(gate_rules).where(*mine))
    transaction.execute(insert(gate_rules).values(_rule_row(rule)))


def remove_rule(transaction: Transaction, org_id: OrgId, gate_id: GateId, rule_id: RuleId) -> bool:
    """Delete a rule; False if there was none."""
    mine = _r.org_id == org_id, _r.gate_id == gate_id, _r.id == rule_id
    return transaction.execute(delete(gate_rules).where(*mine)).rowcount > 0


def get_rule(transaction: Transaction, org_id: OrgId, gate_id: GateId, rule_id: RuleId) -> Rule | None:
    """Return the rule of that id of that gate, or None."""
    mine = _r.org_id == org_id, _r.gate_id == gate_id, _r.id == rule_id
    row = transaction.execute(select(gate_rules).where(*mine)).first()
    return None if row is None else _rule(row)


def rules_of(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> list[Rule]:
    """Return the rules of a gate, the oldest first."""
    mine = select(gate_rules).where(_r.org_id == org_id, _r.gate_id == gate_id)
    return [_rule(row) for row in transaction.execute(mine.order_by(_r.created_at, _r.id))]


def count_rules(transaction: Transaction, org_id: OrgId, gate_id: GateId) -> int:
    """Return how many rules a gate has."""
    mine = select(func.count()).select_from(gate_rules).where(_r.org_id == org_id, _r.gate_id == gate_id)
    return transaction.execute(mine).scalar_one()


def monitor_rules(transaction: Transaction, org_id: OrgId) -> list[Rule]:
    """Return every rule of an organisation that looks at monitors."""
    mine = select(gate_rules).where(_r.org_id == org_id, _r.kind == RuleKind.MONITOR.value)
    return [_rule(row) for row in transaction.execute(mine.order_by(_r.gate_id, _r.id))]


def _gate_row(gate: Gate) -> dict[str, Any]:
    return {
        "org_id": gate.org_id,
        "id": gate.id,
        "service": gate.service,
        "env": gate.env,
        "identifier": gate.identifier,
        "dry_run": gate.dry_run,
        **_authored(gate),
    }


def _rule_row(rule: Rule) -> dict[str, Any]:
    return {
        "org_id": rule.org_id,
        "gate_id": rule.gate_id,
        "id": rule.id,
        "name": rule.name,
        "kind": rule.kind.value,
        "options": _encode(rule.options).decode(),
        "dry_run": rule.dry_run,
        **_authored(rule),
    }


def _authored(one: Gate | Rule) -> dict[str, Any]:
    return {
        "created_at": one.created_at,
        "created_by": one.created_by.id,
        "created_by_name": one.created_by.name,
        "updated_at": one.updated_at,
        "updated_by": one.updated_by.id,
        "updated_by_name": one.updated_by.name,
    }


def _gate(row: Row[tuple[object, ...]]) -> Gate:
    return Gate(
        org_id=row.org_id,
        id=GateId(row.id),
        service=row.service,
        env=row.env,
        identifier=row.identifier,
        dry_run=row.dry_run,
        created_at=row.created_at,
        created_by=Author(row.created_by, row.created_by_name),
        updated_at=row.updated_at,
        updated_by=Author(row.updated_by, row.updated_by_name),
    )


def _rule(row: Row[tuple[object, ...]]) -> Rule:
    return Rule(
        org_id=row.org_id,
        gate_id=GateId(row.gate_id),
        id=RuleId(row.id),
        name=row.name,
        kind=RuleKind(row.kind),
        options=_decode_options(row.options),
        dry_run=row.dry_run,
        created_at=row.created_at,
        created_by=Author(row.created_by, row.created_by_name),
        updated_at=row.updated_at,
        updated_by=Author(row.updated_by, row.updated_by_name),
    )
