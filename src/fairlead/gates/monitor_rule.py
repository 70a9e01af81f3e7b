"""The monitor rule: none of the monitors it watches may be in alert while it watches.

Definition: Datadog's pages on deployment gates as read in 2026-08; what they leave open is decided
in `docs/gates.md`. The rule fails at the first violation, passes at the end of its span, and sees
every state that lasted for any part of the span, however briefly. Muted monitors are never
matched. No monitor for a query fails; monitors without a matching group fail only if asked to.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from fairlead.domain.errors import Rejected
from fairlead.domain.evaluations import Evidence, MonitorEvidence, Watch
from fairlead.domain.gates import MonitorChoice
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.domain.monitor_search import (
    Seen,
    depends_on_state,
    finds,
    finds_any_group,
    monitor_query,
)
from fairlead.domain.monitors import UNGROUPED, MonitorId, MonitorState, Span, Watched, heard_at
from fairlead.gates.findings import Finding, Outcome, Watching
from fairlead.search.tree import Everything, Node, keys

MOST_MONITORS = 50
"""That one rule may watch; with more it fails, as Datadog's does."""
_MOST_NAMED = 5
_EVERYTHING = Everything()
_STATE_WORDS = {MonitorState.ALERT: "ALERT", MonitorState.NO_DATA: "NO_DATA"}


class _Sight(Struct):
    """What a rule sees in its span so far."""

    monitors: set[int] = field(default_factory=set)
    spans: list[tuple[Watched, Span, int]] = field(default_factory=list)
    """With the first instant at which each was heard."""


def find(watch: Watch, observed: Sequence[Watched], now: int) -> Finding | Watching:
    """Return what the rule finds at `now`, or when to look again.

    `observed` holds every monitor of the organisation with the spans and mutes that touch the
    watched span of time.
    """
    if now < watch.from_at:
        return Watching(watch.from_at)
    end = min(now, watch.until_at)
    try:
        sight = _sight(watch, observed, end)
    except Rejected as error:
        return Finding(outcome=Outcome.FAIL, reason=str(error))
    broken = _violation(watch, sight)
    if broken is not None:
        return broken
    if now < watch.until_at:
        return Watching(watch.until_at)
    return Finding(outcome=Outcome.PASS, evidence=_evidence(_last_of_each(sight.spans)))


def candidates(query: str, observed: Sequence[Watched]) -> Sequence[Watched]:
    """Return the monitors that a query may find, whatever their states and groups: more never matter.

    What is asked once for all rules with the same query need not be asked for each.
    """
    try:
        tree = monitor_query(query)
    except Rejected:
        return observed
    states = MonitorState if "status" in keys(tree) else (MonitorState.OK,)
    return [
        one
        for one in observed
        if any(finds_any_group(tree, Seen(monitor=one.monitor, state=state)) for state in states)
    ]


def _sight(watch: Watch, observed: Sequence[Watched], end: int) -> _Sight:
    """Return what is seen up to `end`.

    Raises:
        Rejected: the query cannot be read, or a monitor that is named does not exist.
    """
    options = watch.options
    there = [one for one in observed if _exists(one, watch.from_at, end)]
    if options.monitor_ids is not None:
        return _named(options.monitor_ids, there, watch.from_at, end)
    query = monitor_query(options.query or "")
    sight = _Sight()
    for one in there:
        _search(query, one, sight, (watch.from_at, end))
    return sight


def _exists(one: Watched, start: int, end: int) -> bool:
    monitor = one.monitor
    return monitor.created_at <= end and (monitor.deleted_at is None or monitor.deleted_at > start)


def _search(query: Node, one: Watched, sight: _Sight, within: tuple[int, int]) -> None:
    monitor = one.monitor
    if not depends_on_state(query):
        # What holds for one of its spans holds for each.
        if not finds(query, Seen(monitor=monitor, state=MonitorState.OK)):
            return
        query = _EVERYTHING
    spans = list(_heard(one, *within))
    states = [span.state for span, _ in spans] or [MonitorState.NO_DATA]
    whole = heard_at(one.mutes, UNGROUPED, *within) is not None
    if whole and any(finds_any_group(query, Seen(monitor=monitor, state=state)) for state in states):
        sight.monitors.add(monitor.id)
    for span, at in spans:
        if finds(query, Seen(monitor=monitor, state=span.state, groups=(span.group,))):
            sight.monitors.add(monitor.id)
            sight.spans.append((one, span, at))


def _named(choices: Iterable[MonitorChoice], there: Sequence[Watched], start: int, end: int) -> _Sight:
    sight = _Sight()
    known = {one.monitor.id: one for one in there}
    for choice in choices:
        one = known.get(MonitorId(choice.id))
        if one is None:
            raise Rejected(f"There is no monitor {choice.id}")
        sight.monitors.add(choice.id)
        sight.spans += [
            (one, span, at)
            for span, at in _heard(one, start, end)
            if not choice.groups or span.group in choice.groups
        ]
    return sight


def _heard(one: Watched, start: int, end: int) -> Iterable[tuple[Span, int]]:
    """Yield the spans that touch the time from `start` to `end` while nothing mutes them."""
    for span in one.spans:
        first = max(span.from_at, start)
        last = end if span.until_at is None else min(end, span.until_at - 1)
        at = heard_at(one.mutes, span.group, first, last) if first <= last else None
        if at is not None:
            yield span, at


def _violation(watch: Watch, sight: _Sight) -> Finding | None:
    options = watch.options
    if not sight.monitors:
        return Finding(outcome=Outcome.FAIL, reason=f"No monitors match the query {options.query!r}")
    if len(sight.monitors) > MOST_MONITORS and options.monitor_ids is None:
        reason = f"{len(sight.monitors)} monitors match; a rule watches at most {MOST_MONITORS}"
        return Finding(outcome=Outcome.FAIL, reason=reason)
    if not sight.spans and options.fail_on_no_groups_found:
        return Finding(outcome=Outcome.FAIL, reason="Monitors match, but none of their groups does")
    wrong = [MonitorState.ALERT]
    if options.fail_on_no_data is not False:
        wrong.append(MonitorState.NO_DATA)
    for state in wrong:
        found = [told for told in sight.spans if told[1].state is state]
        if found:
            reason = f"One or more monitors in {_STATE_WORDS[state]} state: {_told(found)}"
            return Finding(outcome=Outcome.FAIL, reason=reason, evidence=_evidence(found))
    return None


def _told(found: Sequence[tuple[Watched, Span, int]]) -> str:
    told = [_one_told(one, span) for one, span, _ in found[:_MOST_NAMED]]
    rest = len(found) - len(told)
    return "; ".join(told) + (f"; and {rest} more" if rest else "")


def _one_told(one: Watched, span: Span) -> str:
    name = one.monitor.name or one.monitor.query[:100]
    since = to_rfc3339(span.from_at - span.from_at % NS_PER_S)
    group = f" for {span.group}" if span.group else ""
    because = f" ({span.reason})" if span.reason else ""
    return f'"{name}" (monitor {one.monitor.id}){group} since {since}{because}'


def _last_of_each(spans: Iterable[tuple[Watched, Span, int]]) -> list[tuple[Watched, Span, int]]:
    """Return of each group of each monitor the span heard last."""
    last = {(one.monitor.id, span.group): (one, span, at) for one, span, at in spans}
    return list(last.values())


def _evidence(found: Sequence[tuple[Watched, Span, int]]) -> Evidence:
    return Evidence(
        monitors=tuple(
            MonitorEvidence(
                monitor_id=one.monitor.id,
                name=one.monitor.name,
                state=span.state.value,
                group=span.group,
                from_at=span.from_at,
                reason=span.reason,
            )
            for one, span, _ in found[:MOST_MONITORS]
        )
    )
