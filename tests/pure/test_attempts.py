"""Attempts: whatever order events arrive in, and however often, they add up to the same."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.domain.attempts import (
    Attempt,
    AttemptEvent,
    AttemptKind,
    AttemptStatus,
    Correction,
    EventType,
    Series,
    attempts_of,
    corrected,
)
from tests.factories import MINUTE_NS, NOON, ORG_ID

SERIES = Series(ORG_ID, "default", "production", "billing-service", "a90a8a2")


def an_event(type: str, minutes: int, **changes: Any) -> AttemptEvent:
    """Return an event so many minutes after noon."""
    at = NOON + minutes * MINUTE_NS
    return AttemptEvent(series=SERIES, type=EventType(type), at=at, received_at=NOON, **changes)


def told(*events: AttemptEvent) -> list[tuple[str, int, int | None]]:
    """Return what events add up to: how each attempt stands, and its minutes after noon."""

    def minutes(at: int | None) -> int | None:
        return None if at is None else (at - NOON) // MINUTE_NS

    return [
        (one.status.value, minutes(one.started_at) or 0, minutes(one.ended_at))
        for one in attempts_of(SERIES, events)
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], []),
        ([("started", 0)], [("started", 0, None)]),
        ([("started", 0), ("finished", 5)], [("finished", 0, 5)]),
        ([("started", 0), ("failed", 5)], [("failed", 0, 5)]),
        ([("finished", 5)], [("finished", 5, 5)]),
        ([("failed", 5)], [("failed", 5, 5)]),
        ([("started", 5), ("finished", 5)], [("finished", 5, 5)]),
        ([("started", 0), ("started", 2), ("finished", 5)], [("finished", 0, 5)]),
        ([("started", 0), ("finished", 5), ("finished", 7)], [("finished", 0, 5)]),
        ([("started", 0), ("failed", 5), ("finished", 7)], [("finished", 0, 7)]),
        ([("started", 0), ("finished", 5), ("failed", 7)], [("finished", 0, 5)]),
        ([("finished", 5), ("started", 6)], [("finished", 5, 5), ("started", 6, None)]),
        (
            [("started", 0), ("finished", 5), ("started", 6), ("failed", 9), ("started", 10)],
            [("finished", 0, 5), ("failed", 6, 9), ("started", 10, None)],
        ),
        ([("custom", 1)], []),
        ([("started", 0), ("custom", 3), ("finished", 5), ("custom", 9)], [("finished", 0, 5)]),
    ],
)
def test_events_add_up_to_attempts(
    events: list[tuple[str, int]], expected: list[tuple[str, int, int | None]]
) -> None:
    assert expected == told(*(an_event(*event) for event in events))


def test_an_attempt_after_the_first_is_a_redeployment() -> None:
    found = attempts_of(SERIES, [an_event("finished", 1), an_event("started", 2)])

    assert [None, AttemptKind.REDEPLOYMENT] == [one.kind for one in found]
    assert 2 == len({one.id for one in found})


def test_metadata_come_together_and_the_later_word_wins() -> None:
    events = [
        an_event("custom", 0, deployment_metadata={"a": 0, "b": 0}),
        an_event("started", 1, deployment_metadata={"a": 1, "c": 1}, version_name="v1"),
        an_event("finished", 2, deployment_metadata={"c": None}, version_name="v1.0"),
        an_event("custom", 3, deployment_metadata={"d": [1]}),
        an_event("started", 4, deployment_metadata={"d": 4}),
    ]
    first, second = attempts_of(SERIES, reversed(events))

    assert ({"a": 1, "b": 0, "c": None, "d": [1]}, "v1.0") == (first.metadata, first.version_name)
    assert {"d": 4} == second.metadata


EVENT = st.builds(
    an_event,
    st.sampled_from([one.value for one in EventType]),
    st.integers(0, 6),
    deployment_metadata=st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2),
    version_name=st.sampled_from(["", "one", "two"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENT, max_size=8), st.data())
def test_any_order_and_any_repetition_come_to_the_same(
    events: list[AttemptEvent], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(events), max_size=4)) if events else []
    shuffled = data.draw(st.permutations([*events, *repeats]))

    assert attempts_of(SERIES, events) == attempts_of(SERIES, shuffled)


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENT, max_size=8))
def test_attempts_follow_one_another_and_only_the_last_may_run(events: list[AttemptEvent]) -> None:
    found = attempts_of(SERIES, events)

    assert list(range(len(found))) == [one.ordinal for one in found]
    for one in found:
        assert one.ended_at is None or one.started_at <= one.ended_at
        assert (one.status is AttemptStatus.STARTED) == (one.ended_at is None)
    for one, following in pairwise(found):
        assert one.ended_at is not None
        assert one.ended_at <= following.started_at


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Correction(status=AttemptStatus.FINISHED, ended_at=NOON + 9), ("finished", NOON, NOON + 9)),
        (Correction(status=AttemptStatus.FAILED), ("failed", NOON, NOON)),
        (Correction(started_at=NOON - 5), ("started", NOON - 5, None)),
        (Correction(ended_at=NOON + 5), ("started", NOON, None)),
        (Correction(status=AttemptStatus.FINISHED, ended_at=NOON - 5), ("finished", NOON, NOON)),
    ],
)
def test_the_status_somebody_says_stands(said: Correction, expected: tuple[str, int, int | None]) -> None:
    [running] = attempts_of(SERIES, [an_event("started", 0)])
    one: Attempt = corrected(running, said)

    assert expected == (one.status.value, one.started_at, one.ended_at)
