"""Traffic: how many requests a service answered and how many went wrong, by the minute.

Requests themselves are never kept, only their counts. Not here: how a telemetry protocol spells
a request (`dialects/otlp`), and what the counts say about a version (`gates`).
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, field

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S

MINUTE_NS = 60 * NS_PER_S
DAY_NS = 86_400 * NS_PER_S

OTLP = "otlp"
"""The source of what is counted from spans. Other sources are named after themselves."""
OTHER = "(other)"
"""The resource, or error type, that stands for all those beyond the cap."""

LONGEST_NAME = 300
"""Characters kept of a service, environment, version, resource or error type."""


class Series(NamedTuple):
    """What is counted apart from everything else."""

    source: str
    """`otlp`, or `prometheus:` and the name of a source."""
    service: str
    """In lower case."""
    env: str
    """In lower case; empty where the sender gave none."""
    version: str
    """Empty where the sender gave none."""
    resource: str
    """The route with its method, or the name of the span."""

    @property
    def id(self) -> int:
        """63 bits that follow from the names alone, so that every process finds the same."""
        digest = blake2b("\x00".join(self).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 1


class Cell(NamedTuple):
    """One minute of a series."""

    series: Series
    minute: int
    """Whole minutes since the epoch."""


class Fault(NamedTuple):
    """A kind of error within a minute of a series."""

    cell: Cell
    error_type: str


class Counts(Struct, frozen=True, kw_only=True):
    """Requests and errors that were counted together, and are kept together or not at all."""

    org_id: OrgId
    id: str
    """What a second delivery of the same requests has too."""
    received_at: int
    requests: Mapping[Cell, int]
    faults: Mapping[Fault, int] = field(default_factory=dict)
    """Errors by type; every one of them is also one of `requests`."""


class Kept(Struct, frozen=True, kw_only=True):
    """What became of counts."""

    is_new: bool
    """False where they were delivered before, and nothing changed."""
    in_other: int = 0
    """Requests that were counted under `(other)`, because there are too many resources."""
    left_out: int = 0
    """Requests that were not counted, because the organisation has too many series."""


class Caps(Struct, frozen=True, kw_only=True):
    """How much is counted apart."""

    resources: int
    """Of one service, environment and version."""
    series: int
    """Of one organisation, over all that is kept."""
    error_types: int
    """Of one series within one minute."""
    days: int
    """How long counts are kept."""


def name_of(text: str) -> str:
    """Return a name as it is kept: without NUL, and no longer than `LONGEST_NAME`."""
    return text.replace("\x00", "")[:LONGEST_NAME] if len(text) > LONGEST_NAME or "\x00" in text else text
