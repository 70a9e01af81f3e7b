"""Between Datadog's monitors and Fairlead's, from the outside in.

Mutes are told as `options.silenced`: from a group's tags, or `*`, to when it ends. Not here: the
way back (`monitors_answers.py`).
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from fairlead.dialects.datadog import monitors_wire as wire
from fairlead.dialects.datadog.gates_translate import author_of
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.instants import NS_PER_S, require_instant
from fairlead.domain.monitors import UNGROUPED, Monitor, MonitorId, Mute
from fairlead.domain.promql import condition_from
from fairlead.domain.texts import require_text
from fairlead.intake.callers import Caller
from fairlead.usecases.change_monitors import MonitorChange
from fairlead.usecases.create_monitors import MonitorWanted
from fairlead.usecases.tell_states import NO_MONITOR

TYPES = (
    "composite",
    "event alert",
    "log alert",
    "metric alert",
    "process alert",
    "query alert",
    "rum alert",
    "service check",
    "synthetics alert",
    "trace-analytics alert",
    "slo alert",
    "event-v2 alert",
    "audit alert",
    "ci-pipelines alert",
    "ci-tests alert",
    "error-tracking alert",
    "database-monitoring alert",
    "network-performance alert",
    "cost alert",
    "data-quality alert",
    "network-path alert",
    "data-jobs alert",
    "llm-observability alert",
)
EXTRAS = ("restricted_roles", "draft_status", "assets")
_EVERYTHING = "*"
_SILENCED = "silenced"
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_HIGHEST_PRIORITY, _LOWEST_PRIORITY = 1, 5
_MOST_OPTIONS = 100
_MOST_MUTES = 100
_NOBODY_YET = MonitorId(0)


def monitor_named(text: str) -> MonitorId:
    """Return the id that stands in a path.

    Raises:
        NotFound: no monitor can have such an id.
    """
    if not _NUMBER.fullmatch(text):
        raise NotFound(NO_MONITOR)
    return MonitorId(int(text))


def monitor_from(request: wire.MonitorRequest, caller: Caller, now: int, chance: bytes) -> MonitorWanted:
    """Return the monitor that a create request tells of.

    Raises:
        Rejected: an attribute is missing or malformed.
    """
    options = request.options or {}
    monitor = Monitor(
        org_id=caller.org_id,
        id=_NOBODY_YET,
        kind=_type(request.type),
        query=_query(request.query),
        name=request.name or "",
        message=request.message or "",
        tags=_tags(request.tags),
        priority=_priority(request.priority),
        options=_options(options),
        extras={name: getattr(request, name) for name in EXTRAS if getattr(request, name) is not None},
        created_at=now,
        created_by=author_of(caller),
        updated_at=now,
    )
    return MonitorWanted(monitor=monitor, mutes=mutes_from(options, _NOBODY_YET, now), chance=chance)


def change_from(
    request: wire.MonitorChangeRequest, id: MonitorId, known: Monitor, caller: Caller, now: int
) -> MonitorChange:
    """Return what an update tells of a monitor; what it does not name stays.

    Raises:
        Rejected: an attribute is malformed, or the type is another than it was.
    """
    fields = _texts_told(request)
    if request.type is not UNSET and _type(request.type) != known.kind:
        raise Rejected("The type of a monitor cannot be changed", field="type")
    if request.tags is not UNSET:
        fields["tags"] = _tags(request.tags)
    if request.priority is not UNSET:
        fields["priority"] = _priority(request.priority)
    mutes: tuple[Mute, ...] | None = None
    if request.options is not UNSET:
        options = request.options or {}
        fields["options"] = _options(options)
        mutes = mutes_from(options, id, now) if _SILENCED in options else None
    told = {name: getattr(request, name) for name in EXTRAS if getattr(request, name) is not UNSET}
    if told:
        fields["extras"] = {**known.extras, **told}
    return MonitorChange(org_id=caller.org_id, monitor_id=id, fields=fields, mutes=mutes, at=now)


def mutes_from(options: Mapping[str, Any], id: MonitorId, now: int) -> tuple[Mute, ...]:
    """Return the mutes that `options.silenced` tells of; those that have ended are left out.

    Raises:
        Rejected: it is no object of scopes and ends.
    """
    silenced = options.get(_SILENCED) or {}
    if not isinstance(silenced, dict) or len(silenced) > _MOST_MUTES:
        raise Rejected('attribute "silenced" must be an object of scopes and ends', field=_SILENCED)
    mutes = [mute_of(id, scope, end, now) for scope, end in silenced.items()]
    return tuple(mute for mute in mutes if mute.until_at is None or mute.until_at > now)


def mute_of(id: MonitorId, scope: str, end: object, now: int) -> Mute:
    """Return the mute of a scope up to `end`, in seconds since the epoch or None.

    Raises:
        Rejected: the end is no time.
    """
    group = UNGROUPED if scope.strip() in ("", _EVERYTHING) else require_text(scope, "scope")
    if end is not None and (not isinstance(end, int) or isinstance(end, bool)):
        raise Rejected('attribute "end" must be a time in seconds since 1970', field="end")
    until_at = None if end is None else require_instant(end * NS_PER_S, "end")
    return Mute(monitor_id=id, group=group, from_at=now, until_at=until_at)


def _texts_told(request: wire.MonitorChangeRequest) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if request.query is not UNSET:
        fields["query"] = _query(request.query)
    if request.name is not UNSET:
        fields["name"] = request.name or ""
    if request.message is not UNSET:
        fields["message"] = request.message or ""
    return fields


def _type(text: str) -> str:
    if text not in TYPES:
        told = f"The value provided for parameter 'type' is invalid: it must be one of {', '.join(TYPES)}"
        raise Rejected(told, field="type")
    return text


def _query(text: str) -> str:
    if not text.strip():
        raise Rejected("The value provided for parameter 'query' is invalid: it is empty", field="query")
    condition_from(require_text(text, "query", longest=10_000))
    return text


def _tags(told: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in told or () if tag))


def _priority(told: int | None) -> int | None:
    if told is not None and not _HIGHEST_PRIORITY <= told <= _LOWEST_PRIORITY:
        raise Rejected("The value provided for parameter 'priority' is invalid: 1 to 5", field="priority")
    return told


def _options(told: dict[str, Any]) -> dict[str, Any]:
    if len(told) > _MOST_OPTIONS:
        raise Rejected('attribute "options" is too large', field="options")
    thresholds = told.get("thresholds") or {}
    if not isinstance(thresholds, dict) or any(
        not isinstance(bound, int | float | str | None) for bound in thresholds.values()
    ):
        raise Rejected('attribute "thresholds" must be an object of numbers', field="thresholds")
    return {name: value for name, value in told.items() if name != _SILENCED}
