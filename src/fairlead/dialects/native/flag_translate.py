"""From what is told of flags in Fairlead's own API to changes and evaluations, and standings back."""

from collections.abc import Iterable

import msgspec

from fairlead.dialects.native import flag_wire as wire
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.flag_changes import FlagReport, described
from fairlead.domain.flag_events import (
    Evaluations,
    FlagEvent,
    FlagEventType,
    Member,
    flag_event_id,
)
from fairlead.domain.flag_standing import Standing
from fairlead.domain.flags import LONGEST_DESCRIPTION, require_key
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339, require_instant, to_rfc3339
from fairlead.domain.texts import require_text

_MINUTE_NS = 60 * NS_PER_S
_LONGEST_VARIATION = 1000
_GLOBAL = frozenset(
    {
        *(FlagEventType.CREATED, FlagEventType.DELETED, FlagEventType.ARCHIVED),
        *(FlagEventType.RESTORED, FlagEventType.VARIATIONS, FlagEventType.SETTINGS),
    }
)
"""What cannot happen in one environment alone; everything else can only."""
_encode = msgspec.json.Encoder(order="deterministic").encode


def reports_from(told: wire.ChangesTold, org_id: OrgId) -> list[FlagReport]:
    """Return what was told, one report for each change.

    Raises:
        Rejected: one of them is not acceptable; the message names the attribute.
    """
    return [_report(one, org_id) for one in told.changes]


def evaluations_from(told: wire.EvaluationsTold, org_id: OrgId) -> tuple[Evaluations, ...]:
    """Return what was told; of the same minute told twice the counts are added.

    Raises:
        Rejected: one of them is not acceptable; the message names the attribute.
    """
    minutes: dict[tuple[str, ...], Evaluations] = {}
    for one in (_evaluations(one, org_id) for one in told.evaluations):
        key = (one.project_key, one.environment_key, one.flag_key, one.variation, str(one.minute_at))
        known = minutes.get(key)
        count = one.count + (known.count if known else 0)
        minutes[key] = msgspec.structs.replace(one, count=min(count, 2**53))
    return tuple(minutes.values())


def standings(found: Iterable[Standing], now: int) -> list[wire.FlagStanding]:
    """Return how flags stand at `now`."""
    return [
        wire.FlagStanding(
            key=one.flag.key,
            name=one.flag.name,
            temporary=one.flag.temporary,
            created_at=to_rfc3339(one.flag.created_at),
            age_s=max(0, now - one.flag.created_at) // NS_PER_S,
            status=one.status.value,
            quiet_since=None if one.quiet_since is None else to_rfc3339(one.quiet_since),
            last_evaluated_at=None if one.last_evaluated_at is None else to_rfc3339(one.last_evaluated_at),
            is_stale=one.is_stale,
        )
        for one in found
    ]


def _report(told: wire.ChangeTold, org_id: OrgId) -> FlagReport:
    type_, at = FlagEventType(told.type), _instant(told.at, "at")
    project, key = require_key(told.project_key, "project_key"), require_key(told.flag_key, "flag_key")
    place = require_key(told.environment_key, "environment_key") if told.environment_key else ""
    if bool(place) == (type_ in _GLOBAL):
        detail = "is not for a change that is the same everywhere" if place else "is required for this change"
        raise Rejected(f'attribute "environment_key" {detail}', field="environment_key")
    name = require_text(told.name, "name") or key
    member = told.member or wire.MemberTold()
    for text, field in ((member.id, "id"), (member.email, "email"), (member.first_name, "first_name")):
        require_text(text, f"member.{field}")
    event = FlagEvent(
        org_id=org_id,
        id=flag_event_id(org_id, project, key, place, type_, at),
        project_key=project,
        environment_key=place,
        flag_key=key,
        type=type_,
        happened_at=at,
        description=require_text(told.description, "description", longest=LONGEST_DESCRIPTION)
        or described(type_, name, place),
        member=Member(
            id=member.id,
            email=member.email,
            first_name=member.first_name,
            last_name=require_text(member.last_name, "member.last_name"),
        ),
    )
    return FlagReport(
        org_id=org_id,
        project_key=project,
        flag_key=key,
        name=name,
        temporary=told.temporary,
        events=(event,),
    )


def _evaluations(told: wire.EvaluationTold, org_id: OrgId) -> Evaluations:
    at = _instant(told.at, "at")
    return Evaluations(
        org_id=org_id,
        project_key=require_key(told.project_key, "project_key"),
        environment_key=require_key(told.environment_key, "environment_key"),
        flag_key=require_key(told.flag_key, "flag_key"),
        variation=require_text(_encode(told.variation).decode(), "variation", longest=_LONGEST_VARIATION),
        minute_at=at - at % _MINUTE_NS,
        count=told.count,
    )


def _instant(told: wire.Instant, field: str) -> int:
    if isinstance(told, int):
        return require_instant(told * NS_PER_MS, field)
    try:
        return require_instant(from_rfc3339(told), field)
    except ValueError as error:
        detail = f'attribute "{field}" must be an RFC 3339 date and time or milliseconds since 1970'
        raise Rejected(detail, field=field) from error
