"""From LaunchDarkly's projects and environments to Fairlead's and back.

Not here: the clock, the store, and flags.
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

import msgspec

from fairlead.dialects.launchdarkly import projects_wire as wire
from fairlead.dialects.launchdarkly.patches import Change
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.flags import (
    Environment,
    Project,
    default_environments,
    hex_id,
    require_key,
    require_labels,
    require_name,
)
from fairlead.intake.decoding import decode
from fairlead.usecases.keep_projects import ProjectFound

HERE = "/api/v2/projects"
MOST_ENVIRONMENTS = 1000
_EDITABLE_PROJECT = frozenset({"name", "tags", "includeInSnippetByDefault", "defaultClientSideAvailability"})
_EDITABLE_ENVIRONMENT = frozenset(
    {
        *("name", "color", "defaultTtl", "secureMode", "defaultTrackEvents"),
        *("requireComments", "confirmChanges", "critical", "tags"),
    }
)
_COLOR = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)
_project = msgspec.json.Decoder(wire.ProjectTold)
_environment = msgspec.json.Decoder(wire.EnvironmentTold)
_encode = msgspec.json.Encoder().encode


def project_from(told: wire.ProjectTold, org_id: OrgId, now: int) -> ProjectFound:
    """Return the project that was told of; one without environments begins with two.

    Raises:
        Rejected: something about it is not acceptable; the field is the attribute's name.
    """
    if len(told.environments) > MOST_ENVIRONMENTS:
        detail = f'attribute "environments" holds more than {MOST_ENVIRONMENTS}'
        raise Rejected(detail, field="environments")
    keys = [one.key for one in told.environments]
    if len(set(keys)) < len(keys):
        raise Rejected('attribute "environments" names a key twice', field="environments")
    made = tuple(environment_from(one, org_id, told.key, now) for one in told.environments)
    project = _project_from(told, org_id, now)
    return ProjectFound(project=project, environments=made or default_environments(org_id, project.key, now))


def environment_from(told: wire.EnvironmentTold, org_id: OrgId, project_key: str, now: int) -> Environment:
    """Return the environment that was told of.

    Raises:
        Rejected: something about it is not acceptable; the field is the attribute's name.
    """
    color = told.color.removeprefix("#")
    if not _COLOR.fullmatch(color):
        raise Rejected('attribute "color" must be six hexadecimal digits', field="color")
    return Environment(
        org_id=org_id,
        project_key=project_key,
        key=require_key(told.key, "key"),
        name=require_name(told.name, "name"),
        color=color,
        default_ttl=told.default_ttl,
        secure_mode=told.secure_mode,
        default_track_events=told.default_track_events,
        require_comments=told.require_comments,
        confirm_changes=told.confirm_changes,
        critical=told.critical,
        tags=require_labels(tuple(told.tags), "tags"),
        created_at=now,
        updated_at=now,
    )


def project_changed_by(change: Change) -> Callable[[Project], Project]:
    """Return what makes of a project what a patch wants it to be."""

    def changed(known: Project) -> Project:
        document = {
            "key": known.key,
            "name": known.name,
            "tags": list(known.tags),
            "includeInSnippetByDefault": known.include_in_snippet,
            "defaultClientSideAvailability": _availability(known),
        }
        told = decode(_project, _encode(change.applied(document, _EDITABLE_PROJECT)))
        return _project_from(told, known.org_id, known.created_at)

    return changed


def environment_changed_by(change: Change) -> Callable[[Environment], Environment]:
    """Return what makes of an environment what a patch wants it to be."""

    def changed(known: Environment) -> Environment:
        document = {
            "key": known.key,
            "name": known.name,
            "color": known.color,
            "defaultTtl": known.default_ttl,
            "secureMode": known.secure_mode,
            "defaultTrackEvents": known.default_track_events,
            "requireComments": known.require_comments,
            "confirmChanges": known.confirm_changes,
            "critical": known.critical,
            "tags": list(known.tags),
        }
        told = decode(_environment, _encode(change.applied(document, _EDITABLE_ENVIRONMENT)))
        return environment_from(told, known.org_id, known.project_key, known.created_at)

    return changed


def project_rep(found: ProjectFound, environments: wire.EnvironmentsRep | None = None) -> wire.ProjectRep:
    """Return a project, with its environments where they are handed in."""
    one = found.project
    place = project_link(one.key)
    return wire.ProjectRep(
        links={"self": place, "environments": Link(f"{place.href}/environments")},
        id=hex_id(one.org_id, one.key),
        key=one.key,
        include_in_snippet_by_default=one.include_in_snippet,
        default_client_side_availability=_availability(one),
        name=one.name,
        tags=list(one.tags),
        environments=environments,
    )


def environments_rep(
    found: Sequence[Environment], total: int, links: dict[str, Link]
) -> wire.EnvironmentsRep:
    """Return some environments of `total`."""
    return wire.EnvironmentsRep(links, total, [environment_rep(one) for one in found])


def environment_rep(one: Environment) -> wire.EnvironmentRep:
    """Return an environment."""
    return wire.EnvironmentRep(
        links={"self": Link(f"{project_link(one.project_key).href}/environments/{quote(one.key, safe='')}")},
        id=hex_id(one.org_id, one.project_key, one.key),
        key=one.key,
        name=one.name,
        api_key="",
        mobile_key="",
        color=one.color,
        default_ttl=one.default_ttl,
        secure_mode=one.secure_mode,
        default_track_events=one.default_track_events,
        require_comments=one.require_comments,
        confirm_changes=one.confirm_changes,
        tags=list(one.tags),
        critical=one.critical,
    )


def project_link(key: str) -> Link:
    """Return where a project is."""
    return Link(f"{HERE}/{quote(key, safe='')}")


def _project_from(told: wire.ProjectTold, org_id: OrgId, created_at: int) -> Project:
    available = told.default_client_side_availability or wire.SideAvailability()
    return Project(
        org_id=org_id,
        key=require_key(told.key, "key"),
        name=require_name(told.name, "name"),
        tags=require_labels(tuple(told.tags), "tags"),
        include_in_snippet=told.include_in_snippet_by_default or available.using_environment_id,
        using_mobile_key=available.using_mobile_key,
        using_environment_id=available.using_environment_id,
        created_at=created_at,
        updated_at=created_at,
    )


def _availability(one: Project) -> wire.SideAvailability:
    return wire.SideAvailability(
        using_environment_id=one.using_environment_id, using_mobile_key=one.using_mobile_key
    )
