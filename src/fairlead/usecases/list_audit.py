"""List what was done in an organisation, and by whom."""

from fairlead.domain.access import OrgId
from fairlead.domain.audit import AuditEntry
from fairlead.store import audit
from fairlead.store.engine import Transaction


def list_audit(transaction: Transaction, org_id: OrgId, before: str, limit: int) -> list[AuditEntry]:
    """Return a page of the audit log, the newest entry first; `before` is the last id of the page before."""
    return audit.latest(transaction, org_id, before=before, limit=limit)
