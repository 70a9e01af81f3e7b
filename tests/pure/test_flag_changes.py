from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fairlead.domain.flag_changes import FlagReport, WholeFlag, added_up, happened
from fairlead.domain.flag_events import FlagEvent, FlagEventType, Member, flag_event_id
from fairlead.domain.flags import FlagSetting
from tests.factories import NOON, ORG_ID, a_flag

PLACES = ("production", "test")
IN_A_PLACE = (FlagEventType.TURNED_ON, FlagEventType.TURNED_OFF, FlagEventType.RULES)


def an_event(type_: FlagEventType, *, at: int, place: str = "production") -> FlagEvent:
    return FlagEvent(
        org_id=ORG_ID,
        id=flag_event_id(ORG_ID, type_, at, place),
        project_key="default",
        environment_key=place,
        flag_key="new-gateway",
        type=type_,
        happened_at=NOON + at,
    )


def a_report(*events: FlagEvent, **changes: Any) -> FlagReport:
    return FlagReport(org_id=ORG_ID, project_key="default", flag_key="new-gateway", events=events, **changes)


def a_setting(**changes: Any) -> FlagSetting:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "project_key": "default",
        "flag_key": "new-gateway",
        "environment_key": "production",
        "changed_at": NOON,
    }
    return FlagSetting(**fields | changes)


def of(*reports: FlagReport) -> WholeFlag:
    whole: WholeFlag | None = None
    for report in reports:
        whole = added_up(whole, report)
    assert whole is not None
    return whole


switches = st.builds(
    an_event, st.sampled_from(IN_A_PLACE), at=st.integers(0, 6), place=st.sampled_from(PLACES)
)


@given(st.lists(switches, min_size=1, max_size=8), st.randoms())
def test_whatever_the_order_and_however_often_told_events_come_to_the_same(
    events: list[FlagEvent], random: Any
) -> None:
    reports = [a_report(event) for event in events]
    shuffled = reports * 2
    random.shuffle(shuffled)

    assert of(*reports) == of(*shuffled)


def test_a_flag_is_as_it_was_switched_last_whatever_else_changed() -> None:
    on, off = an_event(FlagEventType.TURNED_ON, at=1), an_event(FlagEventType.TURNED_OFF, at=3)
    rules = an_event(FlagEventType.RULES, at=9)

    found = of(a_report(rules), a_report(off), a_report(on)).settings["production"]

    assert (False, NOON + 3, NOON + 9) == (found.is_on, found.switched_at, found.changed_at)


def test_a_flag_that_nobody_told_of_begins_with_the_first_that_is_known_of_it() -> None:
    later, first = an_event(FlagEventType.TURNED_ON, at=5), an_event(FlagEventType.CREATED, at=1, place="")

    flag = of(a_report(later, name="Gateway", temporary=False), a_report(first)).flag

    assert ("Gateway", False, NOON + 1) == (flag.name, flag.temporary, flag.created_at)


def test_of_two_states_the_later_stands_and_the_earlier_creation() -> None:
    old = a_flag(name="Old", created_at=NOON - 5, updated_at=NOON + 1)
    new = a_flag(name="New", created_at=NOON, updated_at=NOON + 2)

    for reports in ([old, new], [new, old]):
        flag = of(*(a_report(flag=one) for one in reports)).flag
        assert ("New", NOON - 5) == (flag.name, flag.created_at)


def test_a_state_that_is_older_than_a_switch_does_not_undo_it() -> None:
    on = an_event(FlagEventType.TURNED_ON, at=5)
    state = a_report(settings=(a_setting(changed_at=NOON + 2),))

    assert of(state, a_report(on)).settings["production"].is_on
    assert of(a_report(on), state).settings["production"].is_on


def test_a_late_archiving_is_undone_by_a_restoring_that_came_first() -> None:
    archived = an_event(FlagEventType.ARCHIVED, at=1, place="")
    restored = an_event(FlagEventType.RESTORED, at=2, place="")

    assert of(a_report(restored), a_report(archived)).flag.archived_at is None
    assert NOON + 1 == of(a_report(archived)).flag.archived_at


@pytest.mark.parametrize(
    ("targeting", "expected"),
    [
        ({"rules": [1]}, FlagEventType.RULES),
        ({"targets": [1]}, FlagEventType.TARGETS),
        ({"fallthrough": {"variation": 1}}, FlagEventType.DEFAULT_RULE),
        ({"offVariation": 0}, FlagEventType.OFF_VARIATION),
        ({"prerequisites": [1]}, FlagEventType.PREREQUISITES),
    ],
)
def test_a_change_of_targeting_is_told_by_its_kind(
    targeting: dict[str, Any], expected: FlagEventType
) -> None:
    before = WholeFlag(flag=a_flag(), settings={"production": a_setting()})
    after = WholeFlag(flag=a_flag(), settings={"production": a_setting(targeting=targeting)})

    [event] = happened(before, after, NOON, Member())

    assert (expected, "production", True) == (event.type, event.environment_key, event.is_release)


def test_a_changed_description_is_no_release() -> None:
    before, after = (WholeFlag(flag=flag) for flag in (a_flag(), a_flag(description="Pays")))

    [event] = happened(before, after, NOON, Member())

    assert (FlagEventType.SETTINGS, "", False) == (event.type, event.environment_key, event.is_release)


def test_a_new_flag_that_is_on_was_created_and_turned_on() -> None:
    whole = WholeFlag(flag=a_flag(), settings={"production": replace(a_setting(), is_on=True)})

    events = happened(None, whole, NOON, Member())

    assert [FlagEventType.CREATED, FlagEventType.TURNED_ON] == [event.type for event in events]
    assert "Turned on the flag New gateway in production" == events[1].description
