"""Settle what became of deployments: what each repairs, and from that the outcome of each.

A deployment stands among those of its service and environment, so a new, changed or deleted one
bears on few others, and only these are looked at: the one after it, the next ones with a build
like its own or like that of the one before it, and those that claim to repair it. All of it is
done while nobody else decides anything in the organisation, from the facts as they are by then;
whoever comes later sees what was done. `metrics.change_failures.repairs_in` says what has to come
out. Not here: when it is done (`do_work`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import ChangeFailureDecision, Outcome, RemediationType
from fairlead.domain.failure_rules import Aspect, FailureRules
from fairlead.domain.links import Deployed
from fairlead.domain.repairs import Property, Repair, RepairKind, Traits
from fairlead.metrics import change_failures
from fairlead.metrics.change_failures import Found, Surroundings, place, same_build
from fairlead.store import decisions, deployments, failure_rules, links, marks, neighbours, repairs
from fairlead.store.engine import Transaction


class _Settling(Struct):
    """One organisation while its outcomes are settled."""

    transaction: Transaction
    org_id: OrgId
    rules: FailureRules
    touched: set[str] = field(default_factory=set)
    """Those whose outcome may be another by now."""
    unsure: set[str] = field(default_factory=set)
    """Those that depend on whether another one is a rollback, where that has changed."""

    def deployed(self, ids: Iterable[str]) -> dict[str, Deployed]:
        """Return those deployments that are there, by id."""
        return links.deployed_by_id(self.transaction, self.org_id, ids)

    def traits(self, ones: Iterable[Deployed]) -> Mapping[str, Traits]:
        """Return deployments as rules see them, as far as any rule looks."""
        known = list(ones)
        if not (self.rules.linked_in_use or self.rules.static_in_use):
            return {one.id: Traits(version=one.version, repository_id=one.repository_id) for one in known}
        read = any(rule.aspect is Aspect.COMMIT_MESSAGE for rule in self.rules.static_in_use)
        return repairs.traits_of_each(self.transaction, self.org_id, known, with_messages=read)


def decide_again(transaction: Transaction, org_id: OrgId, ids: Collection[str]) -> set[str]:
    """Work out again what the deployments of `ids` repair, whom that concerns, and what became of these.

    Returns those that are to be worked out again in turn, because another one is a rollback now or
    is none any more.
    """
    decisions.hold(transaction, [org_id])
    work = _Settling(transaction, org_id, failure_rules.get(transaction, org_id), set(ids))
    ones = work.deployed(ids)
    traits = work.traits(ones.values())
    concerned = ones | _mark(work, ones, traits)
    work.touched |= decisions.about(transaction, org_id, ones.values())
    traits = work.traits(concerned.values())
    views = _views(work, concerned, traits)
    after = {view.after_put_back.id for view in views.values() if view.after_put_back is not None}
    # What one is found to repair says what another one undoes, so they are looked at in their order.
    known = repairs.by(transaction, org_id, concerned.keys() | after)
    for one in sorted(concerned.values(), key=place):
        _repair(work, one, traits[one.id], views[one.id], known)
    settle(transaction, org_id, work.touched)
    return work.unsure - set(ids)


def leave(transaction: Transaction, gone: Deployed) -> set[str]:
    """Return the deployments to decide about again because one leaves the place where it stands.

    It is found there no more. Nobody decides anything in the organisation until the transaction
    ends: what is being decided right now may be about the one that leaves.
    """
    decisions.hold(transaction, [gone.org_id])
    work = _Settling(transaction, gone.org_id, failure_rules.get(transaction, gone.org_id))
    kept = marks.kept(transaction, gone.org_id, [gone.id]).get(gone.id, {})
    found = set(_followers(work, [gone], kept))
    found |= repairs.touching(transaction, gone.org_id, gone.id)
    found |= decisions.about(transaction, gone.org_id, [gone])
    marks.forget(transaction, gone.org_id, [gone.id])
    return found - {gone.id}


def settle(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> None:
    """Bring the outcomes of deployments up to what is decided and what repairs them."""
    stood = deployments.outcomes_of(transaction, org_id, ids)
    around = _Around.of(transaction, org_id, {id: one for id, (one, _) in stood.items()})
    outcomes = {id: around.outcome(one) for id, (one, _) in stood.items()}
    changed = {id: outcome for id, outcome in outcomes.items() if outcome != stood[id][1]}
    # In one order everywhere, so that two processes never wait for each other.
    links.hold(transaction, [(org_id, id) for id in changed])
    deployments.put_outcomes(transaction, org_id, changed)


class _Around(Struct, frozen=True):
    """What the outcomes of some deployments depend on."""

    known: Mapping[str, Deployed]
    said: Mapping[str, ChangeFailureDecision]
    remedies: Mapping[str, Deployed]
    """For each decision the deployment it names, where that is known."""
    repaired: Mapping[str, Sequence[Repair]]
    own: Mapping[str, Sequence[Repair]]

    @classmethod
    def of(cls, transaction: Transaction, org_id: OrgId, ones: Mapping[str, Deployed]) -> "_Around":
        repaired, own = repairs.of(transaction, org_id, ones), repairs.by(transaction, org_id, ones)
        others = decisions.about(transaction, org_id, ones.values())
        others |= {each.deployment_id for theirs in repaired.values() for each in theirs}
        others |= {each.failed_id for theirs in own.values() for each in theirs}
        known = dict(ones) | links.deployed_by_id(transaction, org_id, others - ones.keys())
        said = decisions.latest(transaction, org_id, known)
        remedies = {id: _remedy(transaction, known[id], decision) for id, decision in said.items()}
        there = {id: one for id, one in remedies.items() if one is not None}
        return cls(known, said, there, repaired, own)

    def outcome(self, one: Deployed) -> Outcome:
        """Return what became of a deployment."""
        found = [
            Found(repair=each, by=self.known[each.deployment_id])
            for each in self.repaired.get(one.id, ())
            if each.deployment_id in self.known
        ]
        # Who denies that something failed denies that it was repaired.
        own = [each for each in self.own.get(one.id, ()) if not self._is_denied(each)]
        kind = change_failures.type_of(self._named_as(one), own)
        return change_failures.outcome(one, self.said.get(one.id), self.remedies.get(one.id), found, kind)

    def _is_denied(self, repair: Repair) -> bool:
        decision = self.said.get(repair.failed_id)
        return decision is not None and not decision.change_failure

    def _named_as(self, one: Deployed) -> Iterator[RemediationType]:
        for id, remedy in self.remedies.items():
            kind = self.said[id].remediation.type
            if remedy.id == one.id and kind is not None:
                yield kind


def _remedy(transaction: Transaction, one: Deployed, decision: ChangeFailureDecision) -> Deployed | None:
    """Return the deployment that a decision about `one` names, if there is one.

    A version names the first deployment of it after the one that failed.
    """
    said = decision.remediation
    if said.id:
        found = links.deployed(transaction, [(one.org_id, said.id)])
        return found[0] if found else None
    return links.first_after(transaction, one, said.version) if said.version else None


def _mark(work: _Settling, ones: Mapping[str, Deployed], traits: Mapping[str, Traits]) -> dict[str, Deployed]:
    """Mark deployments with what they can be found by; return whom that concerns."""
    before = marks.kept(work.transaction, work.org_id, ones)
    now = {id: _marks_of(work, one, traits[id]) for id, one in ones.items()}
    moved = [
        one
        for id, one in ones.items()
        if before.get(id, {}) != dict.fromkeys(now[id], (one.finished_at, one.started_at))
    ]
    marks.forget(work.transaction, work.org_id, [one.id for one in moved if one.id in before])
    marks.put(work.transaction, ((one, now[one.id]) for one in moved))
    return _followers(
        work, moved, {mark for one in moved for mark in (*before.get(one.id, ()), *now[one.id])}
    )


def _marks_of(work: _Settling, one: Deployed, traits: Traits) -> set[int]:
    found = {marks.mark(one, "there"), *_build_marks(one)}
    found |= {_property_mark(one, each) for each in change_failures.properties(traits, work.rules)}
    claims = change_failures.claims(traits, work.rules)
    return found | {marks.claim_on(_property_mark(one, claim.wanted)) for claim in claims}


def _followers(work: _Settling, ones: Sequence[Deployed], of_them: Collection[int]) -> dict[str, Deployed]:
    """Return the deployments that may repair another one because `ones` are where they are."""
    transaction, org_id = work.transaction, work.org_id
    before, after = neighbours.before(transaction, ones), neighbours.after(transaction, ones)
    builds = {
        (one, build)
        for one in ones
        for build in (*_build_marks(one), *(_build_marks(before[one.key]) if one.key in before else ()))
    }
    ids = set(neighbours.marked(transaction, org_id, builds, before=False).values())
    ids |= marks.marked(transaction, org_id, sorted({marks.claim_on(mark) for mark in of_them}))
    return work.deployed(ids) | {one.id: one for one in after.values()}


def _repair(
    work: _Settling, one: Deployed, traits: Traits, view: Surroundings, known: dict[str, list[Repair]]
) -> None:
    """Bring up to date what a deployment repairs, in `known` too."""
    after = view.after_put_back
    if after is not None and not work.rules.rollbacks_of_rollbacks:
        view = replace(view, undoes_rollback=_is_rollback(known.get(after.id, ())))
    before = known.get(one.id, [])
    now = sorted(change_failures.repairs(one, traits, view, work.rules), key=lambda each: each.failed_id)
    work.touched |= {one.id, *(each.failed_id for each in (*before, *now))}
    if now == before:
        return
    known[one.id] = now
    repairs.put(work.transaction, work.org_id, one.id, now)
    if not work.rules.rollbacks_of_rollbacks and _is_rollback(before) != _is_rollback(now):
        # Whoever puts back what stood before this one undoes it.
        builds = () if view.before is None else _build_marks(view.before)
        wanted = [(one, build) for build in builds]
        work.unsure |= set(neighbours.marked(work.transaction, work.org_id, wanted, before=False).values())


def _views(
    work: _Settling, ones: Mapping[str, Deployed], traits: Mapping[str, Traits]
) -> dict[str, Surroundings]:
    """Return what each deployment finds around itself, save for what others undo."""
    before = neighbours.before(work.transaction, ones.values())
    there = [one for one in ones.values() if one.key in before]
    claims = {one.id: _claims(work, one, traits[one.id]) for one in there}
    returning = {one.id: _build_marks(one)[:1] for one in there if not same_build(one, before[one.key])}
    wanted = {(one, mark) for one in there for mark in (*returning.get(one.id, ()), *claims[one.id].values())}
    ids = neighbours.marked(work.transaction, work.org_id, wanted, before=True)
    known = work.deployed(ids.values())
    # A mark may be left of a deployment that is gone.
    found = {asked: known[id] for asked, id in ids.items() if id in known}
    put_back = {
        id: found[id, mark] for id, theirs in returning.items() for mark in theirs if (id, mark) in found
    }
    after = neighbours.after(work.transaction, put_back.values())
    views = dict.fromkeys(ones, Surroundings())
    for one in there:
        back = put_back.get(one.id)
        views[one.id] = Surroundings(
            before=before[one.key],
            put_back=back,
            after_put_back=None if back is None else after.get(back.key),
            claimed={
                each: found[one.id, mark] for each, mark in claims[one.id].items() if (one.id, mark) in found
            },
        )
    return views


def _claims(work: _Settling, one: Deployed, traits: Traits) -> dict[Property, int]:
    """Return the properties that a deployment claims to repair, with the marks of what has them."""
    claims = change_failures.claims(traits, work.rules)
    return {claim.wanted: _property_mark(one, claim.wanted) for claim in claims}


def _build_marks(one: Deployed) -> list[int]:
    """Return the marks of what a deployment put there, the one that tells its build first."""
    commit = [marks.mark(one, "commit", one.commit_sha)] if one.commit_sha else []
    return commit + ([marks.mark(one, "version", one.version)] if one.version else [])


def _property_mark(one: Deployed, each: Property) -> int:
    return marks.mark(one, "has", each.variable.value, each.repository_id, each.value)


def _is_rollback(theirs: Iterable[Repair]) -> bool:
    return any(each.kind is RepairKind.ROLLBACK for each in theirs)
