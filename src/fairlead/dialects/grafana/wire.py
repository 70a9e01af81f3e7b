"""The shapes of Grafana's webhooks, letter for letter, as far as they are read."""

from msgspec import Struct, field


class Alert(Struct, rename="camel"):
    status: str
    labels: dict[str, str]
    starts_at: str
    ends_at: str = ""
    annotations: dict[str, str] | None = None
    value_string: str | None = None
    values: dict[str, float | None] | None = field(default=None)


class Notification(Struct, rename="camel"):
    alerts: list[Alert]
