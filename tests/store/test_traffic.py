"""Counts of requests as they are kept."""

from collections.abc import Mapping
from typing import Any

from fairlead.domain.access import OrgId
from fairlead.domain.traffic import DAY_NS, MINUTE_NS, OTLP, Caps, Cell, Counts, Fault, Series
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.traffic_sums import Span
from fairlead.usecases.get_traffic import get_traffic
from fairlead.usecases.record_traffic import CountsTold, record_traffic
from tests.factories import NOON

MINUTE = NOON // MINUTE_NS
CAPS = Caps(resources=10, series=100, error_types=3, days=2)


def a_series(**changes: str) -> Series:
    return Series(OTLP, "checkout", "prod", "1", "GET /cart")._replace(**changes)


def told(org_id: OrgId, id: str, requests: Mapping[Cell, int], **changes: Any) -> CountsTold:
    fields: dict[str, Any] = {"org_id": org_id, "id": id, "received_at": NOON, "requests": requests}
    return CountsTold(counts=Counts(**fields | changes), caps=CAPS)


def counted(ledger: Ledger, org_id: OrgId) -> list[tuple[str, int, int]]:
    span = Span(org_id=org_id, service="checkout", env=None, from_minute=0, to_minute=1 << 40)
    return [(one.series.resource, one.requests, one.errors) for one in ledger.read(get_traffic, span).sums]


def test_facts_that_arrive_together_are_added_up(ledger: Ledger, org_id: OrgId) -> None:
    cell = Cell(a_series(), MINUTE)
    facts = [told(org_id, str(number), {cell: 5}, faults={Fault(cell, "E"): 2}) for number in range(3)]

    with writing(ledger.engine) as transaction:
        kept = record_traffic(transaction, facts)

    assert [True] * 3 == [one.is_new for one in kept]
    assert [("GET /cart", 15, 6)] == counted(ledger, org_id)


def test_the_same_delivery_twice_in_one_batch_counts_once(ledger: Ledger, org_id: OrgId) -> None:
    facts = [told(org_id, "same", {Cell(a_series(), MINUTE): 5})] * 2

    with writing(ledger.engine) as transaction:
        kept = record_traffic(transaction, [facts[0], told(org_id, "same", facts[1].counts.requests)])

    assert [True, False] == [one.is_new for one in kept]
    assert [("GET /cart", 5, 0)] == counted(ledger, org_id)


def test_organisations_have_counts_and_deliveries_of_their_own(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    for mine in (org_id, other_org_id):
        ledger.write(record_traffic, told(mine, "same", {Cell(a_series(), MINUTE): 5}))

    assert [("GET /cart", 5, 0)] == counted(ledger, org_id)
    assert [("GET /cart", 5, 0)] == counted(ledger, other_org_id)


def test_counts_older_than_is_kept_are_dropped_as_new_ones_come(ledger: Ledger, org_id: OrgId) -> None:
    old, lasting = Cell(a_series(resource="GET /old"), MINUTE), Cell(a_series(), MINUTE)
    ledger.write(record_traffic, told(org_id, "1", {old: 1, lasting: 2}, faults={Fault(old, "E"): 1}))
    later = Cell(a_series(), MINUTE + 3 * DAY_NS // MINUTE_NS)

    ledger.write(record_traffic, told(org_id, "2", {later: 4}, received_at=NOON + 3 * DAY_NS))

    assert [("GET /cart", 4, 0)] == counted(ledger, org_id)


def test_a_delivery_is_known_for_half_an_hour(ledger: Ledger, org_id: OrgId) -> None:
    cell = Cell(a_series(), MINUTE)
    for at in (NOON, NOON + 29 * MINUTE_NS, NOON + 61 * MINUTE_NS):
        ledger.write(record_traffic, told(org_id, "same", {cell: 1}, received_at=at))

    assert [("GET /cart", 2, 0)] == counted(ledger, org_id)
