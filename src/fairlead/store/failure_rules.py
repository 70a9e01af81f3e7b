"""What an organisation has set about measuring: rules for failed deployments, and the year of its levels."""

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.failure_rules import FailureRules
from fairlead.store.engine import Transaction
from fairlead.store.tables import failure_rules

_t = failure_rules.c


class _Kept(Struct, omit_defaults=True):
    """The JSON of the column; None where the usual holds."""

    rules: FailureRules | None = None
    level_year: int | None = None


def get(transaction: Transaction, org_id: OrgId) -> FailureRules:
    """Return an organisation's rules; the defaults where it has none of its own."""
    return _kept(transaction, org_id).rules or FailureRules()


def put(transaction: Transaction, org_id: OrgId, rules: FailureRules) -> None:
    """Replace an organisation's rules."""
    kept = replace(_kept(transaction, org_id), rules=rules)
    _put(transaction, org_id, kept, at=rules.changed_at, by=rules.changed_by)


def level_year(transaction: Transaction, org_id: OrgId) -> int | None:
    """Return the year of an organisation's levels; None where it has chosen none."""
    return _kept(transaction, org_id).level_year


def put_level_year(transaction: Transaction, org_id: OrgId, year: int, *, at: int, by: str) -> None:
    """Replace the year of an organisation's levels."""
    _put(transaction, org_id, replace(_kept(transaction, org_id), level_year=year), at=at, by=by)


def _kept(transaction: Transaction, org_id: OrgId) -> _Kept:
    row = transaction.execute(select(_t.rules).where(_t.org_id == org_id)).first()
    return _Kept() if row is None else _decode(row.rules)


def _put(transaction: Transaction, org_id: OrgId, kept: _Kept, *, at: int, by: str) -> None:
    transaction.execute(delete(failure_rules).where(_t.org_id == org_id))
    row = {
        "org_id": org_id,
        "rules": msgspec.json.encode(kept).decode(),
        "changed_at": at,
        "changed_by": by,
    }
    transaction.execute(insert(failure_rules).values(row))


_decode = msgspec.json.Decoder(_Kept).decode
