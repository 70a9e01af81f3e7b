"""Rules for recognising failed deployments: one set for each organisation that has its own."""

import msgspec
from msgspec import Struct
from sqlalchemy import delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.failure_rules import FailureRules
from fairlead.store.engine import Transaction
from fairlead.store.tables import failure_rules

_t = failure_rules.c


class _Kept(Struct):
    """The JSON of the column."""

    rules: FailureRules


def get(transaction: Transaction, org_id: OrgId) -> FailureRules:
    """Return an organisation's rules; the defaults where it has none of its own."""
    row = transaction.execute(select(failure_rules).where(_t.org_id == org_id)).first()
    return FailureRules() if row is None else _decode(row.rules).rules


def put(transaction: Transaction, org_id: OrgId, rules: FailureRules) -> None:
    """Replace an organisation's rules."""
    transaction.execute(delete(failure_rules).where(_t.org_id == org_id))
    row = {
        "org_id": org_id,
        "rules": msgspec.json.encode(_Kept(rules)).decode(),
        "changed_at": rules.changed_at,
        "changed_by": rules.changed_by,
    }
    transaction.execute(insert(failure_rules).values(row))


_decode = msgspec.json.Decoder(_Kept).decode
