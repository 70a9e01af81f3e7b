import pytest

from fairlead.domain.flag_impact import ImpactSize, impact

NONE, SMALL, MEDIUM, LARGE = ImpactSize


@pytest.mark.parametrize(
    ("before", "after", "percentage", "size"),
    [
        ({"a": 10}, {"a": 500}, 0, NONE),
        ({"a": 1, "b": 2}, {"a": 300, "b": 600}, 0, NONE),
        ({"a": 100}, {"a": 81, "b": 19}, 19, SMALL),
        ({"a": 100}, {"a": 80, "b": 20}, 20, MEDIUM),
        ({"a": 100}, {"a": 10, "b": 40}, 80, MEDIUM),
        ({"a": 100}, {"a": 19, "b": 81}, 81, LARGE),
        ({"a": 100}, {"b": 1}, 100, LARGE),
        ({"a": 50, "b": 50}, {"b": 50, "c": 50}, 50, MEDIUM),
    ],
)
def test_the_impact_is_the_share_that_moved(
    before: dict[str, int], after: dict[str, int], percentage: float, size: ImpactSize
) -> None:
    told = impact(before, after)

    assert told is not None
    assert (percentage, size) == (round(told.percentage, 9), told.size)


@pytest.mark.parametrize(("before", "after"), [({}, {"a": 1}), ({"a": 1}, {}), ({}, {})])
def test_without_evaluations_on_both_sides_there_is_no_impact(
    before: dict[str, int], after: dict[str, int]
) -> None:
    assert impact(before, after) is None
