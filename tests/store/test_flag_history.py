"""What happened to flags and what they served, on both engines."""

from typing import Any

from fairlead.domain.access import OrgId
from fairlead.domain.flag_changes import FlagReport
from fairlead.domain.flag_events import Evaluations, FlagEvent, FlagEventType, flag_event_id
from fairlead.domain.flag_standing import FlagStatus, Served, Spans
from fairlead.store import flag_history
from fairlead.store.ledger import Ledger
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


def found(ledger: Ledger, org_id: OrgId = ORG_ID) -> list[FlagEvent]:
    return ledger.read(flag_history.events_of, org_id, "default", "pay")


def test_events_come_latest_first_and_are_told_once(ledger: Ledger) -> None:
    first, second, third = (an_event(at=NOON + number) for number in range(3))
    tell(ledger, second, first, third, first)

    assert [third, second, first] == found(ledger)


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

    assert [] == found(ledger, other_org_id)
    assert {} == ledger.read(flag_history.served, other_org_id, "default", "production")
