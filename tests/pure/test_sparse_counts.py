"""The exact comparison of sparse counts, beside SciPy's."""

import math

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.domain.detection import Counted
from fairlead.gates.sparse_counts import least_p_value, p_value, ratio, ratio_interval

CASES = [
    (Counted(3, 100), Counted(0, 400)),
    (Counted(25, 500), Counted(1, 2000)),
    (Counted(0, 10), Counted(7, 10)),
    (Counted(10, 10), Counted(10, 10)),
    (Counted(40, 1000), Counted(300, 10_000)),
    (Counted(5000, 100_000), Counted(60_000, 1_200_000)),
]


@pytest.mark.parametrize(("new", "old"), CASES)
def test_the_exact_p_value_is_that_of_the_binomial_test(new: Counted, old: Counted) -> None:
    share = new.requests / (new.requests + old.requests)
    expected = scipy.stats.binomtest(new.errors, new.errors + old.errors, share, alternative="greater").pvalue

    assert math.isclose(expected, p_value(new, old, mid=False), rel_tol=1e-8)


@pytest.mark.parametrize(("new", "old"), [CASES[0], CASES[1], CASES[4], CASES[5]])
def test_the_mid_p_value_counts_what_was_seen_by_half(new: Counted, old: Counted) -> None:
    binomial = scipy.stats.binom(new.errors + old.errors, new.requests / (new.requests + old.requests))
    expected = binomial.sf(new.errors) + 0.5 * binomial.pmf(new.errors)

    assert math.isclose(expected, p_value(new, old, mid=True), rel_tol=1e-8, abs_tol=1e-300)


@pytest.mark.parametrize(("new", "old"), CASES)
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_the_interval_of_the_ratio_follows_from_clopper_and_pearson(
    new: Counted, old: Counted, confidence: float
) -> None:
    share = scipy.stats.binomtest(new.errors, new.errors + old.errors).proportion_ci(confidence, "exact")
    scale = old.requests / new.requests

    low, high = ratio_interval(new, old, confidence)

    assert math.isclose(scale * share.low / (1 - share.low), low, rel_tol=1e-6)
    if high is None:
        assert 1.0 == share.high
    else:
        assert math.isclose(scale * share.high / (1 - share.high), high, rel_tol=1e-4)


@pytest.mark.parametrize(("new", "old"), [*CASES[:2], (Counted(60, 1000), Counted(300, 10_000))])
def test_the_test_errs_to_the_side_of_fishers(new: Counted, old: Counted) -> None:
    table = [[one.errors, one.requests - one.errors] for one in (new, old)]
    fisher = scipy.stats.fisher_exact(table, alternative="greater").pvalue

    assert p_value(new, old, mid=False) >= fisher * (1 - 1e-9)


@given(st.integers(0, 60), st.integers(60, 10_000), st.integers(0, 60), st.integers(60, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_p_value_is_a_probability_that_falls_with_each_error(x: int, n: int, y: int, m: int) -> None:
    new, more, old = Counted(x, n), Counted(x + 1, n), Counted(y, m)

    assert 0 <= p_value(more, old, mid=False) <= p_value(new, old, mid=False) * (1 + 1e-9) <= 1 + 1e-9
    assert p_value(new, old, mid=True) <= p_value(new, old, mid=False)
    assert least_p_value(new, old, mid=True) <= p_value(new, old, mid=True) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        # 21 errors in all, two of the new: there would have been more or fewer only by a few.
        (Counted(2, 100), Counted(19, 10_000)),
        # Earlier versions answered too little.
        (Counted(3, 100), Counted(1, 399)),
    ],
)
def test_where_mid_p_would_stop_too_much_the_exact_p_value_is_the_answer(new: Counted, old: Counted) -> None:
    one_less = Counted(max(0, old.errors - 1), 40_000)

    assert p_value(new, old, mid=True) == p_value(new, old, mid=False)
    assert p_value(new, one_less, mid=True) < p_value(new, one_less, mid=False)


@pytest.mark.parametrize(("others", "times"), [(0, 96), (1, 96), (2, 150), (4, 400), (26, 2000)])
def test_a_single_error_is_as_likely_as_the_common_rate_at_which_it_is_likeliest(
    others: int, times: int
) -> None:
    # At most so many errors of the old, and one of the new or, as rarely as this, two.
    rates = np.linspace(0.1, others + 2, 2000) / times
    likely = scipy.stats.poisson.cdf(others, rates * times) * rates + rates**2 / 2

    found = p_value(Counted(1, 100), Counted(others, 100 * times), mid=True)

    assert math.isclose(likely[np.argmax(likely - rates**2 / 2)], found, rel_tol=1e-4)


def test_a_single_error_beside_very_many_or_too_few_requests_is_what_the_exact_test_says() -> None:
    for old in (Counted(101, 40_000_000), Counted(0, 399)):
        assert p_value(Counted(1, 100), old, mid=False) == p_value(Counted(1, 100), old, mid=True)


def test_nothing_can_be_said_without_requests() -> None:
    nothing, some = Counted(0, 0), Counted(3, 10)

    assert (1.0, 1.0) == (p_value(nothing, some, mid=True), p_value(some, nothing, mid=False))
    assert (None, None) == (ratio(some, nothing), nothing.rate)
    assert (0.0, None) == ratio_interval(nothing, some, 0.99)


def test_no_error_on_either_side_says_nothing() -> None:
    none = Counted(0, 1000)

    assert 1.0 == p_value(none, none, mid=False)
    assert ratio(none, none) is None
    assert (0.0, None) == ratio_interval(none, none, 0.99)


def test_the_ratio_is_that_of_the_rates() -> None:
    assert 100.0 == ratio(Counted(25, 500), Counted(1, 2000))
