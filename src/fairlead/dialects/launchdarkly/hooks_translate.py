"""From LaunchDarkly's own outgoing webhooks to what happened to flags.

Not here: proof that a delivery is LaunchDarkly's (`hooks_signature.py`), and what becomes of reports.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import flags_wire, hooks_wire
from fairlead.dialects.launchdarkly.flags_translate import flag_from
from fairlead.dialects.launchdarkly.times import instant_from
from fairlead.domain.access import OrgId
from fairlead.domain.flag_changes import FlagReport, described
from fairlead.domain.flag_events import FlagEvent, FlagEventType, Member, flag_event_id
from fairlead.domain.flags import (
    LONGEST_DESCRIPTION,
    Flag,
    FlagSetting,
    Maintainer,
    require_key,
)
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

_FLAG = "flag"
_EVERYWHERE = "*"
_PART = re.compile(r"(proj|env|flag)/([^:;,]+)")
_TARGETING = ("targets", "contextTargets", "rules", "prerequisites", "fallthrough", "offVariation")
_TYPES: Mapping[str, FlagEventType] = {
    "createFlag": FlagEventType.CREATED,
    "cloneFlag": FlagEventType.CREATED,
    "deleteFlag": FlagEventType.DELETED,
    "updateRules": FlagEventType.RULES,
    "updateTargets": FlagEventType.TARGETS,
    "updateUserTargets": FlagEventType.TARGETS,
    "updateFallthrough": FlagEventType.DEFAULT_RULE,
    "updateFallthroughWithMeasuredRollout": FlagEventType.DEFAULT_RULE,
    "updateRulesWithMeasuredRollout": FlagEventType.RULES,
    "updateOffVariation": FlagEventType.OFF_VARIATION,
    "updatePrerequisites": FlagEventType.PREREQUISITES,
    "updateFlagVariations": FlagEventType.VARIATIONS,
}
"""What an action is; `updateOn` and `updateGlobalArchived` depend, and all others are settings."""
_entry = msgspec.json.Decoder(hooks_wire.EntryTold)
_version = msgspec.json.Decoder(hooks_wire.FlagVersion)
_encode = msgspec.json.Encoder().encode


def read(hook: Hook, delivery: Delivery) -> Reading:
    """Return what a delivery of LaunchDarkly's tells.

    Raises:
        Rejected: a fact that is needed is missing or malformed; the field is its path.
    """
    told = decode(_entry, delivery.body)
    if told.kind != _FLAG:
        return Reading(ignored="an entry that is not about a flag")
    reports = tuple(_reports(hook.org_id, told))
    return Reading(facts=reports) if reports else Reading(ignored="an entry that names no flag")


def _reports(org_id: OrgId, told: hooks_wire.EntryTold) -> Iterator[FlagReport]:
    """Yield one report for each flag that an entry is about, which is nearly always one."""
    at = instant_from(told.date, "date")
    actions: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for access in told.accesses:
        parts = dict(_PART.findall(require_text(access.resource, "accesses.resource", longest=10_000)))
        if "proj" in parts and _FLAG in parts:
            place = parts.get("env", _EVERYWHERE)
            flag = require_key(parts["proj"], "projectKey"), require_key(parts[_FLAG], "flagKey")
            actions.setdefault(flag, []).append((place, require_text(access.action, "accesses.action")))
    version = decode(_version, _encode(told.current_version)) if told.current_version else None
    for (project, key), done in actions.items():
        mine = version if version is not None and version.key == key else None
        yield FlagReport(
            org_id=org_id,
            project_key=project,
            flag_key=key,
            flag=None if mine is None else _flag(mine, org_id, project, at),
            settings=() if mine is None else tuple(_settings(mine, org_id, project, at)),
            events=tuple(_events(told, org_id, (project, key), done, mine)),
        )


def _events(
    told: hooks_wire.EntryTold,
    org_id: OrgId,
    flag: tuple[str, str],
    done: list[tuple[str, str]],
    version: hooks_wire.FlagVersion | None,
) -> Iterator[FlagEvent]:
    at, (project, key) = instant_from(told.date, "date"), flag
    found: dict[tuple[str, FlagEventType], list[str]] = {}
    for place, action in done:
        found.setdefault((place, _type(told, place, action, version)), []).append(action)
    name = key if version is None else version.name
    for (place, type_), actions in found.items():
        environment = "" if place == _EVERYWHERE else require_key(place, "environmentKey")
        yield FlagEvent(
            org_id=org_id,
            id=flag_event_id(org_id, told.id, project, key, environment, type_),
            project_key=project,
            environment_key=environment,
            flag_key=key,
            type=type_,
            happened_at=at,
            description=require_text(told.description, "description", longest=LONGEST_DESCRIPTION)
            or described(type_, name, environment),
            actions=tuple(dict.fromkeys(actions)),
            member=_member(told.member),
            entry_id=require_text(told.id, "_id"),
        )


def _type(
    told: hooks_wire.EntryTold, place: str, action: str, version: hooks_wire.FlagVersion | None
) -> FlagEventType:
    if action == "updateOn":
        setting = (version.environments or {}).get(place) if version is not None else None
        is_on = setting.on if setting is not None else "off" not in told.title_verb.lower()
        return FlagEventType.TURNED_ON if is_on else FlagEventType.TURNED_OFF
    if action == "updateGlobalArchived":
        is_archived = version.archived if version is not None else "restored" not in told.title_verb.lower()
        return FlagEventType.ARCHIVED if is_archived else FlagEventType.RESTORED
    return _TYPES.get(action, FlagEventType.SETTINGS)


def _flag(version: hooks_wire.FlagVersion, org_id: OrgId, project: str, at: int) -> Flag:
    told = flags_wire.FlagTold(
        name=version.name,
        key=version.key,
        description=version.description,
        temporary=version.temporary,
        tags=version.tags or [],
        variations=version.variations,
        defaults=version.defaults,
        client_side_availability=version.client_side_availability,
        custom_properties=version.custom_properties or {},
        archived=version.archived,
        deprecated=version.deprecated,
    )
    member = version.maintainer or hooks_wire.MemberTold()
    return replace(
        flag_from(told, org_id, project, at),
        created_at=instant_from(version.creation_date, "currentVersion.creationDate"),
        archived_at=_since(version.archived, version.archived_date, at),
        deprecated_at=_since(version.deprecated, version.deprecated_date, at),
        version=version.version,
        maintainer=Maintainer(
            id=require_text(version.maintainer_id or member.id, "maintainerId"),
            email=require_text(member.email, "_maintainer.email"),
            first_name=require_text(member.first_name, "_maintainer.firstName"),
            last_name=require_text(member.last_name, "_maintainer.lastName"),
            team_key=require_text(version.maintainer_team_key or "", "maintainerTeamKey"),
        ),
    )


def _settings(version: hooks_wire.FlagVersion, org_id: OrgId, project: str, at: int) -> Iterator[FlagSetting]:
    for place, one in (version.environments or {}).items():
        told = msgspec.to_builtins(one)
        changed_at = at
        if one.last_modified is not None:
            changed_at = min(at, instant_from(one.last_modified, f"environments.{place}.lastModified"))
        yield FlagSetting(
            org_id=org_id,
            project_key=project,
            flag_key=version.key,
            environment_key=require_key(place, "environments"),
            is_on=one.on,
            targeting={name: told[name] for name in _TARGETING if told[name] is not None},
            version=one.version,
            changed_at=changed_at,
        )


def _since(is_so: bool, told: hooks_wire.Instant | None, at: int) -> int | None:  # noqa: FBT001 — what it is about
    if not is_so:
        return None
    return at if told is None else instant_from(told, "currentVersion.archivedDate")


def _member(told: hooks_wire.MemberTold | None) -> Member:
    one = told or hooks_wire.MemberTold()
    texts = (one.id, one.email, one.first_name, one.last_name)
    member_id, email, first_name, last_name = (require_text(text, "member") for text in texts)
    return Member(id=member_id, email=email, first_name=first_name, last_name=last_name)
