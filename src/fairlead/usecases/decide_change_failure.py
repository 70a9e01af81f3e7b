"""Decide by hand whether a deployment failed, and what repaired it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import (
    ChangeFailureDecision,
    DeploymentType,
    KnownDeployment,
    Outcome,
    Remediation,
)
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.store import deployments
from fairlead.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSought:
    """The deployment of a version to a service and environment that finished last."""

    service: str
    env: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOn:
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
    recovery time.
    """
    # A decision reaches two deployments, and which ones is seen only on the way.
    deployments.hold_decisions(transaction, {fact.org_id for fact in facts})
    return [_decide(transaction, fact) for fact in facts]


def release_remediation(transaction: Transaction, known: KnownDeployment) -> None:
    """Give the deployment that was named as the remediation of `known` its standing back."""
    outcome = known.outcome
    if not outcome.remediation_id or outcome.remediation_type is None:
        return
    former = deployments.get(transaction, known.fact.org_id, outcome.remediation_id)
    if former is not None:
        _set_type(transaction, former, DeploymentType.STANDARD)


def _decide(transaction: Transaction, fact: DecisionOn) -> KnownDeployment | FairleadError:
    known = _sought(transaction, fact)
    if known is None:
        return NotFound(_nothing_there(fact))
    if fact.decision is None:
        return known
    decision = _with_kept_remediation(fact.decision, known) if fact.keeps_remediation else fact.decision
    if decision.remediation.id == known.fact.id:
        detail = 'attribute "id" of the remediation names the deployment that it should repair'
        return Rejected(detail, field="remediation.id")
    deployments.put_decision(transaction, fact.org_id, known.fact.id, decision)
    release_remediation(transaction, known)
    repairing = _remediation(transaction, known, decision.remediation)
    outcome = _outcome(known, decision, repairing)
    deployments.put_outcome(transaction, fact.org_id, known.fact.id, outcome)
    if repairing is not None and outcome.remediation_type is not None:
        _set_type(transaction, repairing, DeploymentType(outcome.remediation_type.value))
    return replace(known, outcome=outcome)


def _with_kept_remediation(decision: ChangeFailureDecision, known: KnownDeployment) -> ChangeFailureDecision:
    outcome = known.outcome
    kept = Remediation(type=outcome.remediation_type, id=outcome.remediation_id)
    return replace(decision, remediation=kept)


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


def _remediation(
    transaction: Transaction, known: KnownDeployment, said: Remediation
) -> KnownDeployment | None:
    fact = known.fact
    if said.id:
        return deployments.get(transaction, fact.org_id, said.id)
    if not said.version:
        return None
    found = deployments.latest_of_version(transaction, fact.org_id, fact.service, fact.env, said.version)
    # Where a version is put back, the deployment that repairs is yet to come if this one came before.
    is_later = found is not None and found.fact.finished_at >= fact.finished_at
    return found if is_later and found != known else None


def _outcome(
    known: KnownDeployment, decision: ChangeFailureDecision, repairing: KnownDeployment | None
) -> Outcome:
    said = decision.remediation
    recovery_ns = None if repairing is None else repairing.fact.finished_at - known.fact.finished_at
    return replace(
        known.outcome,
        change_failure=decision.change_failure,
        remediation_id=said.id if repairing is None else repairing.fact.id,
        remediation_type=said.type,
        # A repair that ended before the failure did is a mistake somewhere, and no time beats a negative one.
        recovery_time_ns=recovery_ns if recovery_ns is not None and recovery_ns >= 0 else None,
    )


def _set_type(transaction: Transaction, known: KnownDeployment, kind: DeploymentType) -> None:
    outcome = replace(known.outcome, deployment_type=kind)
    deployments.put_outcome(transaction, known.fact.org_id, known.fact.id, outcome)
