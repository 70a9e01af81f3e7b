"""Decide by hand whether a deployment failed, and what repaired it."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import ChangeFailureDecision, KnownDeployment, Remediation
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.store import decisions, deployments, repairs
from fairlead.store.engine import Transaction
from fairlead.usecases.settle_outcomes import settle


class VersionSought(Struct, frozen=True, kw_only=True):
    """The deployment of a version to a service and environment that finished last."""

    service: str
    env: str
    version: str


class DecisionOn(Struct, frozen=True, kw_only=True):
    """A decision and the deployment it is about: by id, or by version."""

    org_id: OrgId
    deployment: str | VersionSought
    decision: ChangeFailureDecision | None
    """None decides nothing: the deployment only has to be there."""
    keeps_remediation: bool = False
    """Nothing is said about the remediation: whatever was said before still holds."""


def decide_change_failures(
    transaction: Transaction, facts: Sequence[DecisionOn]
) -> list[KnownDeployment | FairleadError]:
    """Keep each decision and let the outcomes follow it.

    The result is the deployment decided about, or `NotFound`, or `Rejected` where it is said to
    have repaired itself. A remediation that is not known here is kept by its id, without a
    recovery time; one that nobody names is left to the rules.
    """
    # A decision reaches other deployments, and which ones is seen only on the way.
    decisions.hold(transaction, {fact.org_id for fact in facts})
    return [_decide(transaction, fact) for fact in facts]


def _decide(transaction: Transaction, fact: DecisionOn) -> KnownDeployment | FairleadError:
    known = _sought(transaction, fact)
    if known is None:
        return NotFound(_nothing_there(fact))
    if fact.decision is None:
        return known
    org_id, id = fact.org_id, known.fact.id
    decision = fact.decision
    if fact.keeps_remediation and decision.change_failure:
        said = decisions.latest(transaction, org_id, [id]).get(id)
        decision = replace(decision, remediation=Remediation() if said is None else said.remediation)
    if decision.remediation.id == id:
        detail = 'attribute "id" of the remediation names the deployment that it should repair'
        return Rejected(detail, field="remediation.id")
    decisions.put(transaction, org_id, id, decision)
    settle(transaction, org_id, {id})
    decided = deployments.get(transaction, org_id, id)
    now = known if decided is None else decided
    # Whatever was its remediation before and is now, by somebody's word or by a rule.
    ends = {known.outcome.remediation_id, now.outcome.remediation_id} - {""}
    settle(transaction, org_id, ends | repairs.touching(transaction, org_id, id))
    return now


def _sought(transaction: Transaction, fact: DecisionOn) -> KnownDeployment | None:
    org_id, wanted = fact.org_id, fact.deployment
    if isinstance(wanted, str):
        return deployments.get(transaction, org_id, wanted)
    return deployments.latest_of_version(transaction, org_id, wanted.service, wanted.env, wanted.version)


def _nothing_there(fact: DecisionOn) -> str:
    wanted = fact.deployment
    if isinstance(wanted, str):
        return f"deployment with id {wanted} not found"
    return f"no deployment found for service {wanted.service}, env {wanted.env}, and version {wanted.version}"
