"""The shapes of PagerDuty's webhooks, letter for letter, as far as they are read."""

from typing import Any

from msgspec import Struct


class Reference(Struct):
    id: str = ""
    type: str = ""
    summary: str | None = None
    html_url: str | None = None


class Incident(Struct):
    id: str
    status: str
    created_at: str
    title: str | None = None
    service: Reference | None = None
    teams: list[Reference] | None = None
    priority: Reference | None = None
    urgency: str | None = None


class Event(Struct):
    id: str
    event_type: str
    occurred_at: str
    resource_type: str = ""
    agent: Reference | None = None
    data: Any = None


class Delivery(Struct):
    event: Event
