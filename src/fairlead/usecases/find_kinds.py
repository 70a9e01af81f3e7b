"""Find the kinds that were added to the catalogue."""

from fairlead.domain.access import OrgId
from fairlead.domain.catalog_kinds import Kind
from fairlead.store import catalog_kinds
from fairlead.store.catalog_kinds import KindsPage
from fairlead.store.engine import Transaction

__all__ = ["KindsPage", "find_kinds"]


def find_kinds(transaction: Transaction, org_id: OrgId, page: KindsPage) -> list[Kind]:
    """Return the kinds of an organisation that `page` asks for."""
    return catalog_kinds.find(transaction, org_id, page)
