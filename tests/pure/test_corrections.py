"""Sharing the allowed error over looks and comparisons."""

import math

import pytest

from fairlead.domain.detection import Correction
from fairlead.gates.corrections import Look, looks, threshold


def test_looks_halve_the_way_to_the_end() -> None:
    assert [125, 250, 500, 1000] == [look.at for look in looks(0, 1000, 4)]


@pytest.mark.parametrize("number", [1, 2, 4, 20])
def test_the_shares_of_all_looks_are_all_there_is_and_the_last_has_most(number: int) -> None:
    shares = [look.share for look in looks(0, 10**12, number)]

    assert math.isclose(1.0, sum(shares))
    assert shares == sorted(shares)


def test_a_rule_that_ends_where_it_begins_looks_once() -> None:
    assert [Look(7, 1.0)] == looks(7, 7, 4)


@pytest.mark.parametrize(
    ("least", "correction", "expected"),
    [
        ([], Correction.TARONE, 0.01),
        ([0.001] * 4, Correction.NONE, 0.01),
        ([0.001] * 4, Correction.BONFERRONI, 0.0025),
        ([0.001] * 4, Correction.TARONE, 0.0025),
        # Three of the five could not find anything at a level of 0.005, and take no part of it.
        ([0.0001, 0.001, 0.02, 0.5, 1.0], Correction.TARONE, 0.005),
        ([1.0] * 50 + [0.00001], Correction.TARONE, 0.01),
    ],
)
def test_the_threshold_is_shared_among_the_comparisons(
    least: list[float], correction: Correction, expected: float
) -> None:
    assert math.isclose(expected, threshold(0.01, least, correction))
