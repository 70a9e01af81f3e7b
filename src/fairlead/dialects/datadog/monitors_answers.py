"""Between Datadog's monitors and Fairlead's, from the inside out."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, UnsetType

from fairlead.dialects.datadog import monitors_wire as wire
from fairlead.dialects.datadog.monitors_listing import GroupFound, SearchPage
from fairlead.domain.authors import Author
from fairlead.domain.instants import NS_PER_MS, NS_PER_S
from fairlead.domain.monitor_search import handles_of, metrics_of, scopes_of
from fairlead.domain.monitors import KnownMonitor, MonitorId, MonitorState, Mute, Span, group_tags

STATES = {
    MonitorState.OK: "OK",
    MonitorState.WARN: "Warn",
    MonitorState.ALERT: "Alert",
    MonitorState.NO_DATA: "No Data",
}
TOTAL = "total"
"""Stands for the group of a monitor without groups."""
_EVERYTHING = "*"
Entered = Mapping[tuple[MonitorId, str, MonitorState], int]
"""When each group of each monitor last entered each state."""


def monitor_seen(
    known: KnownMonitor,
    *,
    groups: Iterable[Span] | None = None,
    entered: Entered | None = None,
    with_downtimes: bool = False,
) -> wire.MonitorSeen:
    """Return a monitor; with the states of `groups` where those were asked for."""
    monitor = known.monitor
    told = None if groups is None else {_name(one): _group_seen(one, entered or {}) for one in groups}
    return wire.MonitorSeen(
        id=monitor.id,
        org_id=monitor.org_id,
        type=monitor.kind,
        name=monitor.name,
        message=monitor.message,
        tags=monitor.tags,
        query=monitor.query,
        options={**monitor.options, "silenced": _silenced(known.mutes)},
        multi=bool(known.groups),
        created_at=monitor.created_at // NS_PER_MS,
        created=_time(monitor.created_at),
        modified=_time(monitor.updated_at),
        priority=monitor.priority,
        restricted_roles=monitor.extras.get("restricted_roles"),
        draft_status=monitor.extras.get("draft_status") or "published",
        assets=monitor.extras.get("assets") or [],
        overall_state_modified=_time(known.state_since),
        overall_state=STATES[known.state],
        creator=_creator(monitor.created_by),
        deleted=None,
        state=UNSET if told is None else wire.StateSeen(told),
        matching_downtimes=[_downtime(one) for one in known.mutes] if with_downtimes else UNSET,
    )


def found_fetched(found: Sequence[KnownMonitor], page: SearchPage, entered: Entered) -> wire.FoundFetched:
    """Return one page of what a search found, and how much there is of what."""
    shown = page.of(found)
    counts = wire.FoundCounts(
        status=_counts(found, lambda one: [STATES[one.state]]),
        muted=_counts(found, lambda one: [one.mute is not None]),
        tag=_counts(found, lambda one: one.monitor.tags),
        type=_counts(found, lambda one: [one.monitor.kind]),
    )
    return wire.FoundFetched([_found(one, entered) for one in shown], counts, _meta(len(found), page))


def groups_fetched(
    found: Sequence[GroupFound], page: SearchPage, entered: Entered
) -> wire.FoundGroupsFetched:
    """Return one page of the groups that a search found."""
    counts = wire.GroupCounts(
        status=_counts(found, lambda one: [STATES[one.span.state]]),
        type=_counts(found, lambda one: [one.known.monitor.kind]),
    )
    groups = [_found_group(one, entered) for one in page.of(found)]
    return wire.FoundGroupsFetched(groups, counts, _meta(len(found), page))


def _found(known: KnownMonitor, entered: Entered) -> wire.Found:
    monitor = known.monitor
    triggered = [
        at for (id, _, state), at in entered.items() if id == monitor.id and state is MonitorState.ALERT
    ]
    return wire.Found(
        id=monitor.id,
        name=monitor.name,
        status=STATES[known.state],
        type=monitor.kind,
        classification=monitor.kind.removesuffix(" alert"),
        query=monitor.query,
        scopes=scopes_of(monitor.query),
        metrics=metrics_of(monitor.query),
        tags=monitor.tags,
        notifications=[wire.Notification(handle, handle) for handle in handles_of(monitor.message)],
        creator=_creator(monitor.created_by),
        last_triggered_ts=max(triggered) // NS_PER_S if triggered else None,
        muted_until_ts=_until(known.mute),
        overall_state_modified=known.state_since // NS_PER_S,
        priority=monitor.priority,
        restricted_roles=monitor.extras.get("restricted_roles"),
        org_id=monitor.org_id,
    )


def _found_group(found: GroupFound, entered: Entered) -> wire.FoundGroup:
    known, span = found.known, found.span
    monitor, tags = known.monitor, group_tags(span.group)
    mute = known.group_mute(span.group)
    every = tuple(dict.fromkeys((*monitor.tags, *tags)))
    triggered = _seconds(entered, span, MonitorState.ALERT)
    return wire.FoundGroup(
        group=_name(span),
        group_tags=tags,
        all_tags=every,
        env_tags=[tag for tag in every if tag.startswith("env:")],
        team_tags=[tag for tag in every if tag.startswith("team:")],
        monitor_id=monitor.id,
        monitor_name=monitor.name,
        status=STATES[span.state],
        priority=monitor.priority,
        muted=mute is not None,
        muted_until_ts=_until(mute),
        last_triggered_ts=None if triggered is UNSET else triggered,
        last_nodata_ts=_seconds(entered, span, MonitorState.NO_DATA),
        downtimes=[] if mute is None else [_downtime(mute)],
    )


def _group_seen(span: Span, entered: Entered) -> wire.GroupStateSeen:
    triggered = _seconds(entered, span, MonitorState.ALERT)
    return wire.GroupStateSeen(
        name=_name(span),
        status=STATES[span.state],
        last_nodata_ts=_seconds(entered, span, MonitorState.NO_DATA),
        last_notified_ts=triggered,
        last_resolved_ts=_seconds(entered, span, MonitorState.OK),
        last_triggered_ts=triggered,
    )


def _name(span: Span) -> str:
    return span.group or TOTAL


def _seconds(entered: Entered, span: Span, state: MonitorState) -> int | UnsetType:
    at = entered.get((span.monitor_id, span.group, state))
    return UNSET if at is None else at // NS_PER_S


def _silenced(mutes: Iterable[Mute]) -> dict[str, int | None]:
    return {mute.group or _EVERYTHING: _until(mute) for mute in mutes}


def _until(mute: Mute | None) -> int | None:
    return None if mute is None or mute.until_at is None else mute.until_at // NS_PER_S


def _downtime(mute: Mute) -> wire.DowntimeSeen:
    return wire.DowntimeSeen(
        id=mute.from_at // NS_PER_MS,
        start=mute.from_at // NS_PER_S,
        scope=list(group_tags(mute.group)) or [_EVERYTHING],
        end=_until(mute),
    )


def _creator(author: Author) -> wire.CreatorSeen:
    return wire.CreatorSeen(name=author.name, handle=author.name, email=author.name, id=author.id)


def _counts(found: Sequence[Any], values: Callable[[Any], Iterable[str | bool]]) -> list[wire.Count]:
    counted = Counter(value for one in found for value in values(one))
    ordered = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
    return [wire.Count(count=count, name=name) for name, count in ordered]


def _meta(total: int, page: SearchPage) -> wire.FoundMeta:
    pages = -(-total // page.per_page)
    return wire.FoundMeta(total_count=total, page_count=pages, page=page.page, per_page=page.per_page)


def _time(at: int) -> str:
    """Return a time as this API writes it: an offset instead of Z, and always six digits."""
    return (
        datetime.fromtimestamp(at // NS_PER_S, UTC)
        .replace(microsecond=at % NS_PER_S // 1000)
        .isoformat(timespec="microseconds")
    )
