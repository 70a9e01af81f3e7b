"""Explain why a deployment counts as failed, or not, and why it is the type it is."""

from enum import StrEnum

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import ChangeFailureDecision, KnownDeployment
from fairlead.domain.repairs import Repair, RepairKind
from fairlead.metrics.change_failures import Found, strongest
from fairlead.store import decisions, links, repairs
from fairlead.store.engine import Transaction


class DecidedBy(StrEnum):
    """Who or what says that a deployment failed, or did not."""

    PERSON = "person"
    ROLLBACK = "rollback"
    RULE = "rule"


class Judgement(Struct, frozen=True, kw_only=True):
    """What is said about a deployment, in words."""

    decided_by: DecidedBy | None
    """None where nobody said anything and nothing repaired it."""
    reason: str
    type_reason: str
    """Why it is a rollback or a rollforward; empty for any other."""


def judgement_of(transaction: Transaction, known: KnownDeployment) -> Judgement:
    """Return who decided whether a deployment failed, and why."""
    org_id, id = known.fact.org_id, known.fact.id
    own = repairs.by(transaction, org_id, [id]).get(id, [])
    type_reason = "; ".join(_did(each) for each in own)
    decision = decisions.latest(transaction, org_id, [id]).get(id)
    best = _strongest(transaction, org_id, repairs.of(transaction, org_id, [id]).get(id, []))
    if decision is not None:
        return Judgement(decided_by=DecidedBy.PERSON, reason=_marked(decision), type_reason=type_reason)
    if best is not None:
        decided_by = DecidedBy.ROLLBACK if best.kind is RepairKind.ROLLBACK else DecidedBy.RULE
        return Judgement(decided_by=decided_by, reason=_was_repaired(best), type_reason=type_reason)
    return Judgement(decided_by=None, reason=_nothing(known), type_reason=type_reason)


def _strongest(transaction: Transaction, org_id: OrgId, theirs: list[Repair]) -> Repair | None:
    keys = [(org_id, each.deployment_id) for each in theirs]
    by = {one.id: one for one in links.deployed(transaction, keys)}
    found = strongest(
        Found(repair=each, by=by[each.deployment_id]) for each in theirs if each.deployment_id in by
    )
    return None if found is None else found.repair


def _marked(decision: ChangeFailureDecision) -> str:
    what = "failed" if decision.change_failure else "stable"
    return f"marked as {what} by hand, with key {decision.decided_by}"


def _was_repaired(repair: Repair) -> str:
    by = f"deployment {repair.deployment_id}"
    match repair.kind:
        case RepairKind.ROLLBACK:
            return f"{by} put back what ran before it ({repair.value})"
        case RepairKind.LINKED:
            return f"{by} names it ({repair.value}), by the rule {repair.rule}"
        case RepairKind.STATIC:
            return f"{by} came right after it and has {repair.value}, by the rule {repair.rule}"


def _did(repair: Repair) -> str:
    match repair.kind:
        case RepairKind.ROLLBACK:
            return f"puts back {repair.value}, after which {repair.failed_id} had come"
        case RepairKind.LINKED:
            return f"names {repair.failed_id} ({repair.value}), by the rule {repair.rule}"
        case RepairKind.STATIC:
            return f"comes right after {repair.failed_id} and has {repair.value}, by the rule {repair.rule}"


def _nothing(known: KnownDeployment) -> str:
    fact = known.fact
    if known.outcome.change_failure is not None:
        return "no rollback, no rule and nobody says that it failed"
    if not fact.commit_sha and not fact.version:
        return "told without a commit and without a version, so that a rollback cannot be recognised"
    return "not worked out yet"
