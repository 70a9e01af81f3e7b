"""Find failures by search, time and order."""

from fairlead.domain.access import OrgId
from fairlead.domain.failures import Failure
from fairlead.store import failures
from fairlead.store.engine import Transaction
from fairlead.store.failures import SORTABLE, Page

__all__ = ["SORTABLE", "Page", "find_failures"]


def find_failures(transaction: Transaction, org_id: OrgId, page: Page) -> list[Failure]:
    """Return the failures of an organisation that `page` asks for."""
    return failures.find(transaction, org_id, page)
