"""Show one deployment to a person: what is explained of it, and everything that is tied to it."""

from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.evaluations import Evaluation
from fairlead.domain.flag_references import FlagChange
from fairlead.search.pattern import Pattern
from fairlead.search.tree import Node, all_of, having
from fairlead.store import decisions, deployments, evaluations, repairs
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.store.evaluations import EvaluationsPage
from fairlead.usecases.explain_deployment import ExplainedDeployment, explain_deployment
from fairlead.usecases.explain_failure import Judgement, judgement_of
from fairlead.usecases.find_flag_references import flag_references_of_deployments

_MOST_EVALUATIONS: Final = 20
_MOST_LATER: Final = 20
_DAY_NS: Final = 86_400_000_000_000


class ShownDeployment(Struct, frozen=True, kw_only=True):
    """A deployment with its surroundings."""

    told: ExplainedDeployment
    flags: tuple[FlagChange, ...]
    """Flags that it brought or removed."""
    evaluations: tuple[Evaluation, ...]
    """Times that a gate was asked about its version, around it."""
    repairing: KnownDeployment | None
    """What repaired it, where that is known here."""
    repaired: tuple[KnownDeployment, ...]
    """What it repaired."""
    judgement: Judgement
    """Who or what says that it failed, and why it is the type it is."""
    later: tuple[KnownDeployment, ...]
    """The next deployments of its service and environment, the earliest first: what may have repaired it."""


def show_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> ShownDeployment:
    """Return a deployment with everything that is tied to it.

    Raises:
        NotFound: there is none of that id in this organisation.
    """
    told = explain_deployment(transaction, org_id, deployment_id)
    outcome = told.known.outcome
    repairing = (
        deployments.get(transaction, org_id, outcome.remediation_id) if outcome.remediation_id else None
    )
    return ShownDeployment(
        told=told,
        flags=flag_references_of_deployments(transaction, org_id, [deployment_id])[deployment_id],
        evaluations=_evaluations(transaction, told.known),
        repairing=repairing,
        repaired=_repaired(transaction, told.known),
        judgement=judgement_of(transaction, told.known),
        later=_later(transaction, told.known),
    )


def _repaired(transaction: Transaction, known: KnownDeployment) -> tuple[KnownDeployment, ...]:
    """Return what a deployment repaired, the latest first: among what rules or people say it may have."""
    org_id, id = known.fact.org_id, known.fact.id
    named = decisions.about(transaction, org_id, [known.fact.place])
    derived = {one.failed_id for one in repairs.by(transaction, org_id, [id]).get(id, [])}
    outcomes = deployments.outcomes_of(transaction, org_id, named | derived).values()
    theirs = sorted(
        ((one.finished_at, one.id) for one, outcome in outcomes if outcome.remediation_id == id), reverse=True
    )
    found = (deployments.get(transaction, org_id, one) for _, one in theirs[:_MOST_LATER])
    return tuple(one for one in found if one is not None)


def _evaluations(transaction: Transaction, known: KnownDeployment) -> tuple[Evaluation, ...]:
    """Return when gates were asked about the version: from a day before it began to a day after its end."""
    fact = known.fact
    if not (fact.env and fact.version):
        return ()
    page = EvaluationsPage(
        since_at=fact.started_at - _DAY_NS,
        until_at=fact.finished_at + _DAY_NS,
        services=(fact.service,),
        envs=(fact.env,),
        versions=(fact.version,),
        limit=_MOST_EVALUATIONS,
    )
    return tuple(evaluations.find(transaction, fact.org_id, page))


def _later(transaction: Transaction, known: KnownDeployment) -> tuple[KnownDeployment, ...]:
    fact = known.fact
    clauses: list[Node] = [having("service", Pattern((fact.service,)))]
    if fact.env:
        clauses.append(having("env", Pattern((fact.env,))))
    page = Page(where=all_of(clauses), from_at=fact.finished_at, descending=False, limit=_MOST_LATER + 1)
    found = deployments.find(transaction, fact.org_id, page)
    return tuple(one for one in found if one.fact.id != fact.id)[:_MOST_LATER]
