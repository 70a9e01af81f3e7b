"""Count traffic: take the sources that are due, and keep what Prometheus answered.

Asking twice about a minute counts it once: the counts of a minute replace those before. Not here:
asking (`worker.counting`).
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.instants import NS_PER_S
from fairlead.domain.traffic import MINUTE_NS, Caps, Cell, Counts, Fault
from fairlead.domain.traffic_sources import KeptSource
from fairlead.store import traffic, traffic_sources, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Kind, Taken
from fairlead.usecases.record_traffic import CountsTold, add_traffic

KINDS = (Kind.COUNT_TRAFFIC,)
LEASE_NS = 60 * NS_PER_S
_AGAIN_MINUTES = 2
"""What is asked for once more, because Prometheus may have learnt of it late."""


class CountsWanted(Struct, frozen=True, kw_only=True):
    """How many sources to take."""

    most: int
    now: int


class CountsAnswered(Struct, frozen=True, kw_only=True):
    """What came of asking one source, over whole minutes; the last does not belong."""

    taken: Taken
    kept: KeptSource | None
    """None where there is no such source any more."""
    requests: Mapping[Cell, int]
    faults: Mapping[Fault, int]
    failure: str
    from_minute: int
    to_minute: int
    caps: Caps
    at: int
    again_at: int


def take_sources(transaction: Transaction, wanted: Sequence[CountsWanted]) -> list[list[Taken]]:
    """Take up to so many sources that are due."""
    return [
        work.take(
            transaction,
            one.most,
            now=one.now,
            leased_until=one.now + LEASE_NS,
            kinds=KINDS,
            most_again=one.most,
        )
        for one in wanted
    ]


def taken_sources(transaction: Transaction, taken: Sequence[Taken]) -> list[tuple[Taken, KeptSource | None]]:
    """Return the sources to ask."""
    return [(one, traffic_sources.get(transaction, one.item.org_id, one.item.key)) for one in taken]


def keep_counts(transaction: Transaction, answered: Sequence[CountsAnswered]) -> list[None]:
    """Keep what was answered, and ask for the next time."""
    for one in sorted(answered, key=lambda one: (one.taken.item.org_id, one.taken.item.key)):
        if not work.standing(transaction, [one.taken]):
            continue
        work.tick_off(transaction, [one.taken])
        if one.kept is None:
            continue
        done_until = one.kept.done_until
        if not one.failure:
            _replace(transaction, one)
            done_until = max(done_until, min(one.to_minute, one.at // MINUTE_NS) - _AGAIN_MINUTES)
        kept = replace(one.kept, done_until=done_until, asked_at=one.at, failure=one.failure)
        traffic_sources.put(transaction, kept)
        work.ask(transaction, [one.taken.item], due_at=one.again_at)
    return [None] * len(answered)


def _replace(transaction: Transaction, one: CountsAnswered) -> None:
    org_id = one.taken.item.org_id
    assert one.kept is not None  # noqa: S101 — who calls has looked.
    traffic.drop_minutes(transaction, org_id, one.kept.source.source, one.from_minute, one.to_minute)
    # An error that no request stands for is a query's mistake, and no error without a request is kept.
    errors = {fault: number for fault, number in one.faults.items() if fault.cell in one.requests}
    counts = Counts(org_id=org_id, id="", received_at=one.at, requests=one.requests, faults=errors)
    if one.requests:
        add_traffic(transaction, CountsTold(counts=counts, caps=one.caps))
