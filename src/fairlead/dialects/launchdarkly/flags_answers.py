"""From Fairlead's flags, standings and links to LaunchDarkly's."""

import hashlib
from collections.abc import Iterable, Mapping
from urllib.parse import quote
from uuid import UUID

from msgspec import UNSET, UnsetType

from fairlead.dialects.launchdarkly import flags_wire as wire
from fairlead.dialects.launchdarkly.projects_wire import SideAvailability
from fairlead.dialects.launchdarkly.times import milliseconds
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.flag_changes import WholeFlag
from fairlead.domain.flag_links import FlagLink
from fairlead.domain.flag_standing import Standing
from fairlead.domain.flags import Flag, FlagSetting
from fairlead.domain.instants import NS_PER_S, to_rfc3339

HERE = "/api/v2/flags"
STATUSES = "/api/v2/flag-statuses"
ACROSS = "/api/v2/flag-status"
LINKS = "/api/v2/flag-links/projects"


def flag_rep(
    whole: WholeFlag, names: Mapping[str, str], environment_keys: Iterable[str] | None = None
) -> wire.FlagRep:
    """Return a flag, with what it is set to in the environments asked for; None: without any.

    `names` are those of all environments, by key.
    """
    flag = whole.flag
    return wire.FlagRep(
        name=flag.name,
        kind="boolean" if flag.is_boolean else "multivariate",
        key=flag.key,
        version=flag.version,
        creation_date=milliseconds(flag.created_at),
        include_in_snippet=flag.include_in_snippet,
        client_side_availability=SideAvailability(
            using_environment_id=flag.using_environment_id, using_mobile_key=flag.using_mobile_key
        ),
        variations=_variations(flag),
        temporary=flag.temporary,
        tags=list(flag.tags),
        links={"parent": Link(flags_href(flag.project_key)), "self": Link(flag_href(flag))},
        experiments=wire.ExperimentsRep(),
        custom_properties=flag.custom_properties,
        archived=flag.archived_at is not None,
        deprecated=flag.deprecated_at is not None,
        defaults=wire.DefaultsRep(flag.on_variation, flag.off_variation),
        description=flag.description,
        maintainer_id=flag.maintainer.id or UNSET,
        maintainer=_maintainer(flag),
        maintainer_team_key=flag.maintainer.team_key or UNSET,
        archived_date=_date(flag.archived_at),
        deprecated_date=_date(flag.deprecated_at),
        environments=UNSET
        if environment_keys is None
        else {key: _setting(whole, key, names[key]) for key in environment_keys},
    )


def status_rep(one: Standing, environment_key: str, *, linked: bool = True) -> wire.StatusRep:
    """Return how a flag stands in an environment."""
    seen_at = one.last_evaluated_at
    return wire.StatusRep(
        name=one.status.value,
        links={"self": Link(status_href(one.flag, environment_key)), "parent": Link(flag_href(one.flag))}
        if linked
        else UNSET,
        last_requested=UNSET if seen_at is None else to_rfc3339(seen_at),
        is_stale=one.is_stale,
        quiet_since=_date(one.quiet_since),
    )


def link_rep(one: FlagLink) -> wire.FlagLinkRep:
    """Return a link of a flag."""
    seconds = one.at // NS_PER_S
    text = to_rfc3339(seconds * NS_PER_S)
    return wire.FlagLinkRep(
        links={"self": Link(f"{links_href(one.project_key, one.flag_key)}/{one.id}")},
        key=one.key,
        integration_key=one.integration_key,
        id=one.id,
        deep_link=one.deep_link,
        timestamp=wire.TimestampRep(
            milliseconds=milliseconds(one.at),
            seconds=seconds,
            rfc3339=text,
            simple=text.replace("T", " ").removesuffix("Z"),
        ),
        title=one.title,
        description=one.description,
        metadata=one.metadata,
        created_at=milliseconds(one.created_at),
    )


def flags_href(project_key: str) -> str:
    """Return where the flags of a project are."""
    return f"{HERE}/{quote(project_key, safe='')}"


def flag_href(flag: Flag) -> str:
    """Return where a flag is."""
    return f"{flags_href(flag.project_key)}/{quote(flag.key, safe='')}"


def status_href(flag: Flag, environment_key: str) -> str:
    """Return where it is told how a flag stands in an environment."""
    parts = (flag.project_key, environment_key, flag.key)
    return "/".join((STATUSES, *(quote(part, safe="") for part in parts)))


def links_href(project_key: str, flag_key: str) -> str:
    """Return where the links of a flag are."""
    return f"{LINKS}/{quote(project_key, safe='')}/flags/{quote(flag_key, safe='')}"


def _setting(whole: WholeFlag, key: str, name: str) -> wire.SettingRep:
    flag = whole.flag
    one = whole.settings.get(key)
    told = {} if one is None else one.targeting
    digest = hashlib.sha256(repr((flag.org_id, flag.project_key, flag.key, key)).encode()).hexdigest()
    return wire.SettingRep(
        on=one is not None and one.is_on,
        archived=flag.archived_at is not None,
        # No evaluation follows from these two here; clients want to find them all the same.
        salt=digest[:32],
        sel=digest[32:],
        last_modified=milliseconds(_changed_at(one, flag)),
        version=1 if one is None else one.version,
        targets=told.get("targets", []),
        context_targets=told.get("contextTargets", []),
        rules=told.get("rules", []),
        prerequisites=told.get("prerequisites", []),
        site=Link(f"/{flag.project_key}/{key}/features/{flag.key}", "text/html"),
        environment_name=name,
        track_events=told.get("trackEvents", False),
        track_events_fallthrough=told.get("trackEventsFallthrough", False),
        fallthrough=told.get("fallthrough", UNSET),
        off_variation=told.get("offVariation", UNSET),
    )


def _changed_at(one: FlagSetting | None, flag: Flag) -> int:
    return flag.created_at if one is None else one.changed_at


def _variations(flag: Flag) -> list[wire.VariationRep]:
    return [
        wire.VariationRep(
            id=str(
                UUID(bytes=hashlib.sha256(f"{flag_href(flag)}/{place}".encode()).digest()[:16], version=4)
            ),
            value=one.value,
            name=one.name,
            description=one.description,
        )
        for place, one in enumerate(flag.variations)
    ]


def _maintainer(flag: Flag) -> wire.MemberRep | UnsetType:
    one = flag.maintainer
    if not one.id:
        return UNSET
    return wire.MemberRep(
        links={"self": Link(f"/api/v2/members/{quote(one.id, safe='')}")},
        id=one.id,
        first_name=one.first_name,
        last_name=one.last_name,
        role="reader",
        email=one.email,
    )


def _date(at: int | None) -> int | UnsetType:
    return UNSET if at is None else milliseconds(at)
