"""Changes of flags: from one state to the next, which events that makes, and what reports add up to.

A flag is told of in two ways. Whoever changes it here wants a new state, and what happened follows from
the difference. Whoever changes it elsewhere reports what happened, with the state or without it, in any
order and more than once. Not here: how either is spelled.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.flag_events import FlagEvent, FlagEventType, Member, flag_event_id
from fairlead.domain.flags import Flag, FlagSetting, later

_OF_TARGETING = {
    "rules": FlagEventType.RULES,
    "targets": FlagEventType.TARGETS,
    "contextTargets": FlagEventType.TARGETS,
    "fallthrough": FlagEventType.DEFAULT_RULE,
    "offVariation": FlagEventType.OFF_VARIATION,
    "prerequisites": FlagEventType.PREREQUISITES,
}
_OTHER_SETTINGS = ("name", "description", "temporary", "tags", "maintainer", "custom_properties")


class WholeFlag(Struct, frozen=True, kw_only=True):
    """A flag with what it is set to in each environment."""

    flag: Flag
    settings: Mapping[str, FlagSetting] = field(default_factory=dict)
    """By key of the environment; one that was never changed is missing, and off."""


class FlagReport(Struct, frozen=True, kw_only=True):
    """What somebody tells of a flag that lives elsewhere."""

    org_id: OrgId
    project_key: str
    flag_key: str
    flag: Flag | None = None
    """Its state after what happened, where that was told."""
    settings: tuple[FlagSetting, ...] = ()
    """Likewise, of the environments that were told of."""
    events: tuple[FlagEvent, ...] = ()
    name: str = ""
    """For a flag that nobody told of before, as is `temporary`; empty: its key."""
    temporary: bool = True


def happened(before: WholeFlag | None, after: WholeFlag, at: int, member: Member) -> tuple[FlagEvent, ...]:
    """Return what happened to a flag at `at` that was `before` and is `after`; None: it is new."""
    flag = after.flag
    if before is None:
        found = [("", FlagEventType.CREATED)]
        found += [(key, FlagEventType.TURNED_ON) for key, one in after.settings.items() if one.is_on]
    else:
        found = [("", one) for one in _to_flag(before.flag, flag)]
        for key, setting in after.settings.items():
            found += [(key, one) for one in _to_setting(before.settings.get(key), setting)]
    return tuple(
        FlagEvent(
            org_id=flag.org_id,
            id=flag_event_id(flag.org_id, flag.project_key, flag.key, environment, type_, at),
            project_key=flag.project_key,
            environment_key=environment,
            flag_key=flag.key,
            type=type_,
            happened_at=at,
            description=described(type_, flag.name, environment),
            member=member,
        )
        for environment, type_ in dict.fromkeys(found)
    )


def added_up(known: WholeFlag | None, report: FlagReport) -> WholeFlag:
    """Return what a report makes of what was known; of two accounts the one of later date stands."""
    events = sorted(report.events, key=lambda one: one.happened_at)
    flag = known.flag if known else None
    if report.flag is not None:
        flag = later(flag, report.flag)
    if flag is None:
        created_at = min((one.happened_at for one in events), default=0)
        flag = Flag(
            org_id=report.org_id,
            project_key=report.project_key,
            key=report.flag_key,
            name=report.name or report.flag_key,
            temporary=report.temporary,
            created_at=created_at,
            # Any state that is told of it will stand.
            updated_at=0,
        )
    settings = dict(known.settings) if known else {}
    for told in report.settings:
        standing = settings.get(told.environment_key)
        if standing is None or told.changed_at >= standing.changed_at:
            # A state tells how it is switched, though not since when.
            settings[told.environment_key] = replace(told, switched_at=told.changed_at)
    for event in events:
        flag = _after_event(replace(flag, created_at=min(flag.created_at, event.happened_at)), event)
        if event.environment_key:
            settings[event.environment_key] = _set_by(settings.get(event.environment_key), event)
    return WholeFlag(flag=flag, settings=settings)


def described(type_: FlagEventType, name: str, environment: str) -> str:
    """Return a sentence for what happened, for whoever was told of none."""
    where = f" in {environment}" if environment else ""
    return f"{_SENTENCES[type_].format(name=name)}{where}"


def _to_flag(before: Flag, after: Flag) -> Iterator[FlagEventType]:
    if (before.archived_at is None) != (after.archived_at is None):
        yield FlagEventType.RESTORED if after.archived_at is None else FlagEventType.ARCHIVED
    if before.deleted_at is None and after.deleted_at is not None:
        yield FlagEventType.DELETED
    if before.variations != after.variations:
        yield FlagEventType.VARIATIONS
    if any(getattr(before, name) != getattr(after, name) for name in _OTHER_SETTINGS):
        yield FlagEventType.SETTINGS


def _to_setting(before: FlagSetting | None, after: FlagSetting) -> Iterator[FlagEventType]:
    was_on = before is not None and before.is_on
    if was_on != after.is_on:
        yield FlagEventType.TURNED_ON if after.is_on else FlagEventType.TURNED_OFF
    known = {} if before is None else before.targeting
    for name, type_ in _OF_TARGETING.items():
        if known.get(name) != after.targeting.get(name):
            yield type_


def _after_event(flag: Flag, event: FlagEvent) -> Flag:
    """Return a flag after an event, unless something later is known of it already."""
    at = event.happened_at
    if at < flag.updated_at:
        return flag
    match event.type:
        case FlagEventType.ARCHIVED:
            return replace(flag, archived_at=flag.archived_at or at, updated_at=at)
        case FlagEventType.RESTORED:
            return replace(flag, archived_at=None, updated_at=at)
        case FlagEventType.DELETED:
            return replace(flag, deleted_at=flag.deleted_at or at, updated_at=at)
        case FlagEventType.CREATED:
            return replace(flag, deleted_at=None, updated_at=at)
    return flag


def _set_by(known: FlagSetting | None, event: FlagEvent) -> FlagSetting:
    """Return a setting after an event; what was switched last stands, whatever was told first."""
    at = event.happened_at
    standing = known or FlagSetting(
        org_id=event.org_id,
        project_key=event.project_key,
        flag_key=event.flag_key,
        environment_key=event.environment_key,
        changed_at=at,
    )
    standing = replace(standing, changed_at=max(standing.changed_at, at))
    if event.type not in (FlagEventType.TURNED_ON, FlagEventType.TURNED_OFF):
        return standing
    is_on = event.type is FlagEventType.TURNED_ON
    if (at, is_on) < (standing.switched_at or 0, standing.is_on):
        return standing
    return replace(standing, is_on=is_on, switched_at=at)


_SENTENCES: Mapping[FlagEventType, str] = {
    FlagEventType.CREATED: "Created the flag {name}",
    FlagEventType.DELETED: "Deleted the flag {name}",
    FlagEventType.ARCHIVED: "Archived the flag {name}",
    FlagEventType.RESTORED: "Restored the flag {name}",
    FlagEventType.TURNED_ON: "Turned on the flag {name}",
    FlagEventType.TURNED_OFF: "Turned off the flag {name}",
    FlagEventType.RULES: "Changed the rules of the flag {name}",
    FlagEventType.TARGETS: "Changed the targets of the flag {name}",
    FlagEventType.DEFAULT_RULE: "Changed the default rule of the flag {name}",
    FlagEventType.OFF_VARIATION: "Changed what the flag {name} serves while it is off",
    FlagEventType.PREREQUISITES: "Changed the prerequisites of the flag {name}",
    FlagEventType.VARIATIONS: "Changed the variations of the flag {name}",
    FlagEventType.SETTINGS: "Changed the settings of the flag {name}",
}
