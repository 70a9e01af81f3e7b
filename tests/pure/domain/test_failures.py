from typing import Any

import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.failures import Failure, same_failure_key, told_again
from tests.factories import MINUTE_NS, NOON, a_failure

ENDED_AT = NOON + 30 * MINUTE_NS


def start(**changes: Any) -> Failure:
    return a_failure(**{"id": "start", "finished_at": None} | changes)


def end(**changes: Any) -> Failure:
    return a_failure(**{"id": "end", "finished_at": ENDED_AT} | changes)


def test_a_start_and_an_end_are_one_failure_from_start_to_end() -> None:
    whole = told_again(start(), end())

    assert (NOON, ENDED_AT) == (whole.started_at, whole.finished_at)


def test_the_end_may_come_first() -> None:
    assert ENDED_AT == told_again(end(), start()).finished_at


def test_what_the_later_part_says_wins() -> None:
    whole = told_again(start(severity="High", name="Slow"), end(severity="Low", name=""))

    assert ("Low", "Slow") == (whole.severity, whole.name)


@pytest.mark.parametrize(
    "field", ["team", "version", "name", "severity", "repository_id", "repository_url", "commit_sha"]
)
def test_where_the_later_part_is_silent_the_earlier_stands(field: str) -> None:
    whole = told_again(start(**{field: "told first"}), end(**{field: ""}))

    assert "told first" == getattr(whole, field)


def test_services_and_tags_stand_as_well() -> None:
    whole = told_again(start(services=("a", "b"), tags=("x:1",)), end(services=(), tags=()))

    assert (("a", "b"), ("x:1",)) == (whole.services, whole.tags)


@pytest.mark.parametrize(("earlier", "later"), [(start(), start(name="")), (end(), end(name="", tags=()))])
def test_two_of_a_kind_are_a_correction(earlier: Failure, later: Failure) -> None:
    assert later == told_again(earlier, later)


def test_another_start_under_the_same_id_is_a_correction() -> None:
    later = end(started_at=NOON + 1, name="")

    assert later == told_again(start(), later)


@pytest.mark.parametrize(("earlier", "later"), [(start(), end()), (end(), start())])
def test_the_later_part_gives_the_id(earlier: Failure, later: Failure) -> None:
    assert later.id == told_again(earlier, later).id


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"services": ("a", "b")}, {"services": ("b", "a")}, True),
        ({"name": "a", "severity": "x"}, {"name": "b", "severity": "y"}, True),
        ({"team": "a"}, {"team": "b"}, True),
        ({"services": (), "team": "a"}, {"services": (), "team": "a"}, True),
        ({"services": (), "team": "a"}, {"services": (), "team": "b"}, False),
        ({"env": "prod"}, {"env": "dev"}, False),
        ({"started_at": NOON}, {"started_at": NOON + 1}, False),
        ({"services": ("a",)}, {"services": ("a", "b")}, False),
    ],
)
def test_environment_services_and_start_make_a_failure_the_same(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert same == (same_failure_key(a_failure(**one)) == same_failure_key(a_failure(**other)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"services": (), "team": ""}, "services"),
        ({"finished_at": NOON - 1}, "finished_at"),
        ({"started_at": 0, "finished_at": None}, "started_at"),
        ({"finished_at": 2**70}, "finished_at"),
    ],
)
def test_what_cannot_be_a_failure_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        a_failure(**changes)

    assert field == refused.value.field


def test_an_open_failure_has_no_duration() -> None:
    assert (None, 30 * MINUTE_NS) == (start().duration_ns, end().duration_ns)


def test_a_failure_may_end_when_it_started() -> None:
    assert 0 == a_failure(finished_at=NOON).duration_ns
