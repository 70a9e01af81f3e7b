"""Show one failure to a person: the fact, and the deployments that may have caused it."""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.failure_links import FailureLink
from fairlead.domain.failures import Failure
from fairlead.store import deployments, failure_rules
from fairlead.store.engine import Transaction
from fairlead.usecases.get_failure import get_failure
from fairlead.usecases.link_failures import links_of_failure


class Tie(Struct, frozen=True, kw_only=True):
    """A deployment that is tied to a failure."""

    link: FailureLink
    known: KnownDeployment


class ShownFailure(Struct, frozen=True, kw_only=True):
    """A failure with its surroundings."""

    failure: Failure
    ties: tuple[Tie, ...]
    """The latest deployment first."""
    window_ns: int
    """How long before a failure a deployment may end to be tied to it by itself."""


def show_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> ShownFailure:
    """Return a failure with everything that is tied to it.

    Raises:
        NotFound: there is none of that id in this organisation.
    """
    ties = []
    for link in links_of_failure(transaction, org_id, failure_id):
        known = deployments.get(transaction, org_id, link.deployment.id)
        if known is not None:
            ties.append(Tie(link=link, known=known))
    return ShownFailure(
        failure=get_failure(transaction, org_id, failure_id),
        ties=tuple(ties),
        window_ns=failure_rules.get(transaction, org_id).failure_window_ns,
    )
