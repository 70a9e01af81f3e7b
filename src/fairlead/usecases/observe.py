"""Observe: gather from what is kept all that a rule looks at, and let the rule decide.

The seam between what is kept and the decision: each kind of rule has one function here that
gathers and one in `fairlead.gates` that decides. One `Observer` looks for many rules at once and
reads what several of them share only once. Not here: when to look.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from fairlead.domain.access import OrgId
from fairlead.domain.evaluations import Watch
from fairlead.domain.gates import RuleKind
from fairlead.domain.monitors import Mute, Watched
from fairlead.gates import faulty_deployment_rule, monitor_rule
from fairlead.gates.findings import Finding, Watching
from fairlead.store import detections, monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.see_version import see_version


class Observer:
    """Looks, for the rules of one organisation, at what was known at one instant."""

    def __init__(self, transaction: Transaction, org_id: OrgId, watches: Iterable[Watch], now: int) -> None:
        self._transaction = transaction
        self._org_id = org_id
        self._since_at = min((watch.from_at for watch in watches), default=now)
        self._now = now
        self._by_query: dict[str, Sequence[Watched]] = {}
        self._is_about: dict[str, bool] = {}

    def look(self, watch: Watch) -> Finding | Watching:
        """Return what a rule finds, or when to look again."""
        match watch.kind:
            case RuleKind.MONITOR:
                return monitor_rule.find(watch, self._candidates(watch), self._now)
            case RuleKind.FAULTY_DEPLOYMENT:
                return self._detected(watch)

    def is_about(self, watch: Watch, ids: Collection[int]) -> bool:
        """Tell whether a rule watches one of these monitors, or would if their states allowed it."""
        if watch.options.monitor_ids is not None:
            return any(choice.id in ids for choice in watch.options.monitor_ids)
        query = watch.options.query or ""
        if query not in self._is_about:
            few = [one for one in self._monitors if one.monitor.id in ids]
            self._is_about[query] = bool(monitor_rule.candidates(query, few))
        return self._is_about[query]

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
