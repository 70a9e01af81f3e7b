"""From LaunchDarkly's flags to Fairlead's: new ones, and changes of those that are there.

Not here: how flags are answered (`flags_answers.py`), the clock and the store.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import flags_wire as wire
from fairlead.dialects.launchdarkly.patches import Change, change_from
from fairlead.dialects.launchdarkly.projects_wire import SideAvailability
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.flag_changes import WholeFlag
from fairlead.domain.flags import (
    LONGEST_DESCRIPTION,
    Flag,
    FlagSetting,
    Maintainer,
    Variation,
    require_key,
    require_labels,
    require_name,
)
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

MOST_VARIATIONS = 100
TARGETING: Mapping[str, type] = {
    "rules": list,
    "targets": list,
    "contextTargets": list,
    "prerequisites": list,
    "fallthrough": dict,
    "offVariation": int,
    "trackEvents": bool,
    "trackEventsFallthrough": bool,
}
"""What an environment may be set to beside `on`, kept in the words it was told in."""
_EDITABLE = frozenset(
    {
        *("name", "description", "temporary", "tags", "variations", "defaults", "includeInSnippet"),
        *("clientSideAvailability", "customProperties", "maintainerId", "maintainerTeamKey"),
        *("archived", "deprecated", "environments"),
    }
)
_flag = msgspec.json.Decoder(wire.FlagTold)
_instructions = msgspec.json.Decoder(wire.InstructionsTold)
_encode = msgspec.json.Encoder().encode

Changed = Callable[[WholeFlag, frozenset[str]], WholeFlag]


def flag_from(told: wire.FlagTold, org_id: OrgId, project_key: str, now: int) -> Flag:
    """Return the flag that was told of.

    Raises:
        Rejected: something about it is not acceptable; the field is the attribute's name.
    """
    variations = _variations(told)
    defaults = told.defaults or wire.DefaultsTold(0, len(variations) - 1)
    for name, index in (("onVariation", defaults.on_variation), ("offVariation", defaults.off_variation)):
        if index >= len(variations):
            raise Rejected(f'attribute "{name}" names no variation', field=name)
    available = told.client_side_availability or SideAvailability()
    return Flag(
        org_id=org_id,
        project_key=project_key,
        key=require_key(told.key, "key"),
        name=require_name(told.name, "name"),
        description=require_text(told.description or "", "description", longest=LONGEST_DESCRIPTION),
        temporary=told.temporary,
        tags=require_labels(tuple(told.tags), "tags"),
        variations=variations,
        on_variation=defaults.on_variation,
        off_variation=defaults.off_variation,
        maintainer=Maintainer(
            id=require_text(told.maintainer_id or "", "maintainerId"),
            team_key=require_text(told.maintainer_team_key or "", "maintainerTeamKey"),
        ),
        custom_properties=told.custom_properties,
        include_in_snippet=told.include_in_snippet or available.using_environment_id,
        using_mobile_key=available.using_mobile_key,
        using_environment_id=available.using_environment_id or told.include_in_snippet,
        archived_at=now if told.archived else None,
        deprecated_at=now if told.deprecated else None,
        created_at=now,
        updated_at=now,
    )


def flag_change_from(body: bytes, now: int) -> Changed:
    """Return what makes of a flag what a body wants: a patch of any kind, or a semantic one.

    Raises:
        Rejected: it is none of these.
    """
    told = decode(msgspec.json.Decoder(), body)
    if isinstance(told, dict) and "instructions" in told:
        return _instructed(decode(_instructions, body), now)
    return _patched(change_from(body), now)


def _patched(change: Change, now: int) -> Changed:
    def changed(known: WholeFlag, places: frozenset[str]) -> WholeFlag:
        after = change.applied(_document(known, places), _EDITABLE)
        told = decode(_flag, _encode(after))
        flag, before = flag_from(told, known.flag.org_id, known.flag.project_key, now), known.flag
        if told.maintainer_id == before.maintainer.id:
            flag = replace(flag, maintainer=replace(before.maintainer, team_key=flag.maintainer.team_key))
        flag = replace(
            flag,
            archived_at=(before.archived_at or now) if told.archived else None,
            deprecated_at=(before.deprecated_at or now) if told.deprecated else None,
            version=before.version,
            created_at=before.created_at,
            updated_at=before.updated_at,
        )
        settings = {key: _setting(known, key, one, places) for key, one in told.environments.items()}
        kept = {key: one for key, one in settings.items() if key in known.settings or one != _off(known, key)}
        return WholeFlag(flag=flag, settings={**known.settings, **kept})

    return changed


def _instructed(told: wire.InstructionsTold, now: int) -> Changed:
    """Return what carries out a semantic patch, as far as its instructions are known here."""
    known_kinds = {*_OF_FLAG, *_OF_SETTING}
    for one in told.instructions:
        if one.get("kind") not in known_kinds:
            detail = f'attribute "kind" must be one of {", ".join(sorted(known_kinds))}'
            raise Rejected(detail, field="instructions.kind")

    def changed(known: WholeFlag, places: frozenset[str]) -> WholeFlag:
        flag, settings = known.flag, dict(known.settings)
        for one in told.instructions:
            kind = one["kind"]
            if kind in _OF_FLAG:
                flag = _OF_FLAG[kind](flag, one, now)
                continue
            place = told.environment_key or ""
            if place not in places:
                detail = f'attribute "environmentKey" names no environment that there is: "{place}"'
                raise Rejected(detail, field="environmentKey")
            standing = settings.get(place) or _off(known, place)
            settings[place] = replace(standing, is_on=_OF_SETTING[kind])
        return WholeFlag(flag=flag, settings=settings)

    return changed


def _text_of(instruction: Mapping[str, Any], name: str = "value") -> str:
    value = instruction.get(name)
    if not isinstance(value, str):
        raise Rejected(f'attribute "{name}" must be a string', field=f"instructions.{name}")
    return value


def _tags_of(instruction: Mapping[str, Any]) -> tuple[str, ...]:
    values = instruction.get("values")
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise Rejected('attribute "values" must be an array of strings', field="instructions.values")
    return tuple(values)


_OF_SETTING = {"turnFlagOn": True, "turnFlagOff": False}
_OF_FLAG: Mapping[str, Callable[[Flag, Mapping[str, Any], int], Flag]] = {
    "archiveFlag": lambda flag, _, now: replace(flag, archived_at=flag.archived_at or now),
    "restoreFlag": lambda flag, _, __: replace(flag, archived_at=None),
    "deprecateFlag": lambda flag, _, now: replace(flag, deprecated_at=flag.deprecated_at or now),
    "restoreDeprecatedFlag": lambda flag, _, __: replace(flag, deprecated_at=None),
    "makeFlagTemporary": lambda flag, _, __: replace(flag, temporary=True),
    "makeFlagPermanent": lambda flag, _, __: replace(flag, temporary=False),
    "updateName": lambda flag, one, _: replace(flag, name=require_name(_text_of(one), "value")),
    "updateDescription": lambda flag, one, _: replace(
        flag, description=require_text(_text_of(one), "value", longest=LONGEST_DESCRIPTION)
    ),
    "addTags": lambda flag, one, _: replace(
        flag, tags=require_labels((*flag.tags, *_tags_of(one)), "values")
    ),
    "removeTags": lambda flag, one, _: replace(
        flag, tags=tuple(tag for tag in flag.tags if tag not in _tags_of(one))
    ),
}


def _document(known: WholeFlag, places: frozenset[str]) -> dict[str, Any]:
    """Return a flag as a patch sees it."""
    flag = known.flag
    return {
        "key": flag.key,
        "name": flag.name,
        "description": flag.description,
        "temporary": flag.temporary,
        "tags": list(flag.tags),
        "variations": [msgspec.to_builtins(one) for one in flag.variations],
        "defaults": {"onVariation": flag.on_variation, "offVariation": flag.off_variation},
        "includeInSnippet": flag.include_in_snippet,
        "clientSideAvailability": {
            "usingEnvironmentId": flag.using_environment_id,
            "usingMobileKey": flag.using_mobile_key,
        },
        "customProperties": flag.custom_properties,
        "maintainerId": flag.maintainer.id,
        "maintainerTeamKey": flag.maintainer.team_key,
        "archived": flag.archived_at is not None,
        "deprecated": flag.deprecated_at is not None,
        "environments": {
            key: {"on": one.is_on, **_BARE, **one.targeting}
            for key in places
            for one in [known.settings.get(key) or _off(known, key)]
        },
    }


_BARE: Mapping[str, Any] = {"rules": [], "targets": [], "contextTargets": [], "prerequisites": []}


def _setting(known: WholeFlag, key: str, told: Mapping[str, Any], places: frozenset[str]) -> FlagSetting:
    if key not in places:
        raise Rejected(f'attribute "environments" names "{key}", which is not there', field="environments")
    is_on = told.get("on", False)
    if not isinstance(is_on, bool):
        raise Rejected('attribute "on" must be true or false', field=f"environments.{key}.on")
    for name, kind in TARGETING.items():
        value = told.get(name, UNSET)
        if value is not UNSET and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise Rejected(f'attribute "{name}" is of the wrong type', field=f"environments.{key}.{name}")
    standing = known.settings.get(key) or _off(known, key)
    targeting = {name: told[name] for name in TARGETING if name in told}
    # An empty list that was filled in for the patch to see is as good as none.
    kept = {name: one for name, one in targeting.items() if one != [] or name in standing.targeting}
    return replace(standing, is_on=is_on, targeting=kept)


def _off(known: WholeFlag, key: str) -> FlagSetting:
    """Return what a flag is set to where nobody ever set it."""
    flag = known.flag
    return FlagSetting(
        org_id=flag.org_id,
        project_key=flag.project_key,
        flag_key=flag.key,
        environment_key=key,
        changed_at=flag.created_at,
    )


def _variations(told: wire.FlagTold) -> tuple[Variation, ...]:
    if told.variations is None:
        return (Variation(value=True), Variation(value=False))
    if not 2 <= len(told.variations) <= MOST_VARIATIONS:  # noqa: PLR2004 — one is no choice.
        detail = f'attribute "variations" must hold 2 to {MOST_VARIATIONS} of them'
        raise Rejected(detail, field="variations")
    return tuple(
        Variation(
            value=one.value,
            name=require_text(one.name or "", "variations.name"),
            description=require_text(
                one.description or "", "variations.description", longest=LONGEST_DESCRIPTION
            ),
        )
        for one in told.variations
    )
