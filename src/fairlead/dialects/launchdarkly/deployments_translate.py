"""From deployment events to events of attempts, and from attempts to deployments as they are listed."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fairlead.dialects.launchdarkly import deployments_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.pulls_translate import pull_request
from fairlead.dialects.launchdarkly.times import instant_from, milliseconds, span_ms
from fairlead.dialects.launchdarkly.wire import PageLinks
from fairlead.domain.access import OrgId
from fairlead.domain.attempts import (
    AttemptEvent,
    AttemptKind,
    AttemptStatus,
    Correction,
    EventType,
    Series,
)
from fairlead.domain.errors import Rejected
from fairlead.domain.flag_references import FlagChange
from fairlead.domain.insights import Cursor, LeadStages, ListPage, Territory
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.texts import require_text
from fairlead.usecases.find_attempts import AttemptsFound, AttemptShown, Expanded

WEEK_NS = 7 * 86_400 * NS_PER_S
MOST_LISTED = 100
USUALLY_LISTED = 20
EDITABLE = frozenset({"status", "kind", "startedAt", "endedAt", "archived", "metadata"})
_LARGEST_METADATA = 100_000
_LONGEST_KEY = 256
_LONGEST_CURSOR = 1_000
_CURSOR = re.compile(r"(-?\d{1,18}|[1-8]\d{18}):([^\0]+)", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_encode = msgspec.json.Encoder().encode


def event_from(told: wire.DeploymentEvent, org_id: OrgId, now: int) -> AttemptEvent:
    """Return the event that was told.

    Raises:
        Rejected: an attribute is empty, too long, or not what it must be.
    """
    version = _key(told.version, "version")
    if not _VERSION.fullmatch(version):
        raise Rejected('attribute "version" must be letters, digits, ".", "-" and "_"', field="version")
    series = Series(
        org_id,
        _key(told.project_key, "projectKey"),
        _key(told.environment_key, "environmentKey"),
        _key(told.application_key, "applicationKey"),
        version,
    )
    return AttemptEvent(
        series=series,
        type=EventType(told.event_type),
        at=now if told.event_time is None else instant_from(told.event_time, "eventTime"),
        application_name=require_text(told.application_name or "", "applicationName"),
        application_kind=told.application_kind or "",
        version_name=require_text(told.version_name or "", "versionName"),
        event_metadata="" if told.event_metadata is None else _metadata(told.event_metadata, "eventMetadata"),
        deployment_metadata=_deployment_metadata(told.deployment_metadata or {}),
        received_at=now,
    )


def list_page(asked: Asked, org_id: OrgId, now: int) -> ListPage:
    """Return which attempts a list asks for.

    Raises:
        Rejected: a parameter is not acceptable.
    """
    territory = Territory(
        org_id=org_id,
        project_key=asked.required("projectKey"),
        env=asked.required("environmentKey"),
        applications=asked.texts("applicationKey"),
    )
    kind = asked.choice("kind", [one.value for one in AttemptKind])
    status = asked.choice("status", [one.value for one in AttemptStatus])
    after = asked.text("after")
    return ListPage(
        territory=territory,
        from_at=asked.instant("from", now - WEEK_NS),
        until_at=asked.instant("to", now),
        kind=AttemptKind(kind) if kind else None,
        status=AttemptStatus(status) if status else None,
        after=cursor_from(after, "after") if after else None,
        before=cursor_from(asked.text("before"), "before") if not after and asked.text("before") else None,
        limit=asked.number("limit", USUALLY_LISTED, 1, MOST_LISTED),
    )


def expanded(asked: Asked) -> Expanded:
    """Return what is wanted of each deployment beside itself."""
    wanted = asked.choices("expand", ["pullRequests", "flagReferences"])
    return Expanded(pull_requests="pullRequests" in wanted, flag_references="flagReferences" in wanted)


def deployments(asked: Asked, page: ListPage, found: AttemptsFound, org_id: OrgId) -> wire.Deployments:
    """Return one page with links to those beside it."""
    items = [deployment(one, org_id) for one in found.items]
    first, last = (found.items[0].listed, found.items[-1].listed) if items else (None, None)
    # Whoever came from somewhere can go back there.
    has_next = found.has_more if page.before is None else True
    has_prev = found.has_more if page.before is not None else page.after is not None
    links = PageLinks(
        self=asked.here(),
        next=asked.here(after=cursor(last.at, last.id), before=None) if last and has_next else None,
        prev=asked.here(before=cursor(first.at, first.id), after=None) if first and has_prev else None,
    )
    return wire.Deployments(total_count=found.total, items=items, links=links)


def deployment(shown: AttemptShown, org_id: OrgId) -> wire.Deployment:
    """Return an attempt as it is shown."""
    one, contents = shown.listed, shown.listed.contents
    ended_at = None if one.ended_at is None else milliseconds(one.ended_at)
    return wire.Deployment(
        id=one.uuid,
        application_key=one.application,
        application_version=one.version,
        environment_key=one.env,
        started_at=milliseconds(one.started_at),
        status=one.status.value,
        kind=one.kind.value,
        active=shown.is_active,
        archived=one.archived,
        number_of_contributors=contents.contributors,
        number_of_pull_requests=contents.pull_requests,
        lines_added=contents.lines_added,
        lines_deleted=contents.lines_deleted,
        lead_time=span_ms(one.lead_time_ns or 0),
        ended_at=ended_at,
        duration_ms=None if ended_at is None else ended_at - milliseconds(one.started_at),
        metadata=dict(one.metadata) or None,
        pull_requests=None
        if shown.pulls is None
        else wire.PullRequests(len(shown.pulls), [pull_request(pull, org_id) for pull in shown.pulls]),
        flag_references=None if shown.flags is None else flag_references(shown.flags),
        lead_time_stages=None if contents.stages is None else _stages(contents.stages),
    )


def flag_references(flags: Sequence[FlagChange]) -> wire.FlagReferences:
    """Return flag references as they are shown."""
    items = [wire.FlagReference(one.project_key, one.flag_key, one.added, one.removed) for one in flags]
    return wire.FlagReferences(len(items), items)


def document(shown: AttemptShown, org_id: OrgId) -> dict[str, Any]:
    """Return a deployment as what patches are applied to."""
    found: dict[str, Any] = msgspec.to_builtins(deployment(shown, org_id))
    return {"metadata": {}} | found


def correction_from(before: Mapping[str, Any], after: Mapping[str, Any]) -> Correction:
    """Return what a patch says by hand: the fields that it changed.

    Raises:
        Rejected: one of them has no acceptable value.
    """
    changed = {name: after.get(name) for name in EDITABLE if before.get(name) != after.get(name)}
    archived = changed.get("archived")
    if "archived" in changed and not isinstance(archived, bool):
        raise Rejected('attribute "archived" must be true or false', field="archived")
    return Correction(
        status=_one_of(AttemptStatus, changed, "status"),
        kind=_one_of(AttemptKind, changed, "kind"),
        started_at=_instant(changed, "startedAt"),
        ended_at=_instant(changed, "endedAt"),
        archived=archived,
        metadata=_changed_metadata(changed),
    )


def cursor(at: int, id: str) -> str:
    """Return a place in a list as a text that needs no encoding in an address."""
    return cursor_text(f"{at}:{id}")


def cursor_text(told: str) -> str:
    """Return what tells a place as a text that needs no encoding in an address."""
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def told_by_cursor(text: str) -> str:
    """Return what tells the place that a cursor names; empty where it is none."""
    try:
        padded = text[:_LONGEST_CURSOR] + "=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        return ""


def cursor_from(text: str, name: str) -> Cursor:
    """Return the place that a cursor names.

    Raises:
        Rejected: it is none of ours.
    """
    found = _CURSOR.fullmatch(told_by_cursor(text))
    if found is None:
        raise Rejected(f'query parameter "{name}" is no cursor of this list', field=name)
    return int(found[1]), found[2]


def _stages(stages: LeadStages) -> wire.LeadTimeStages:
    return wire.LeadTimeStages(
        coding_duration_ms=span_ms(stages.coding_ns),
        review_duration_ms=None if stages.review_ns is None else span_ms(stages.review_ns),
        wait_duration_ms=span_ms(stages.wait_ns),
        deploy_duration_ms=span_ms(stages.deploy_ns),
        total_lead_time_ms=span_ms(stages.total_ns),
    )


def _key(text: str, field: str) -> str:
    if not text.strip():
        raise Rejected(f'attribute "{field}" must not be empty', field=field)
    return require_text(text, field, longest=_LONGEST_KEY)


def _metadata(told: Any, field: str) -> str:
    text = _encode(told)
    if len(text) > _LARGEST_METADATA:
        raise Rejected(f'attribute "{field}" is larger than {_LARGEST_METADATA} bytes', field=field)
    # PostgreSQL keeps no NUL, however it is spelled.
    if b"\\u0000" in text:
        raise Rejected(f'attribute "{field}" holds a NUL character', field=field)
    return text.decode()


def _deployment_metadata(told: dict[str, Any]) -> dict[str, Any]:
    _metadata(told, "deploymentMetadata")
    return told


def _changed_metadata(changed: Mapping[str, Any]) -> dict[str, Any] | None:
    if "metadata" not in changed:
        return None
    told = changed["metadata"]
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise Rejected('attribute "metadata" must be an object', field="metadata")
    _metadata(told, "metadata")
    return told


def _one_of(kind: Any, changed: Mapping[str, Any], name: str) -> Any:
    if name not in changed:
        return None
    allowed = [one.value for one in kind]
    if changed[name] not in allowed:
        raise Rejected(f'attribute "{name}" must be one of {", ".join(allowed)}', field=name)
    return kind(changed[name])


def _instant(changed: Mapping[str, Any], name: str) -> int | None:
    told = changed.get(name)
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, (int, str)):
        raise Rejected(f'attribute "{name}" must be milliseconds since 1970', field=name)
    return instant_from(told, name)
