"""Observe: gather from what is kept all that a rule looks at, and let the rule decide.

The seam between what is kept and the decision: each kind of rule has one function here that
gathers and one in `fairlead.gates` that decides. One `Observer` looks for many rules at once and
reads what several of them share only once. Not here: when to look.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from fairlead.domain.access import OrgId
from fairlead.domain.evaluations import RuleEvaluationId, Watch
from fairlead.domain.gates import RuleKind, RuleOptions
from fairlead.domain.monitors import Mute, Watched
from fairlead.gates import faulty_deployment_rule, monitor_rule
from fairlead.gates.findings import Finding, Watching
from fairlead.store import detections, monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.see_version import see_version


def rules_about(
    transaction: Transaction,
    org_id: OrgId,
    watching: Iterable[tuple[RuleEvaluationId, RuleOptions]],
    changed: Collection[int],
) -> list[RuleEvaluationId]:
    """Return which rules watch one of these monitors, or would if its state allowed it."""
    few = [Watched(monitor=one) for one in monitors.by_ids(transaction, org_id, changed)]
    known: dict[str, bool] = {}

    def is_about(options: RuleOptions) -> bool:
        if options.monitor_ids is not None:
            return any(choice.id in changed for choice in options.monitor_ids)
        query = options.query or ""
        if query not in known:
            known[query] = bool(monitor_rule.candidates(query, few))
        return known[query]

    return [id for id, options in watching if is_about(options)]


class Observer:
    """Looks, for the rules of one organisation, at what was known at one instant."""

    def __init__(self, transaction: Transaction, org_id: OrgId, watches: Iterable[Watch], now: int) -> None:
        self._transaction = transaction
        self._org_id = org_id
        self._since_at = min((watch.from_at for watch in watches), default=now)
        self._now = now
        self._by_query: dict[str, Sequence[Watched]] = {}

    def look(self, watch: Watch) -> Finding | Watching:
        """Return what a rule finds, or when to look again."""
        match watch.kind:
            case RuleKind.MONITOR:
                return monitor_rule.find(watch, self._candidates(watch), self._now)
            case RuleKind.FAULTY_DEPLOYMENT:
                return self._detected(watch)

    def _candidates(self, watch: Watch) -> Sequence[Watched]:
        query = watch.options.query
        if query is None:
            return self._monitors
        if query not in self._by_query:
            self._by_query[query] = monitor_rule.candidates(query, self._monitors)
        return self._by_query[query]

    def _detected(self, watch: Watch) -> Finding | Watching:
        known = detections.get(self._transaction, self._org_id, watch.service)
        look = faulty_deployment_rule.look_at(watch, known, self._now)
        seen = None if look is None else see_version(self._transaction, watch, known, look.at)
        return faulty_deployment_rule.find(watch, known, seen, self._now)

    @cached_property
    def _monitors(self) -> list[Watched]:
        spans = monitor_states.touching(self._transaction, self._org_id, self._since_at)
        mutes: dict[int, list[Mute]] = {}
        for mute in monitors.mutes_of(self._transaction, self._org_id, self._since_at):
            mutes.setdefault(mute.monitor_id, []).append(mute)
        return [
            Watched(monitor=one, spans=tuple(spans.get(one.id, ())), mutes=tuple(mutes.get(one.id, ())))
            for one in monitors.ever_since(self._transaction, self._org_id, self._since_at)
        ]
