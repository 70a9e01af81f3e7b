"""Monitors in Fairlead's own API: what is told of their states, and what is shown."""

from msgspec import Struct


class StateRequest(Struct):
    state: str
    """`ok`, `warn`, `alert` or `no_data`."""
    group: str = ""
    """Tags such as `env:prod,pod:web-1`; empty for a monitor without groups."""
    at: str | int | None = None
    """Since when: RFC 3339, or milliseconds since the epoch; now, where nothing is told."""
    reason: str = ""


class StateSeen(Struct):
    group: str
    state: str
    from_at: str
    until_at: str | None
    """Null while it lasts."""
    reason: str
    source: str


class StatesSeen(Struct):
    monitor_id: int
    state: str
    """Of the whole monitor, now."""
    states: list[StateSeen]
