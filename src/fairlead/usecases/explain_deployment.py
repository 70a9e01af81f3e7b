"""Explain one deployment: what it is, what it brought, and why each value is there or missing."""

from collections.abc import Collection

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, Exclusion, PullRequest, RepositoryId, Sha
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.evaluations import Evaluation
from fairlead.domain.failure_links import FailureLink
from fairlead.domain.flag_references import FlagChange
from fairlead.domain.links import Deployed, LinkedCommit
from fairlead.store import catalog, commits, evaluations, links, neighbours, pull_requests, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind
from fairlead.usecases.explain_failure import Judgement, judgement_of
from fairlead.usecases.find_flag_references import flag_references_of_deployments
from fairlead.usecases.get_deployment import get_deployment
from fairlead.usecases.link_deployments import link_deployments
from fairlead.usecases.link_failures import links_of_deployment

_MOST_EVALUATIONS = 20


class ExplainedCommit(Struct, frozen=True, kw_only=True):
    """A commit that came with a deployment."""

    link: LinkedCommit
    commit: Commit


class ExplainedDeployment(Struct, frozen=True, kw_only=True):
    """A deployment with everything derived from it, and from what."""

    known: KnownDeployment
    previous: Deployed | None
    """The deployment with git before it; None for the first, or without git."""
    commits: tuple[ExplainedCommit, ...]
    """Newest first, those left out among them."""
    pull_requests: tuple[PullRequest, ...]
    """Those of measured commits, by number."""
    flag_references: tuple[FlagChange, ...]
    """The flags that it added to the code or took out of it."""
    gate_evaluations: tuple[Evaluation, ...]
    """What gates said of its version in its environment, the newest first; the last few."""
    failures: tuple[FailureLink, ...]
    """Failures that it may have caused, the earliest first."""
    judgement: Judgement
    """Whether it failed, who says so, and why."""
    pending: bool
    """Whether some of this is being worked out again; until then the former answer stands."""


def explain_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> ExplainedDeployment:
    """Return everything that is known about a deployment.

    Raises:
        NotFound: there is none of that id in this organisation.
    """
    known = get_deployment(transaction, org_id, deployment_id)
    repository = RepositoryId(known.fact.repository_id)
    linked = links.commits_of(transaction, org_id, deployment_id)
    linked += _outside(transaction, known, {one.sha for one in linked})
    whole = commits.fetch(transaction, org_id, repository, [one.sha for one in linked])
    explained = [ExplainedCommit(link=one, commit=whole[one.sha]) for one in linked if one.sha in whole]
    numbers = {one.pull_request for one in linked if one.exclusion is None and one.pull_request is not None}
    previous = _previous(transaction, known)
    return ExplainedDeployment(
        known=known,
        previous=previous,
        commits=tuple(sorted(explained, key=lambda one: (-one.commit.authored_at, one.commit.sha))),
        pull_requests=tuple(pull_requests.by_number(transaction, org_id, repository, numbers)),
        flag_references=flag_references_of_deployments(transaction, org_id, [deployment_id])[deployment_id],
        gate_evaluations=_gates_of(transaction, known),
        failures=tuple(links_of_deployment(transaction, org_id, deployment_id)),
        judgement=judgement_of(transaction, known),
        pending=_is_pending(transaction, known, previous),
    )


def _previous(transaction: Transaction, known: KnownDeployment) -> Deployed | None:
    with_git = [known.fact.place] if known.fact.commit_sha else []
    return neighbours.previous(transaction, with_git).get(known.fact.place.key)


def _gates_of(transaction: Transaction, known: KnownDeployment) -> tuple[Evaluation, ...]:
    fact = known.fact
    if not fact.version:
        return ()
    found = evaluations.of_version(
        transaction, fact.org_id, fact.service, fact.env, fact.version, most=_MOST_EVALUATIONS
    )
    return tuple(found)


def _outside(transaction: Transaction, known: KnownDeployment, kept: Collection[Sha]) -> list[LinkedCommit]:
    """Return the commits outside the paths of the service, which are not kept but worked out."""
    fact = known.fact
    if not (
        fact.commit_sha
        and catalog.source_patterns(transaction, fact.org_id, fact.service, fact.repository_id)
    ):
        return []
    [link] = link_deployments(transaction, [fact.place])
    return [one for one in link.commits if one.exclusion is Exclusion.OUTSIDE_PATHS and one.sha not in kept]


def _is_pending(transaction: Transaction, known: KnownDeployment, previous: Deployed | None) -> bool:
    """Tell whether work is asked for that may change what is kept about the commits of a deployment."""
    fact = known.fact
    org_id, repository = fact.org_id, fact.repository_id
    if not fact.commit_sha:
        return bool(work.asked_for(transaction, {Item(org_id, Kind.DECIDE, fact.id)}))
    items = {
        Item(org_id, Kind.DECIDE, fact.id),
        Item(org_id, Kind.LINK, fact.id),
        Item(org_id, Kind.RELINK_REPOSITORY, repository),
        Item(org_id, Kind.RELINK_SERVICE, fact.service.lower()),
    }
    if previous is not None:
        # What came before may have come just now, and its work is this one's too.
        items.add(Item(org_id, Kind.LINK, previous.id))
    asked = work.asked_for(transaction, items)
    return bool(asked) or work.is_asked_about_parts(transaction, org_id, repository)
