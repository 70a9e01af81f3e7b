"""The shapes of counted traffic in Fairlead's own API. Instants are RFC 3339, to the minute."""

from msgspec import Struct, field


class SeriesSeen(Struct):
    source: str
    env: str | None
    version: str | None
    resource: str
    requests: int
    errors: int
    error_types: dict[str, int]
    first_at: str
    last_at: str


class TrafficSeen(Struct, rename={"from_at": "from", "to_at": "to"}):
    service: str
    from_at: str
    to_at: str
    series: list[SeriesSeen] = field(default_factory=list)
