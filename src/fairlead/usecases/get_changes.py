"""Get one deployment with the commits that are measured in it, and their pull requests."""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, PullRequest, RepositoryId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.links import LinkedCommit
from fairlead.store import commits, links, pull_requests
from fairlead.store.engine import Transaction
from fairlead.usecases.get_deployment import get_deployment


class Changes(Struct, frozen=True, kw_only=True):
    """A deployment and what it brought."""

    known: KnownDeployment
    commits: tuple[tuple[LinkedCommit, Commit], ...]
    """Newest first."""
    pull_requests: tuple[PullRequest, ...]
    """Those of the commits, by number."""


def get_changes(transaction: Transaction, org_id: OrgId, deployment_id: str) -> Changes:
    """Return the deployment of that id with what it brought.

    Raises:
        NotFound: there is none in this organisation.
    """
    known = get_deployment(transaction, org_id, deployment_id)
    repository = RepositoryId(known.fact.repository_id)
    measured = [one for one in links.commits_of(transaction, org_id, deployment_id) if one.exclusion is None]
    whole = commits.fetch(transaction, org_id, repository, [one.sha for one in measured])
    numbers = {one.pull_request for one in measured if one.pull_request is not None}
    return Changes(
        known=known,
        commits=tuple((one, whole[one.sha]) for one in measured if one.sha in whole),
        pull_requests=tuple(pull_requests.by_number(transaction, org_id, repository, numbers)),
    )
