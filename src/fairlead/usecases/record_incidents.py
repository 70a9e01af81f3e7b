"""Record incidents as failures: whose they are is found out from monitors and the catalogue.

Source: Datadog's page on failures from PagerDuty as retold in `docs/dialects/alerting.md`, whose
order of attempts this follows: the group of the monitor that raised it, that monitor's own tags,
the service's address in the catalogue, its name there, its teams', and last the names as they are.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from fairlead.domain.catalog import Service
from fairlead.domain.failures import Failure, FailureId
from fairlead.domain.signals import Incident
from fairlead.store import catalog, failures, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.record_failures import record_failures

# How Datadog titles what its monitors raise: "[Triggered on {env:prod,service:shop}] Error rate".
_RAISED = re.compile(r"\[(?P<what>[^\]{}]*?)(?:\s+on\s+\{(?P<group>[^{}]*)\})?\]\s*(?P<name>.+)", re.DOTALL)


class _Whose(Struct, frozen=True, kw_only=True):
    services: tuple[str, ...] = ()
    team: str = ""
    env: str = ""


def record_incidents(transaction: Transaction, incidents: Sequence[Incident]) -> list[FailureId]:
    """Record each incident, or what became of it, and return the failure's id."""
    return [_record(transaction, incident) for incident in incidents]


def _record(transaction: Transaction, incident: Incident) -> FailureId:
    id = FailureId(f"{incident.source}-{incident.id}")
    known = failures.get(transaction, incident.org_id, id)
    if incident.reopened_at is not None and known is not None and known.finished_at is not None:
        if known.finished_at > incident.reopened_at:
            # Overtaken: it was resolved again since.
            return id
        failures.remove(transaction, incident.org_id, id)
    whose = _whose(transaction, incident)
    failure = Failure(
        org_id=incident.org_id,
        id=id,
        named_by_caller=True,
        started_at=incident.started_at,
        finished_at=incident.finished_at,
        services=whose.services,
        team=whose.team,
        env=whose.env or incident.env,
        name=incident.title,
        severity=incident.severity,
        source=incident.source,
        received_at=incident.received_at,
        fact=incident.fact,
    )
    return record_failures(transaction, [failure])[0]


def _whose(transaction: Transaction, incident: Incident) -> _Whose:
    raised = _RAISED.fullmatch(incident.title)
    name = raised["name"].strip() if raised else incident.title
    group = raised["group"] if raised and not incident.by_hand else None
    attempts: tuple[Callable[[], _Whose | None], ...] = (
        lambda: _by_tags((group or "").split(",")),
        lambda: _by_monitor(transaction, incident, name),
        lambda: _by_address(transaction, incident),
        lambda: _by_name(transaction, incident),
        lambda: _by_team(transaction, incident),
    )
    found = (attempt() for attempt in attempts)
    return next((one for one in found if one is not None), _as_told(incident))


def _by_tags(tags: Iterable[str]) -> _Whose | None:
    """Return what tags say: one environment, one team and any number of services, or nothing."""
    values: dict[str, list[str]] = {"service": [], "team": [], "env": []}
    for tag in tags:
        key, _, value = tag.strip().partition(":")
        if value and key in values and value not in values[key]:
            values[key].append(value)
    if not values["service"] and len(values["team"]) != 1:
        return None
    return _Whose(services=tuple(values["service"]), team=_only(values["team"]), env=_only(values["env"]))


def _by_monitor(transaction: Transaction, incident: Incident, name: str) -> _Whose | None:
    named = monitors.named(transaction, incident.org_id, name)
    return _by_tags(named[0].tags) if len(named) == 1 else None


def _by_address(transaction: Transaction, incident: Incident) -> _Whose | None:
    if not incident.service_id:
        return None
    entries = [
        one
        for one in catalog.with_pagerduty(transaction, incident.org_id)
        if one.pagerduty_url.rstrip("/").rpartition("/")[2] == incident.service_id
    ]
    if len(entries) == 1:
        return _of(entries[0])
    teams = {one.team for one in entries if one.team}
    return _Whose(team=teams.pop()) if len(teams) == 1 else None


def _by_name(transaction: Transaction, incident: Incident) -> _Whose | None:
    known = catalog.services(transaction, incident.org_id, [incident.service]).get(incident.service.lower())
    return None if known is None else _of(known)


def _by_team(transaction: Transaction, incident: Incident) -> _Whose | None:
    """Return the team of the catalogue that has the name of a team of the incident, or of its service."""
    for name in (*incident.teams, incident.service):
        if catalog.has_team(transaction, incident.org_id, name):
            return _Whose(team=name)
    return None


def _as_told(incident: Incident) -> _Whose:
    return _Whose(services=(incident.service,), team=incident.teams[0] if incident.teams else "")


def _of(service: Service) -> _Whose:
    return _Whose(services=(service.name,), team=service.team)


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""
