"""Decide the rules of evaluations that are due: take them, look, keep what was found.

Safe to repeat and to interrupt at any point. A rule is decided once, whoever looks; a failed one
settles its evaluation at once, while the others go on for the record. Between its beginning and
its end a rule is looked at again whenever a monitor changes. Not here: when to look for work
(`worker`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import structlog
from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Unavailable
from fairlead.domain.evaluations import RuleEvaluation, Status, verdict, watch_of
from fairlead.domain.gates import RuleKind
from fairlead.domain.instants import NS_PER_S
from fairlead.gates.findings import Finding, Policy, Watching
from fairlead.gates.findings import settled as status_of
from fairlead.store import evaluations, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases.observe import Observer, rules_about

log = structlog.get_logger(__name__)

KINDS = (Kind.DECIDE_RULE, Kind.LOOK_AT_MONITORS)
MOST_AT_ONCE = 1000
# Short, because whoever takes over after a crash has deadlines to keep.
LEASE_NS = 5 * NS_PER_S
_TRIES_TOGETHER = 3
_LONGEST_REST_NS = 60 * NS_PER_S


class _Wanted(Struct, frozen=True):
    now: int


class _Decided(Struct, frozen=True):
    """What became of a lot of work."""

    taken: Sequence[Taken]
    rules: Sequence[RuleEvaluation]
    """Those that were decided."""
    later: Mapping[Item, int]
    """When to look again at those that were not."""
    now: int


class _Resting(Struct, frozen=True):
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
    """Return what is found at `now` by the rules of `lot`, and by those that watch monitors of it."""
    rules: list[RuleEvaluation] = []
    later: dict[Item, int] = {}
    for org_id, items in _by_organisation(lot).items():
        mine = {item.key for item in items if item.kind is Kind.DECIDE_RULE}
        changed = {int(item.key) for item in items if item.kind is Kind.LOOK_AT_MONITORS}
        for rule, finding in _findings(transaction, org_id, sorted(mine), now):
            if isinstance(finding, Watching):
                later[Item(org_id, Kind.DECIDE_RULE, rule.id)] = finding.look_again_at
            else:
                rules.append(_decided(rule, finding, policy, now))
        if changed:
            # Those that go on watching are looked at when they are due, which was asked for before.
            watching = evaluations.watching(transaction, org_id, RuleKind.MONITOR, now)
            about = rules_about(transaction, org_id, watching, changed)
            found = _findings(transaction, org_id, [id for id in about if id not in mine], now)
            rules += [
                _decided(rule, one, policy, now) for rule, one in found if not isinstance(one, Watching)
            ]
    return _Decided(lot, rules, later, now)


def _findings(
    transaction: Transaction, org_id: OrgId, ids: Sequence[str], now: int
) -> Iterable[tuple[RuleEvaluation, Finding | Watching]]:
    found = evaluations.open_rules(transaction, org_id, ids)
    watches = [(rule, watch_of(rule, evaluation)) for evaluation, rule in found]
    observer = Observer(transaction, org_id, [watch for _, watch in watches], now)
    return ((rule, observer.look(watch)) for rule, watch in watches)


def _decided(rule: RuleEvaluation, finding: Finding, policy: Policy, now: int) -> RuleEvaluation:
    return replace(
        rule,
        status=status_of(finding, policy),
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
            _settle(transaction, org_id, rules, one.now)
        standing = work.standing(transaction, one.taken)
        work.tick_off(transaction, standing)
        mine = {taken.item for taken in standing}
        for at, items in _by_instant(one.later, mine).items():
            work.ask(transaction, items, due_at=at)
    return [None] * len(decided)


def _by_instant(later: Mapping[Item, int], mine: Collection[Item]) -> dict[int, list[Item]]:
    instants: dict[int, list[Item]] = {}
    for item in later.keys() & mine:
        instants.setdefault(later[item], []).append(item)
    return instants


def _rules_by_organisation(rules: Iterable[RuleEvaluation]) -> dict[OrgId, list[RuleEvaluation]]:
    found: dict[OrgId, list[RuleEvaluation]] = {}
    for rule in sorted(rules, key=lambda one: (one.org_id, one.evaluation_id, one.position)):
        found.setdefault(rule.org_id, []).append(rule)
    return found


def _settle(transaction: Transaction, org_id: OrgId, rules: Sequence[RuleEvaluation], now: int) -> None:
    """Keep what undecided rules came to, and their evaluations as soon as that allows it."""
    # Whoever decides two rules of one evaluation at once must see the other's answer.
    evaluations.hold(transaction, org_id, {rule.evaluation_id for rule in rules})
    known = evaluations.by_id(transaction, org_id, {rule.evaluation_id for rule in rules}).values()
    decided = {rule.id: rule for rule in rules}
    fresh = [
        decided[rule.id]
        for one in known
        for rule in one.rules
        if rule.id in decided and rule.status is Status.IN_PROGRESS
    ]
    evaluations.settle_rules(transaction, fresh)
    kept = {rule.id: rule for rule in fresh}
    verdicts = [
        (one.id, verdict(kept.get(rule.id, rule) for rule in one.rules))
        for one in known
        if one.status is Status.IN_PROGRESS
    ]
    settled = [(id, status) for id, status in verdicts if status is not Status.IN_PROGRESS]
    evaluations.settle(transaction, org_id, settled, now)
