"""Decide the rules of evaluations that are due: take them, look, keep what was found.

Safe to repeat and to interrupt at any point. A rule is decided once, whoever looks; a failed one
settles its evaluation at once, while the others go on for the record. Between its beginning and
its end a rule is looked at again whenever a monitor changes. Not here: when to look for work
(`worker`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Unavailable
from fairlead.domain.evaluations import Evaluation, RuleEvaluation, Status, verdict, watch_of
from fairlead.domain.gates import RuleKind
from fairlead.domain.instants import NS_PER_S
from fairlead.gates.findings import Finding, Policy, Watching, settled
from fairlead.store import evaluations, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases.observe import Observer

log = structlog.get_logger(__name__)

KINDS = (Kind.DECIDE_RULE, Kind.LOOK_AT_MONITORS)
MOST_AT_ONCE = 250
# Short, because whoever takes over after a crash has deadlines to keep.
LEASE_NS = 5 * NS_PER_S
_TRIES_TOGETHER = 3
_LONGEST_REST_NS = 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class _Wanted:
    now: int


@dataclass(frozen=True, slots=True)
class _Decided:
    """What became of a lot of work."""

    taken: Sequence[Taken]
    rules: Sequence[RuleEvaluation]
    """Those that were decided."""
    later: Mapping[Item, int]
    """When to look again at those that were not."""
    asked: Sequence[Item]
    """Further work, due at once."""
    now: int


@dataclass(frozen=True, slots=True)
class _Resting:
    one: Taken
    until: int


def decide_rules(ledger: Ledger, now: int, policy: Policy = Policy.PASS) -> int:
    """Decide what is due at `now`; return how many pieces of work were taken.

    `policy` says what becomes of a finding that is inconclusive.

    Raises:
        Unavailable: the database cannot be reached; what was taken is taken again.
    """
    if not ledger.read(work.is_due, now=now, kinds=KINDS):
        return 0
    taken: list[Taken] = ledger.write(_take, _Wanted(now))
    tried = [one for one in taken if one.attempts >= _TRIES_TOGETHER]
    for lot in ([one for one in taken if one.attempts < _TRIES_TOGETHER], *([one] for one in tried)):
        _decide(ledger, lot, now, policy)
    return len(taken)


def _decide(ledger: Ledger, lot: Sequence[Taken], now: int, policy: Policy) -> None:
    """Decide a lot of work: together if possible, one by one if not."""
    try:
        if lot:
            ledger.write(_keep, ledger.read(_looked, lot, now, policy))
    except Unavailable:
        raise
    except Exception:
        if len(lot) > 1:
            for one in lot:
                _decide(ledger, [one], now, policy)
            return
        [one] = lot
        rest_ns = min(LEASE_NS << one.attempts, _LONGEST_REST_NS)
        log.exception("rule cannot be decided", key=one.item.key, rest_s=rest_ns // NS_PER_S)
        ledger.write(_rest, _Resting(one, now + rest_ns))


def _looked(transaction: Transaction, lot: Sequence[Taken], now: int, policy: Policy) -> _Decided:
    """Return what is found at `now` by the rules of `lot`."""
    rules: list[RuleEvaluation] = []
    later: dict[Item, int] = {}
    asked: list[Item] = []
    for org_id, items in _by_organisation(lot).items():
        if any(item.kind is Kind.LOOK_AT_MONITORS for item in items):
            watching = evaluations.watching(transaction, org_id, RuleKind.MONITOR, now)
            asked += [Item(org_id, Kind.DECIDE_RULE, id) for id in watching]
        ids = [item.key for item in items if item.kind is Kind.DECIDE_RULE]
        for rule, finding in _findings(transaction, org_id, ids, now):
            if isinstance(finding, Watching):
                later[Item(org_id, Kind.DECIDE_RULE, rule.id)] = finding.look_again_at
            else:
                rules.append(_decided(rule, finding, policy, now))
    # What is taken is decided in this very round.
    mine = {one.item for one in lot}
    return _Decided(lot, rules, later, [item for item in asked if item not in mine], now)


def _findings(
    transaction: Transaction, org_id: OrgId, ids: Sequence[str], now: int
) -> Iterable[tuple[RuleEvaluation, Finding | Watching]]:
    found = evaluations.open_rules(transaction, org_id, ids)
    watches = [watch_of(rule, evaluation) for evaluation, rule in found]
    observer = Observer(transaction, org_id, watches, now)
    return ((rule, observer.look(watch)) for watch, (_, rule) in zip(watches, found, strict=True))


def _decided(rule: RuleEvaluation, finding: Finding, policy: Policy, now: int) -> RuleEvaluation:
    return replace(
        rule,
        status=settled(finding, policy),
        reason=finding.reason,
        evidence=finding.evidence,
        finished_at=now,
    )


def _by_organisation(lot: Iterable[Taken]) -> dict[OrgId, list[Item]]:
    items: dict[OrgId, list[Item]] = {}
    for one in lot:
        items.setdefault(one.item.org_id, []).append(one.item)
    return items


def _take(transaction: Transaction, wanted: Sequence[_Wanted]) -> list[list[Taken]]:
    return [
        work.take(
            transaction,
            MOST_AT_ONCE,
            now=one.now,
            leased_until=one.now + LEASE_NS,
            kinds=KINDS,
            most_again=MOST_AT_ONCE,
        )
        for one in wanted
    ]


def _rest(transaction: Transaction, resting: Sequence[_Resting]) -> list[None]:
    for one in resting:
        work.rest(transaction, one.one, until=one.until)
    return [None] * len(resting)


def _keep(transaction: Transaction, decided: Sequence[_Decided]) -> list[None]:
    for one in decided:
        for org_id, rules in _rules_by_organisation(one.rules).items():
            # Whoever decides two rules of one evaluation at once must see the other's answer.
            evaluations.hold(transaction, org_id, {rule.evaluation_id for rule in rules})
            for rule in rules:
                evaluations.settle_rule(transaction, rule)
            _settle(transaction, org_id, {rule.evaluation_id for rule in rules}, one.now)
        standing = work.standing(transaction, one.taken)
        work.tick_off(transaction, standing)
        mine = {taken.item for taken in standing}
        for item, at in one.later.items():
            if item in mine:
                work.ask(transaction, [item], due_at=at)
        work.ask(transaction, one.asked, due_at=one.now)
    return [None] * len(decided)


def _rules_by_organisation(rules: Iterable[RuleEvaluation]) -> dict[OrgId, list[RuleEvaluation]]:
    found: dict[OrgId, list[RuleEvaluation]] = {}
    for rule in sorted(rules, key=lambda one: (one.org_id, one.evaluation_id, one.position)):
        found.setdefault(rule.org_id, []).append(rule)
    return found


def _settle(transaction: Transaction, org_id: OrgId, ids: Iterable[str], now: int) -> None:
    """Keep what evaluations come to as soon as their rules allow it."""
    found: Iterable[Evaluation] = evaluations.by_id(transaction, org_id, ids).values()
    for evaluation in found:
        status = verdict(evaluation.rules)
        if evaluation.status is Status.IN_PROGRESS and status is not Status.IN_PROGRESS:
            evaluations.settle(transaction, org_id, evaluation.id, status, now)
