import asyncio
from typing import Any

import pytest

from fairlead.domain.access import KeyKind, OrgId
from fairlead.intake.allowances import Allowances, Spent
from fairlead.intake.callers import Caller
from fairlead.settings import Settings

NOWHERE = "redis://127.0.0.1:1"


def a_caller(**changes: Any) -> Caller:
    fields: dict[str, Any] = {
        "org_id": OrgId(1),
        "key_id": "k-1",
        "kind": KeyKind.API,
        "permissions": frozenset(),
        "rate_limit": "",
    }
    return Caller(**fields | changes)


def spent(allowances: Allowances, *callers: Caller) -> list[Spent | None]:
    async def one_after_another() -> list[Spent | None]:
        return [await allowances.spend(caller) for caller in callers]

    return asyncio.run(one_after_another())


def test_without_a_limit_nothing_is_counted() -> None:
    assert [None] == spent(Allowances(Settings()), a_caller())


def test_a_key_of_another_organisation_is_another_key() -> None:
    allowances = Allowances(Settings(rate_limit="1/hour"))

    answers = spent(allowances, a_caller(), a_caller(org_id=OrgId(2)), a_caller())

    assert [False, False, True] == [one.refused for one in answers if one]


def test_what_is_left_is_told_with_the_period() -> None:
    allowances = Allowances(Settings(rate_limit="3/minute"))

    first, second = (one.allowance for one in spent(allowances, a_caller(), a_caller()) if one)

    assert ("key", 3, 60, 2) == (first.name, first.limit, first.period_s, first.remaining)
    assert 1 == second.remaining
    assert 1 <= first.reset_s <= 60


@pytest.mark.parametrize(("ahead_s", "reset_s"), [(0, 60), (59.5, 1), (1000, 1)])
def test_seconds_to_wait_are_whole_and_never_none(ahead_s: float, reset_s: int) -> None:
    now_s = [0.0]
    allowances = Allowances(Settings(rate_limit="3/minute"), clock_s=lambda: now_s[0])
    (first,) = spent(allowances, a_caller())
    assert first is not None
    ends_s = first.allowance.reset_s

    now_s[0] = ends_s - 60 + ahead_s
    (second,) = spent(allowances, a_caller())

    assert second is not None
    assert abs(second.allowance.reset_s - reset_s) <= 1
    assert second.allowance.reset_s >= 1


def test_counters_that_cannot_be_reached_are_left_alone_for_a_while() -> None:
    now_s = [100.0]
    allowances = Allowances(
        Settings(rate_limit="1/hour", rate_limit_storage=NOWHERE), monotonic_s=lambda: now_s[0]
    )

    assert [None, None] == spent(allowances, a_caller(), a_caller())
    assert 105.0 == allowances._resting_until_s
    now_s[0] = 106.0
    assert [None] == spent(allowances, a_caller())
    assert 111.0 == allowances._resting_until_s
