"""Show one failure to a person: the fact, and the deployments that may have caused it."""

from dataclasses import dataclass
from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.failures import Failure
from fairlead.search.pattern import Pattern
from fairlead.search.tree import Node, all_of, any_of, having
from fairlead.store import deployments
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.usecases.get_failure import get_failure

_MOST: Final = 20
LOOKS_BACK_NS: Final = 86_400_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFailure:
    """A failure with its surroundings."""

    failure: Failure
    before: tuple[KnownDeployment, ...]
    """Deployments of its services and environment that ended within a day before it, the latest first."""


def show_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> ShownFailure:
    """Return a failure with everything that is tied to it.

    Raises:
        NotFound: there is none of that id in this organisation.
    """
    failure = get_failure(transaction, org_id, failure_id)
    page = Page(
        where=_of_the_same(failure),
        from_at=failure.started_at - LOOKS_BACK_NS,
        until_at=failure.started_at,
        limit=_MOST,
    )
    return ShownFailure(failure=failure, before=tuple(deployments.find(transaction, org_id, page)))


def _of_the_same(failure: Failure) -> Node:
    """Return the search for deployments of the services, or else of the team, that a failure names."""
    services = [having("service", Pattern((service,))) for service in failure.services]
    clauses = [any_of(services) if services else having("team", Pattern((failure.team,)))]
    if failure.env:
        clauses.append(having("env", Pattern((failure.env,))))
    return all_of(clauses)
