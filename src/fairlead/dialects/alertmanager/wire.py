"""The shapes of Alertmanager's webhooks, letter for letter, as far as they are read."""

from msgspec import Struct, field


class Alert(Struct, rename="camel"):
    status: str
    labels: dict[str, str]
    starts_at: str
    ends_at: str = ""
    annotations: dict[str, str] = field(default_factory=dict)


class Notification(Struct, rename="camel"):
    alerts: list[Alert]
