"""The definitions of LaunchDarkly's product documentation, row by row."""

import pytest

from fairlead.domain.flag_standing import NS_PER_DAY, FlagStatus, Served, Spans, standing
from fairlead.domain.flags import FlagSetting
from tests.factories import NOON, ORG_ID, a_flag

NEW, ACTIVE, LAUNCHED, INACTIVE = FlagStatus
DAY = NS_PER_DAY
SPANS = Spans()


def a_setting(*, is_on: bool = True, changed_days_ago: float = 20) -> FlagSetting:
    return FlagSetting(
        org_id=ORG_ID,
        project_key="default",
        flag_key="new-gateway",
        environment_key="production",
        is_on=is_on,
        changed_at=NOON - int(changed_days_ago * DAY),
    )


def seen(*days_ago: float) -> list[Served]:
    """Return one variation for each number of days since it was last seen."""
    return [
        Served(variation=str(number), first_at=NOON - 90 * DAY, last_at=NOON - int(days * DAY))
        for number, days in enumerate(days_ago)
    ]


@pytest.mark.parametrize(
    ("created_days_ago", "setting", "served", "expected"),
    [
        (6.9, a_setting(changed_days_ago=6.9), [], NEW),
        (0, None, [], NEW),
        (7, a_setting(), [], INACTIVE),
        (100, a_setting(), seen(7), INACTIVE),
        (100, a_setting(is_on=False), seen(400), INACTIVE),
        (1, a_setting(changed_days_ago=1), seen(0.1), ACTIVE),
        (100, a_setting(), seen(0.1, 6.9), ACTIVE),
        (100, a_setting(), seen(0.1, 0.1), ACTIVE),
        (100, a_setting(changed_days_ago=6.9), seen(0.1), ACTIVE),
        (100, a_setting(is_on=False), seen(0.1), ACTIVE),
        (100, None, seen(0.1), ACTIVE),
        (100, a_setting(changed_days_ago=7), seen(0.1), LAUNCHED),
        (100, a_setting(), seen(0.1, 7), LAUNCHED),
    ],
)
def test_a_flag_stands_as_it_is_documented(
    created_days_ago: float, setting: FlagSetting | None, served: list[Served], expected: FlagStatus
) -> None:
    flag = a_flag(created_at=NOON - int(created_days_ago * DAY))

    assert expected is standing(flag, setting, served, NOON, SPANS).status


@pytest.mark.parametrize(
    ("created_days_ago", "served", "expected"),
    [
        (30, [], True),
        (29.9, [], False),
        (30, seen(7), True),
        (30, seen(6.9), True),  # launched: one variation, unchanged for 20 days
        (30, seen(6.9, 6.9), False),  # active
    ],
)
def test_a_flag_is_stale_when_it_is_old_and_has_been_quiet(
    created_days_ago: float, served: list[Served], expected: bool
) -> None:
    flag = a_flag(created_at=NOON - int(created_days_ago * DAY))

    assert expected is standing(flag, a_setting(), served, NOON, SPANS).is_stale


@pytest.mark.parametrize("changes", [{"temporary": False}, {"archived_at": NOON}, {"deleted_at": NOON}])
def test_a_flag_that_stays_or_is_gone_is_never_stale(changes: dict[str, object]) -> None:
    flag = a_flag(created_at=NOON - 100 * DAY, **changes)

    assert not standing(flag, a_setting(), [], NOON, SPANS).is_stale


def test_a_flag_has_to_be_quiet_for_as_long_as_is_set() -> None:
    flag = a_flag(created_at=NOON - 100 * DAY)
    spans = Spans(quiet_ns=20 * DAY)

    assert standing(flag, a_setting(changed_days_ago=20), seen(1), NOON, spans).is_stale
    assert not standing(flag, a_setting(changed_days_ago=19.9), seen(1), NOON, spans).is_stale


def test_what_old_means_can_be_set() -> None:
    flag = a_flag(created_at=NOON - 60 * DAY)

    assert not standing(flag, None, [], NOON, Spans(old_ns=90 * DAY)).is_stale


def test_nothing_is_said_of_quiet_while_a_flag_is_active() -> None:
    told = standing(a_flag(created_at=NOON - 60 * DAY), a_setting(), seen(1, 2), NOON, SPANS)

    assert (None, NOON - DAY) == (told.quiet_since, told.last_evaluated_at)
