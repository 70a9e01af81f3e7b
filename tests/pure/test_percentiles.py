"""Percentiles worked out by hand: the one definition, whichever way they are taken."""

import polars as pl
import pytest

from fairlead.metrics import percentiles
from fairlead.metrics.percentiles import Durations, told_by, told_of

SECOND = 10**9
DURATIONS = Durations(spreads=("a",), middles=("b",))


def a_frame(*seconds: int | None) -> pl.DataFrame:
    values = [None if one is None else one * SECOND for one in seconds]
    return pl.DataFrame({"key": [1] * len(values), "a": values, "b": values[::-1]}, schema_overrides=SCHEMA)


SCHEMA = {"a": pl.Int64, "b": pl.Int64}


@pytest.mark.parametrize(
    ("seconds", "median", "p75", "p90", "p95"),
    [
        # The place is the share of n - 1, counted from 0.
        ((7,), 7.0, 7.0, 7.0, 7.0),
        ((1, 3), 2.0, 2.5, 2.8, 2.9),
        ((3, 1, 2), 2.0, 2.5, 2.8, 2.9),
        ((40, 10, 30, 20), 25.0, 32.5, 37.0, 38.5),
        ((0, None, 10, None), 5.0, 7.5, 9.0, 9.5),
        (tuple(range(101)), 50.0, 75.0, 90.0, 95.0),
    ],
)
@pytest.mark.parametrize("few", [0, 10**9])
def test_a_percentile_lies_in_a_straight_line_between_two_values(
    seconds: tuple[int | None, ...], median: float, p75: float, p90: float, *, p95: float, few: int
) -> None:
    frame = a_frame(*seconds)
    count = sum(one is not None for one in seconds)
    expected = {"a.count": count, "a.median_s": median, "a.p75_s": p75, "a.p90_s": p90, "a.p95_s": p95}
    expected |= {"b.count": count, "b.median_s": median}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(percentiles, "_WORTH_THREADS", few)

        told = told_of(frame, DURATIONS)

    by_group: dict[str, float] = {}
    for row in told_by(frame, DURATIONS, ["key"]):
        by_group |= row
    for found in (told, by_group):
        assert {name: pytest.approx(value) for name, value in expected.items()} == {
            name: found[name] for name in expected
        }


def test_of_nothing_nothing_is_said() -> None:
    assert {} == told_of(a_frame(None, None), DURATIONS)
    assert {} == told_of(a_frame(), DURATIONS)
    assert [] == [*told_by(a_frame(None), DURATIONS, ["key"])]
