"""Links from flags to what lies elsewhere, pull requests above all: every statement that touches them."""

import msgspec
from sqlalchemy import delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.flag_links import FlagLink
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import flag_links

_l = flag_links.c
_links = BulkInsert(flag_links, [column.name for column in flag_links.columns], replaces=True)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(FlagLink).decode


def put(transaction: Transaction, one: FlagLink) -> None:
    """Keep a link; one of that id is replaced."""
    flag = one.org_id, one.project_key, one.flag_key
    pull = one.pull_request
    target = (pull.repository_id, pull.number, pull.is_added) if pull else ("", None, False)
    row = *flag, one.id, one.key, one.integration_key, *target, one.created_at, _encode(one).decode()
    _links.run(transaction, [row])


def get(
    transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str, link_id: str
) -> FlagLink | None:
    """Return a link of a flag by its id, or None."""
    mine = _l.org_id == org_id, _l.project_key == project_key, _l.flag_key == flag_key, _l.id == link_id
    record = transaction.execute(select(_l.record).where(*mine)).scalar()
    return None if record is None else _decode(record)


def of_flag(transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str) -> list[FlagLink]:
    """Return the links of a flag, the latest first."""
    mine = _l.org_id == org_id, _l.project_key == project_key, _l.flag_key == flag_key
    wanted = select(_l.record).where(*mine).order_by(_l.created_at.desc(), _l.id)
    return [_decode(record) for record in transaction.execute(wanted).scalars()]


def has_key(transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str, key: str) -> bool:
    """Tell whether a flag has a link of that key of the sender's."""
    mine = _l.org_id == org_id, _l.project_key == project_key, _l.flag_key == flag_key, _l.key == key
    return transaction.execute(select(_l.id).where(*mine)).first() is not None


def remove(transaction: Transaction, one: FlagLink) -> None:
    """Delete a link."""
    mine = _l.org_id == one.org_id, _l.project_key == one.project_key, _l.flag_key == one.flag_key
    transaction.execute(delete(flag_links).where(*mine, _l.id == one.id))
