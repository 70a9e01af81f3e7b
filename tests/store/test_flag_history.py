"""What happened to flags and what they served, on both engines."""

from typing import Any

from fairlead.domain.access import OrgId
from fairlead.domain.flag_changes import FlagReport
from fairlead.domain.flag_events import Evaluations, FlagEvent, FlagEventType, flag_event_id
from fairlead.domain.flag_impact import ImpactSize
from fairlead.domain.flag_standing import FlagStatus, Served, Spans
from fairlead.store import flag_history
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_flag_events import FlagEventsPage, count_flag_events, find_flag_events
from fairlead.usecases.find_flags import flag_standings
from fairlead.usecases.record_flag_reports import record_evaluations, record_flag_reports
from tests.factories import MINUTE_NS, NOON, ORG_ID

DAY = 24 * 60 * MINUTE_NS
ON, RULES, CREATED, SETTINGS = (
    FlagEventType.TURNED_ON,
    FlagEventType.RULES,
    FlagEventType.CREATED,
    FlagEventType.SETTINGS,
)


def an_event(type_: FlagEventType = ON, *, at: int = NOON, **changes: Any) -> FlagEvent:
    place = "" if type_ in (CREATED, SETTINGS) else "production"
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "project_key": "default",
        "environment_key": place,
        "flag_key": "pay",
        "type": type_,
        "happened_at": at,
    } | changes
    return FlagEvent(id=flag_event_id(ORG_ID, *fields.values()), **fields)


def tell(ledger: Ledger, *events: FlagEvent) -> None:
    for one in events:
        report = FlagReport(
            org_id=one.org_id, project_key=one.project_key, flag_key=one.flag_key, events=(one,)
        )
        ledger.write(record_flag_reports, report)


def serve(ledger: Ledger, minute_at: int, count: int, variation: str = "true", **changes: Any) -> None:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "project_key": "default",
        "environment_key": "production",
        "flag_key": "pay",
    }
    one = Evaluations(variation=variation, minute_at=minute_at, count=count, **fields | changes)
    ledger.write(record_evaluations, (one,))


def found(ledger: Ledger, **asked: Any) -> list[FlagEvent]:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "project_key": "default",
        "environment_key": "production",
        "limit": 10,
    }
    page = FlagEventsPage(**fields | asked)
    events = [one.event for one in ledger.read(find_flag_events, page, NOON + DAY)]
    assert len(events) <= ledger.read(count_flag_events, page)
    return events


def test_events_come_latest_first_and_are_told_once(ledger: Ledger) -> None:
    first, second, third = (an_event(at=NOON + number) for number in range(3))
    tell(ledger, second, first, third, first)

    assert [third, second, first] == found(ledger)


def test_events_are_narrowed(ledger: Ledger) -> None:
    on, created, renamed = an_event(), an_event(CREATED, at=NOON - 1), an_event(SETTINGS, at=NOON + 1)
    elsewhere = an_event(environment_key="test", at=NOON + 2)
    other = an_event(flag_key="Other_Flag", at=NOON + 3)
    tell(ledger, on, created, renamed, elsewhere, other)

    assert [other, renamed, on, created] == found(ledger)
    assert [other, on] == found(ledger, with_global=False)
    assert [other, on, created] == found(ledger, releases_only=True)
    assert [other] == found(ledger, query="r_f")
    assert [renamed, on, created] == found(ledger, flag_keys=["pay"])
    assert [on] == found(ledger, from_at=NOON, until_at=NOON)
    assert [] == found(ledger, project_key="other")


def test_events_come_in_pages_both_ways(ledger: Ledger) -> None:
    events = [an_event(at=NOON + number) for number in range(5)]
    tell(ledger, *events)
    e0, e1, e2, e3, e4 = events

    assert [e4, e3] == found(ledger, limit=2)
    assert [e2, e1] == found(ledger, limit=2, before=(e3.happened_at, e3.id))
    assert [e3, e2] == found(ledger, limit=2, after=(e1.happened_at, e1.id))
    assert [e0] == found(ledger, limit=2, before=(e1.happened_at, e1.id))


def test_the_impact_of_a_change_is_told_from_what_was_served_around_it(ledger: Ledger) -> None:
    event = an_event(at=NOON + 30)
    tell(ledger, event)
    serve(ledger, NOON - MINUTE_NS, 100, "false")
    serve(ledger, NOON, 50, "false")
    serve(ledger, NOON + 9 * MINUTE_NS, 50)
    for too_far in (NOON - 11 * MINUTE_NS, NOON + 10 * MINUTE_NS):
        serve(ledger, too_far, 1000)
    serve(ledger, NOON, 1000, flag_key="other")
    serve(ledger, NOON, 1000, environment_key="test")
    page = FlagEventsPage(org_id=ORG_ID, project_key="default", environment_key="production", limit=10)

    [told] = ledger.read(find_flag_events, page, NOON + DAY)
    [too_soon] = ledger.read(find_flag_events, page, NOON + 9 * MINUTE_NS)

    assert told.impact is not None
    assert (ImpactSize.MEDIUM, 50.0) == (told.impact.size, told.impact.percentage)
    assert ({"false": 100}, {"false": 50, "true": 50}) == (told.impact.before, told.impact.after)
    assert too_soon.impact is None


def test_the_count_of_a_minute_told_again_is_replaced(ledger: Ledger) -> None:
    event = an_event()
    tell(ledger, event)
    for count in (7, 3):
        serve(ledger, NOON, count)

    around = ledger.read(flag_history.evaluated_around, "production", [event])

    assert {event.id: ({}, {"true": 3})} == around


def test_what_was_served_stretches_from_first_to_last(ledger: Ledger) -> None:
    for minute in (5, 1, 9):
        serve(ledger, NOON + minute * MINUTE_NS, 1)
    serve(ledger, NOON + 60 * MINUTE_NS, 0)

    served = ledger.read(flag_history.served, ORG_ID, "default", "production")

    span = Served(variation="true", first_at=NOON + MINUTE_NS, last_at=NOON + 9 * MINUTE_NS)
    assert {"pay": [span]} == served


def test_flags_stand_by_what_was_told(ledger: Ledger) -> None:
    tell(ledger, an_event(CREATED, at=NOON - 40 * DAY), an_event(at=NOON - 39 * DAY))
    tell(ledger, an_event(CREATED, at=NOON - 40 * DAY, flag_key="quiet"))
    serve(ledger, NOON - DAY, 5)

    standings = ledger.read(flag_standings, ORG_ID, "default", "production", now=NOON, spans=Spans())

    assert [("pay", FlagStatus.LAUNCHED, True), ("quiet", FlagStatus.INACTIVE, True)] == [
        (one.flag.key, one.status, one.is_stale) for one in standings
    ]


def test_nobody_sees_what_happened_elsewhere(ledger: Ledger, other_org_id: OrgId) -> None:
    tell(ledger, an_event())
    serve(ledger, NOON, 5)

    assert [] == found(ledger, org_id=other_org_id)
    assert {} == ledger.read(flag_history.served, other_org_id, "default", "production")
