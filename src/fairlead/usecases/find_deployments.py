"""Find deployments by search, time and order."""

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.store import deployments
from fairlead.store.deployments import SORTABLE, Page
from fairlead.store.engine import Transaction

__all__ = ["SORTABLE", "Page", "find_deployments"]


def find_deployments(transaction: Transaction, org_id: OrgId, page: Page) -> list[KnownDeployment]:
    """Return the deployments of an organisation that `page` asks for."""
    return deployments.find(transaction, org_id, page)
