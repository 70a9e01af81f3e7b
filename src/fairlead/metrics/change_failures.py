"""Change failures: which deployments repair which, and what becomes of each.

Definition: Datadog, "Change failure detection" (read 2026). A deployment is a *rollback* when what
it deploys equals some earlier deployment and differs from the one right before; the failure is the
first one after the deployment whose build is put back. A *linked* rule finds the failure by what
the repair names; a *static* rule takes the deployment right before. Where Datadog is silent: the
order is by end, start and id within one service and environment; of several earlier deployments
the latest counts; a build is told by commit, and by version where either side has no commit; what
a person decided stands above a rollback, that above a linked rule, that above a static one; of
equally strong repairs the first one ends the failure. Not here: where facts are kept, and rules
themselves (`domain.failure_rules`).
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from fairlead.domain.deployments import ChangeFailureDecision, DeploymentType, Outcome, RemediationType
from fairlead.domain.failure_rules import Aspect, FailureRules, Variable
from fairlead.domain.links import Deployed
from fairlead.domain.repairs import STRENGTH, Claim, Property, Repair, RepairKind, Traits

Place = tuple[int, int, str]


class Surroundings(Struct, frozen=True, kw_only=True):
    """What stands around a deployment in its service and environment."""

    before: Deployed | None = None
    """Right before it."""
    put_back: Deployed | None = None
    """The latest earlier one with the same build."""
    after_put_back: Deployed | None = None
    """Right after that."""
    undoes_rollback: bool = False
    """Whether `after_put_back` is a rollback itself."""
    claimed: Mapping[Property, Deployed] = field(default_factory=dict)
    """For each property it claims to repair the latest earlier deployment that has it."""


class Found(Struct, frozen=True, kw_only=True):
    """A deployment that repairs another, and why it is said to."""

    repair: Repair
    by: Deployed


def place(one: Deployed) -> Place:
    """Return where a deployment stands in the order of its service and environment."""
    return one.finished_at, one.started_at, one.id


def same_build(one: Deployed, other: Deployed) -> bool:
    """Tell whether two deployments put the same thing there.

    By commit; where one of them has none, by version; without either they are never the same.
    """
    if one.commit_sha and other.commit_sha:
        return one.commit_sha == other.commit_sha
    return bool(one.version) and one.version == other.version


def properties(traits: Traits, rules: FailureRules) -> set[Property]:
    """Return what a deployment may be found by, as far as a linked rule in use asks for it."""
    wanted = {rule.variable for rule in rules.linked_in_use}
    found: set[Property] = set()
    if Variable.VERSION in wanted and traits.version:
        found.add(Property(Variable.VERSION, "", traits.version))
    for one in traits.pull_requests:
        if Variable.PR_TITLE in wanted and one.title:
            found.add(Property(Variable.PR_TITLE, traits.repository_id, one.title))
        if Variable.PR_NUMBER in wanted:
            found.add(Property(Variable.PR_NUMBER, traits.repository_id, str(one.number)))
    return found


def claims(traits: Traits, rules: FailureRules) -> list[Claim]:
    """Return what a deployment says it repairs, each once; of several rules that say so the first.

    What it brings itself beside its repair never failed anywhere, so nothing is claimed of that.
    """
    own = properties(traits, rules)
    found: dict[Property, Claim] = {}
    for rule in rules.linked_in_use:
        texts = [traits.version] if rule.variable is Variable.VERSION else _titles(traits)
        for text in texts:
            value = rule.value_in(text)
            if value is None:
                continue
            wanted = _wanted(rule.variable, traits, value)
            if wanted not in own:
                found.setdefault(wanted, Claim(wanted, rule.pattern))
    return list(found.values())


def is_rollback(one: Deployed, around: Surroundings, rules: FailureRules) -> bool:
    """Tell whether a deployment puts an earlier one back."""
    if not rules.rollbacks or around.before is None or around.put_back is None:
        return False
    if same_build(one, around.before):
        return False
    return rules.rollbacks_of_rollbacks or not around.undoes_rollback


def repairs(one: Deployed, traits: Traits, around: Surroundings, rules: FailureRules) -> list[Repair]:
    """Return what a deployment repairs, by the strongest kind that says anything."""
    if is_rollback(one, around, rules) and around.after_put_back is not None:
        build = one.commit_sha or one.version
        failed = around.after_put_back.id
        return [Repair(deployment_id=one.id, failed_id=failed, kind=RepairKind.ROLLBACK, value=build)]
    linked: dict[str, Repair] = {}
    for claim in claims(traits, rules):
        failed_one = around.claimed.get(claim.wanted)
        if failed_one is not None:
            repair = Repair(
                deployment_id=one.id,
                failed_id=failed_one.id,
                kind=RepairKind.LINKED,
                rule=claim.rule,
                value=claim.wanted.value,
            )
            linked.setdefault(failed_one.id, repair)
    if linked:
        return list(linked.values())
    found = None if around.before is None else _static(traits, rules)
    if found is None or around.before is None:
        return []
    rule, value = found
    failed = around.before.id
    return [Repair(deployment_id=one.id, failed_id=failed, kind=RepairKind.STATIC, rule=rule, value=value)]


def repairs_in(chain: Iterable[tuple[Deployed, Traits]], rules: FailureRules) -> dict[str, list[Repair]]:
    """Return what each deployment of one service and environment repairs, from all of them at once."""
    ordered = sorted(chain, key=lambda each: place(each[0]))
    by_commit: dict[str, int] = {}
    by_version: dict[str, int] = {}
    having: dict[Property, int] = {}
    rollbacks: set[int] = set()
    found: dict[str, list[Repair]] = {}
    for at, (one, traits) in enumerate(ordered):
        back = by_commit.get(one.commit_sha) if one.commit_sha else by_version.get(one.version or "\0")
        claimed = {
            claim.wanted: having[claim.wanted] for claim in claims(traits, rules) if claim.wanted in having
        }
        around = Surroundings(
            before=ordered[at - 1][0] if at else None,
            put_back=None if back is None else ordered[back][0],
            after_put_back=None if back is None or back + 1 == at else ordered[back + 1][0],
            undoes_rollback=back is not None and back + 1 in rollbacks,
            claimed={wanted: ordered[where][0] for wanted, where in claimed.items()},
        )
        found[one.id] = repairs(one, traits, around, rules)
        if is_rollback(one, around, rules):
            rollbacks.add(at)
        by_commit[one.commit_sha] = at
        by_version[one.version] = at
        having.update(dict.fromkeys(properties(traits, rules), at))
    return found


def outcome(
    one: Deployed,
    decision: ChangeFailureDecision | None,
    named: Deployed | None,
    repaired: Sequence[Found],
    deployment_type: DeploymentType,
) -> Outcome:
    """Return what became of a deployment.

    `named` is the deployment that the decision names as the remediation, if it is known; `repaired`
    is what repairs it by rollback or rule. Undecided is what has neither commit nor version, unless
    somebody or some rule says otherwise: nobody could tell that it was rolled back.
    """
    if decision is not None and not decision.change_failure:
        return Outcome(change_failure=False, deployment_type=deployment_type)
    said = None if decision is None else decision.remediation
    if said is not None and (said.id or said.version or said.type):
        known = "" if named is None else named.id
        return Outcome(
            change_failure=True,
            deployment_type=deployment_type,
            remediation_id=known or said.id,
            remediation_type=said.type,
            recovery_time_ns=_recovery(one, named),
        )
    best = strongest(repaired)
    if best is not None:
        return Outcome(
            change_failure=True,
            deployment_type=deployment_type,
            remediation_id=best.by.id,
            remediation_type=best.repair.kind.remediation,
            recovery_time_ns=_recovery(one, best.by),
        )
    if decision is not None:
        return Outcome(change_failure=True, deployment_type=deployment_type)
    judgeable = bool(one.commit_sha or one.version)
    return Outcome(change_failure=False if judgeable else None, deployment_type=deployment_type)


def strongest(repaired: Iterable[Found]) -> Found | None:
    """Return the repair that counts: the strongest kind, of these the one that ended first."""
    return min(repaired, key=lambda one: (STRENGTH[one.repair.kind], place(one.by)), default=None)


def type_of(named_as: Iterable[RemediationType], own: Iterable[Repair]) -> DeploymentType:
    """Return what a deployment did: what somebody named it as, else what it repairs tells."""
    said = {DeploymentType(kind.value) for kind in named_as} or {
        repair.kind.deployment_type for repair in own
    }
    for kind in (DeploymentType.ROLLBACK, DeploymentType.ROLLFORWARD):
        if kind in said:
            return kind
    return DeploymentType.STANDARD


def _recovery(one: Deployed, by: Deployed | None) -> int | None:
    """Return the time from the end of a failed deployment to the end of its repair.

    A repair that ended before the failure did is a mistake somewhere, and no time beats a negative one.
    """
    if by is None or by.finished_at < one.finished_at:
        return None
    return by.finished_at - one.finished_at


def _titles(traits: Traits) -> list[str]:
    return [one.title for one in traits.pull_requests]


def _wanted(variable: Variable, traits: Traits, value: str) -> Property:
    if variable is Variable.VERSION:
        return Property(variable, "", value)
    # Hosts give numbers without leading zeros.
    text = value.lstrip("0") if variable is Variable.PR_NUMBER else value
    return Property(variable, traits.repository_id, text)


def _static(traits: Traits, rules: FailureRules) -> tuple[str, str] | None:
    """Return the pattern and the text of the first static rule that matches."""
    for rule in rules.static_in_use:
        for text in _texts(traits, rule.aspect):
            if rule.matches(text):
                return rule.pattern, text
    return None


def _texts(traits: Traits, aspect: Aspect) -> Sequence[str]:
    match aspect:
        case Aspect.PR_TITLE:
            return _titles(traits)
        case Aspect.PR_LABEL:
            return [label for one in traits.pull_requests for label in one.labels]
        case Aspect.PR_BRANCH:
            return [one.branch for one in traits.pull_requests]
        case Aspect.COMMIT_MESSAGE:
            return traits.messages
        case Aspect.VERSION:
            return [traits.version] if traits.version else []
