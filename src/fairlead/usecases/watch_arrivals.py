"""Watch for what arrives: the newest fact of each kind, for somebody who just connected something."""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.failures import Failure
from fairlead.search.tree import Everything
from fairlead.store import deployments, failures, hooks
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.store.failures import Page as FailuresPage


class Arrivals(Struct, frozen=True, kw_only=True):
    """The newest of each kind; None where there is none."""

    deployment: KnownDeployment | None
    """That which ended last."""
    failure: Failure | None
    """That which began last."""
    delivery_at: int | None
    """When the last delivery came to any hook."""


def watch_arrivals(transaction: Transaction, org_id: OrgId) -> Arrivals:
    """Return what came last."""
    found = deployments.find(transaction, org_id, Page(where=Everything(), limit=1))
    broke = failures.find(transaction, org_id, FailuresPage(where=Everything(), limit=1))
    times = (hook.last_delivery_at for hook in hooks.hooks_of(transaction, org_id))
    return Arrivals(
        deployment=found[0] if found else None,
        failure=broke[0] if broke else None,
        delivery_at=max((at for at in times if at is not None), default=None),
    )
