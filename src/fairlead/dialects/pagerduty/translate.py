"""From PagerDuty's events to incidents, which are failures, and to signals about its services.

Not here: whose failure an incident is (`usecases.record_incidents`), and who may deliver.
"""

import msgspec

from fairlead.dialects.pagerduty import wire
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.instants import from_rfc3339, require_instant
from fairlead.domain.monitors import MonitorState, StateSource
from fairlead.domain.signals import Incident, Signal
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

EVENT = "event"
ENV = "dd_env"
"""The header that names the environment of all incidents of a subscription, as Datadog's has it."""
SOURCE = "pagerduty"
_PING = "pagey.ping"
_REOPENED = "incident.reopened"
_RESOLVED = "resolved"
_OPEN = frozenset({"triggered", "acknowledged"})
_PERSON = "user_reference"
_event = msgspec.json.Decoder(wire.Delivery)


def read(hook: Hook, delivery: Delivery) -> Reading:
    """Return what an event tells.

    Raises:
        Rejected: a needed field is missing or malformed.
    """
    event = decode(_event, delivery.body).event
    if event.event_type == _PING:
        return Reading(is_question=True)
    if not event.event_type.startswith("incident.") or event.resource_type not in ("", "incident"):
        return Reading(ignored="not about an incident", is_known=False)
    told = _incident_told(event)
    if told.status not in (*_OPEN, _RESOLVED):
        return Reading(ignored="neither open nor resolved")
    incident = _incident(event, told, hook, delivery)
    return Reading(facts=(incident, _signal(incident, told)))


def _incident_told(event: wire.Event) -> wire.Incident:
    try:
        return msgspec.convert(event.data, wire.Incident)
    except msgspec.ValidationError as error:
        if event.event_type.removeprefix("incident.") in (*_OPEN, _RESOLVED, "reopened"):
            raise Rejected(f'attribute "data" is no incident: {error}', field="data") from error
        # Notes, responders and the like are about an incident without being one.
        return wire.Incident(id="", status="", created_at="")


def _incident(event: wire.Event, told: wire.Incident, hook: Hook, delivery: Delivery) -> Incident:
    occurred_at = _instant(event.occurred_at, "occurred_at")
    started_at = _instant(told.created_at, "created_at")
    service = told.service or wire.Reference()
    is_over = told.status == _RESOLVED
    return Incident(
        org_id=hook.org_id,
        id=require_text(told.id, "id", longest=100),
        title=require_text(told.title or told.id, "title"),
        severity=require_text((told.priority and told.priority.summary) or "", "priority"),
        env=require_text(delivery.headers.get(ENV, ""), ENV),
        service=require_text(service.summary or service.id or "unknown", "service"),
        service_id=service.id,
        teams=tuple(require_text(team.summary, "teams") for team in told.teams or () if team.summary),
        started_at=started_at,
        finished_at=max(occurred_at, started_at) if is_over else None,
        reopened_at=occurred_at if event.event_type == _REOPENED else None,
        by_hand=is_over and event.agent is not None and event.agent.type == _PERSON,
        source=SOURCE,
        received_at=delivery.received_at,
        fact=delivery.body.decode("utf-8", "replace"),
    )


def _signal(incident: Incident, told: wire.Incident) -> Signal:
    """Return what an incident says of the service it is about."""
    began_at = incident.reopened_at or incident.started_at
    at = began_at if incident.finished_at is None else incident.finished_at
    return Signal(
        org_id=incident.org_id,
        source=StateSource.PAGERDUTY,
        name=incident.service,
        tags=(f"service:{incident.service}", *(f"team:{team}" for team in incident.teams[:1])),
        group=f"incident:{told.id}",
        state=MonitorState.ALERT if incident.finished_at is None else MonitorState.OK,
        at=min(at, incident.received_at),
        reason=incident.title if incident.finished_at is None else "resolved",
        received_at=incident.received_at,
    )


def _instant(text: str, field: str) -> int:
    try:
        at = from_rfc3339(text)
    except (ValueError, OverflowError):
        raise Rejected(f'attribute "{field}" is no time', field=field) from None
    return require_instant(at, field)
