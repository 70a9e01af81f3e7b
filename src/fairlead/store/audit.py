"""The audit log: every statement that touches it."""

from msgspec.structs import asdict
from sqlalchemy import insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.audit import AuditEntry
from fairlead.store.engine import Transaction
from fairlead.store.tables import audit_entries

_a = audit_entries.c


def put(transaction: Transaction, entry: AuditEntry) -> None:
    """Add an entry."""
    transaction.execute(insert(audit_entries).values(asdict(entry)))


def latest(transaction: Transaction, org_id: OrgId, *, before: str = "", limit: int) -> list[AuditEntry]:
    """Return an organisation's entries, the newest first; `before` is the last id of the page before."""
    wanted = select(audit_entries).where(_a.org_id == org_id).order_by(_a.id.desc()).limit(limit)
    if before:
        wanted = wanted.where(_a.id < before)
    return [
        AuditEntry(
            org_id=row.org_id,
            id=row.id,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            detail=row.detail,
        )
        for row in transaction.execute(wanted)
    ]
