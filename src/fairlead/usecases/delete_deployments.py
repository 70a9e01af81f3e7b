"""Delete deployments that should never have been recorded, and ask for what follows from that."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import Correction
from fairlead.domain.errors import NotFound
from fairlead.store import attempts, deployments, failure_links, repairs, work
from fairlead.store.engine import Transaction
from fairlead.usecases.record_deployments import left_behind
from fairlead.usecases.settle_outcomes import settle


class DeploymentNamed(Struct, frozen=True, kw_only=True):
    """Which deployment to delete."""

    org_id: OrgId
    id: str
    at: int
    """When it was asked for."""


def delete_deployments(transaction: Transaction, named: Sequence[DeploymentNamed]) -> list[NotFound | None]:
    """Delete each deployment with all that hangs on it; `NotFound` where there is none."""
    return [_delete(transaction, one) for one in named]


def _delete(transaction: Transaction, named: DeploymentNamed) -> NotFound | None:
    refused = withdraw_deployment(transaction, named)
    kept = attempts.get(transaction, named.org_id, named.id)
    if refused is None and kept is not None:
        gone = Correction(deleted=True)
        attempts.add_correction(transaction, named.org_id, named.id, gone, at=named.at, by="")
        attempts.remove(transaction, named.org_id, [named.id])
    return refused


def withdraw_deployment(transaction: Transaction, named: DeploymentNamed) -> NotFound | None:
    """Delete a deployment with all that hangs on it, whatever else is known of the attempt that it was."""
    known = deployments.get(transaction, named.org_id, named.id)
    if known is None:
        return NotFound(f"deployment with id {named.id} not found")
    items = list(left_behind(transaction, [known.fact.place]))
    repaired = {known.outcome.remediation_id, *repairs.touching(transaction, named.org_id, named.id)} - {""}
    deployments.remove(transaction, named.org_id, named.id)
    repairs.forget(transaction, named.org_id, named.id)
    failure_links.forget_deployment(transaction, named.org_id, named.id)
    settle(transaction, named.org_id, repaired)
    if items:
        work.ask(transaction, items, due_at=named.at)
    return None
