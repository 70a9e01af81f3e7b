"""Get one deployment by its id."""

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.errors import NotFound
from fairlead.store import deployments
from fairlead.store.engine import Transaction


def get_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> KnownDeployment:
    """Return the deployment of that id.

    Raises:
        NotFound: there is none in this organisation.
    """
    known = deployments.get(transaction, org_id, deployment_id)
    if known is None:
        detail = f"deployment with id {deployment_id} not found"
        raise NotFound(detail)
    return known
