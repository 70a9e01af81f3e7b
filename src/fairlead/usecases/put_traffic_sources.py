"""Say where counts of a service come from, or that they no longer do."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.traffic import MINUTE_NS
from fairlead.domain.traffic_sources import KeptSource, TrafficSource
from fairlead.store import traffic_sources, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind

MOST_SOURCES = 200
_FIRST_MINUTES = 60


class SourceTold(Struct, frozen=True, kw_only=True):
    """A source that somebody told."""

    org_id: OrgId
    source: TrafficSource
    now: int


class SourceNamed(Struct, frozen=True, kw_only=True):
    """A source that somebody wants to be rid of."""

    org_id: OrgId
    name: str


def put_traffic_sources(
    transaction: Transaction, told: Sequence[SourceTold]
) -> list[KeptSource | FairleadError]:
    """Keep each source, and ask it at once: it begins with the last hour."""
    return [_put(transaction, one) for one in told]


def delete_traffic_sources(
    transaction: Transaction, named: Sequence[SourceNamed]
) -> list[FairleadError | None]:
    """Delete each source; what it counted stays."""
    return [
        None if traffic_sources.remove(transaction, one.org_id, one.name) else NotFound() for one in named
    ]


def _put(transaction: Transaction, told: SourceTold) -> KeptSource | FairleadError:
    known = traffic_sources.get(transaction, told.org_id, told.source.name)
    if known is None and len(traffic_sources.every(transaction, told.org_id)) >= MOST_SOURCES:
        return Rejected(f"an organisation has at most {MOST_SOURCES} sources", field="name")
    kept = KeptSource(
        org_id=told.org_id, source=told.source, done_until=told.now // MINUTE_NS - _FIRST_MINUTES
    )
    traffic_sources.put(transaction, kept)
    work.ask(transaction, [Item(told.org_id, Kind.COUNT_TRAFFIC, told.source.name)], due_at=told.now)
    return kept
