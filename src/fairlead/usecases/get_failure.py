"""Get one failure by its id."""

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.failures import Failure
from fairlead.store import failures
from fairlead.store.engine import Transaction


def get_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> Failure:
    """Return the failure of that id.

    Raises:
        NotFound: there is none in this organisation.
    """
    known = failures.get(transaction, org_id, failure_id)
    if known is None:
        detail = f"failure with id {failure_id} not found"
        raise NotFound(detail)
    return known
