"""Alertmanager, Grafana and PagerDuty as they deliver. Not here: the real programs."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import httpx

from fairlead.domain.hooks import Hook, Vendor
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.monitors import KnownMonitor
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_monitors import find_monitors

NOW = from_rfc3339("2099-01-01T00:00:00Z")
"""Later than anything that is told."""


@dataclass(frozen=True, slots=True)
class Tool:
    """An alerting tool that knows one hook of a server."""

    http: httpx.Client
    ledger: Ledger
    hook: Hook

    @property
    def path(self) -> str:
        """Where it delivers."""
        return f"/hooks/{self.hook.vendor}/{self.hook.id}"

    def deliver(self, told: Any, **headers: str) -> httpx.Response:
        """Deliver something with the proof that its vendor gives; header names are given with `_` for `-`."""
        body = json.dumps(told).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(self.path, content=body, headers=self._proof(body) | named)

    def monitors(self, query: str = "") -> list[KnownMonitor]:
        """Return the monitors that a search finds."""
        return self.ledger.read(find_monitors, self.hook.org_id, query, NOW)

    def states(self, query: str = "") -> dict[str, str]:
        """Return the state of each group of the one monitor that a search finds."""
        [known] = self.monitors(query)
        return {span.group: span.state.value for span in known.spans}

    def _proof(self, body: bytes) -> dict[str, str]:
        secret = self.hook.secret.encode()
        signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
        if self.hook.vendor is Vendor.PAGERDUTY:
            return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={signature}"}
        if self.hook.vendor is Vendor.GRAFANA:
            return {"X-Grafana-Alerting-Signature": signature}
        return {"Authorization": f"Bearer {self.hook.secret}"}


def basic(password: str) -> str:
    """Return `Authorization` of a user with a password."""
    return "Basic " + base64.b64encode(f"alertmanager:{password}".encode()).decode()


def an_alert(status: str = "firing", **changes: Any) -> dict[str, Any]:
    """Return an alert of Alertmanager's or Grafana's; labels are added to the usual ones."""
    labels = {"alertname": "HighErrorRate", "service": "shop", "env": "prod", "route": "/pay"}
    told = {
        "status": status,
        "labels": labels | changes.pop("labels", {}),
        "annotations": {"summary": "7 % of requests fail"},
        "startsAt": "2026-01-01T10:00:00.5Z",
        "endsAt": "2026-01-01T10:05:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": "c4ca4238a0b92382",
    }
    return told | changes


def a_notification(*alerts: dict[str, Any]) -> dict[str, Any]:
    """Return a notification of Alertmanager's or Grafana's."""
    return {
        "version": "4",
        "groupKey": "{}:{alertname='HighErrorRate'}",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "fairlead",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts),
    }


def an_event(kind: str = "triggered", at: str = "2026-01-01T10:00:00Z", **changes: Any) -> dict[str, Any]:
    """Return an event of PagerDuty's about one incident; what is changed is the incident's."""
    statuses = {"resolved": "resolved", "acknowledged": "acknowledged"}
    agent = changes.pop("agent", {"id": "PSVC", "type": "service_reference"})
    incident = {
        "id": "PGR0VU2",
        "type": "incident",
        "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        "number": 2,
        "status": statuses.get(kind, "triggered"),
        "incident_key": "d3640fbd41094207a1c11e58e46b1662",
        "created_at": "2026-01-01T10:00:00Z",
        "title": "Payments are slow",
        "service": {
            "html_url": "https://acme.pagerduty.com/services/PF9KMXH",
            "id": "PF9KMXH",
            "self": "https://api.pagerduty.com/services/PF9KMXH",
            "summary": "Payments API",
            "type": "service_reference",
        },
        "teams": [{"id": "PFCVPS0", "summary": "Payments Team", "type": "team_reference"}],
        "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
        "urgency": "high",
    }
    return {
        "event": {
            "id": f"01-{kind}-{at}",
            "event_type": f"incident.{kind}",
            "resource_type": "incident",
            "occurred_at": at,
            "agent": agent,
            "client": None,
            "data": incident | changes,
        }
    }
