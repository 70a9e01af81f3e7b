"""Preview rules on past deployments: what would be decided otherwise, before anything is saved.

Both sets of rules are tried on the same deployments, by the definition itself, so what differs is
the rules' doing alone. What people decided is held against both. Not here: saving
(`put_failure_rules`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import ChangeFailureDecision, DeploymentType, Outcome
from fairlead.domain.failure_rules import Aspect, FailureRules
from fairlead.domain.links import Deployed
from fairlead.domain.repairs import Repair, Traits
from fairlead.metrics import change_failures
from fairlead.metrics.change_failures import Found
from fairlead.store import decisions, failure_rules, links, repairs
from fairlead.store.engine import Transaction

MOST_CONSIDERED: Final = 20_000
"""Deployments; of more the latest."""
_BEFORE_NS: Final = 90 * 86_400 * 1_000_000_000
"""How far before the window a version that is put back, or a change that is reverted, may have come."""


class PreviewWanted(Struct, frozen=True, kw_only=True):
    """Which rules to try, on the deployments that ended in which window; `until_at` is exclusive."""

    org_id: OrgId
    rules: FailureRules
    from_at: int
    until_at: int


class Tally(Struct, frozen=True, kw_only=True):
    """What rules make of a window."""

    failed: int = 0
    rollbacks: int = 0
    rollforwards: int = 0


class Changed(Struct, frozen=True, kw_only=True):
    """A deployment of which other rules make something else."""

    deployment: Deployed
    now: Outcome
    then: Outcome


class Preview(Struct, frozen=True, kw_only=True):
    """What rules would make of the past."""

    considered: int
    """Deployments in the window that were looked at."""
    is_whole: bool
    """Whether these are all of them."""
    now: Tally
    then: Tally
    changed: tuple[Changed, ...]
    """The latest first."""


def preview_failure_rules(transaction: Transaction, wanted: PreviewWanted) -> Preview:
    """Return what `wanted.rules` would decide otherwise than the rules that hold now."""
    org_id = wanted.org_id
    since_at = wanted.from_at - _BEFORE_NS
    ones = links.ended_between(transaction, org_id, since_at, wanted.until_at, most=MOST_CONSIDERED)
    current = failure_rules.get(transaction, org_id)
    said = decisions.latest(transaction, org_id, [one.id for one in ones])
    traits = _traits(transaction, org_id, ones, (current, wanted.rules))
    now, then = (_outcomes(ones, traits, said, rules) for rules in (current, wanted.rules))
    inside = [one for one in ones if one.finished_at >= wanted.from_at]
    return Preview(
        considered=len(inside),
        is_whole=len(ones) < MOST_CONSIDERED,
        now=_tally(now[one.id] for one in inside),
        then=_tally(then[one.id] for one in inside),
        changed=tuple(
            Changed(deployment=one, now=now[one.id], then=then[one.id])
            for one in inside
            if now[one.id] != then[one.id]
        ),
    )


def _traits(
    transaction: Transaction, org_id: OrgId, ones: Sequence[Deployed], tried: Sequence[FailureRules]
) -> Mapping[str, Traits]:
    read = any(rule.aspect is Aspect.COMMIT_MESSAGE for rules in tried for rule in rules.static_in_use)
    return repairs.traits_of_each(transaction, org_id, ones, with_messages=read)


def _outcomes(
    ones: Sequence[Deployed],
    traits: Mapping[str, Traits],
    said: Mapping[str, ChangeFailureDecision],
    rules: FailureRules,
) -> dict[str, Outcome]:
    chains: dict[tuple[str, str], list[Deployed]] = {}
    for one in ones:
        chains.setdefault((one.service, one.env), []).append(one)
    own: dict[str, list[Repair]] = {}
    for chain in chains.values():
        own |= change_failures.repairs_in([(one, traits[one.id]) for one in chain], rules)
    known = {one.id: one for one in ones}
    repaired: dict[str, list[Found]] = {}
    for each in (repair for theirs in own.values() for repair in theirs):
        repaired.setdefault(each.failed_id, []).append(Found(repair=each, by=known[each.deployment_id]))
    return {one.id: _outcome(one, known, said, own[one.id], repaired.get(one.id, [])) for one in ones}


def _outcome(
    one: Deployed,
    known: Mapping[str, Deployed],
    said: Mapping[str, ChangeFailureDecision],
    own: Sequence[Repair],
    repaired: Sequence[Found],
) -> Outcome:
    decision = said.get(one.id)
    named = None if decision is None else known.get(decision.remediation.id)
    # Who denies that something failed denies that it was repaired.
    kept = [each for each in own if each.failed_id not in said or said[each.failed_id].change_failure]
    return change_failures.outcome(one, decision, named, repaired, change_failures.type_of((), kept))


def _tally(outcomes: Iterable[Outcome]) -> Tally:
    told = list(outcomes)
    types = [outcome.deployment_type for outcome in told]
    return Tally(
        failed=sum(outcome.change_failure is True for outcome in told),
        rollbacks=types.count(DeploymentType.ROLLBACK),
        rollforwards=types.count(DeploymentType.ROLLFORWARD),
    )
