"""A small version of the simulation in `benchmarks/verdicts.py`: the same draws every time."""

import numpy as np
import pytest
import scipy

from benchmarks.possible import known, possible
from benchmarks.simulated_releases import Cell, mann_whitney, simulated
from benchmarks.verdicts import broken, strictest

RELEASES = 600
SEED = 5
BASELINE_H = 3


@pytest.mark.parametrize(
    "cell",
    [
        Cell(100, 0.01, 0.01),
        Cell(1000, 0.001, 0.001),
        Cell(2000, 0.01, 0.01, resources=20),
        Cell(200, 0.01, 0.01, types=200),
        Cell(1000, 0.0, 0.0),
    ],
)
def test_a_release_that_is_as_before_is_stopped_once_in_a_hundred_at_most(cell: Cell) -> None:
    assert simulated(cell, RELEASES, SEED, BASELINE_H).stopped <= 0.01


@pytest.mark.parametrize(
    ("cell", "least"),
    [
        (Cell(1000, 0.0, 0.01), 0.98),
        (Cell(1000, 0.001, 0.005), 0.4),
        (Cell(10_000, 0.005, 0.01), 0.98),
        (Cell(100, 0.01, 0.05), 0.4),
    ],
)
def test_a_release_that_is_worse_is_stopped(cell: Cell, least: float) -> None:
    assert simulated(cell, RELEASES, SEED, BASELINE_H).stopped >= least


def test_where_errors_are_sparse_the_gate_finds_more_than_a_rank_test_that_keeps_the_same_promise() -> None:
    equal = [Cell(100, base, base) for base in (0.001, 0.005)]
    worse = [Cell(1000, base, base * factor) for base in (0.001, 0.005) for factor in (2, 5)]
    results = [simulated(cell, RELEASES, SEED, BASELINE_H) for cell in equal + worse]

    assert [] == broken(results, strictest(results))


def test_the_rank_test_beside_it_is_scipys() -> None:
    chance = np.random.default_rng(SEED)
    new, old = chance.poisson(1.0, (20, 15)) / 7, chance.poisson(0.7, (20, 40)) / 7
    expected = scipy.stats.mannwhitneyu(new, old, alternative="greater", method="asymptotic", axis=1).pvalue

    assert np.allclose(expected, mann_whitney(new, old))
    holes = np.concatenate([new, np.full((20, 3), np.nan)], axis=1)
    assert np.allclose(expected, mann_whitney(holes, old))


def test_nobody_can_find_more_than_who_knows_both_rates() -> None:
    # Of 100 requests with 1 % of errors 4 fail in 1.84 % of all cases, 5 in 0.34 %: that, and as many
    # of those with 4 as 1 % leaves.
    left = (0.01 - scipy.stats.binom.sf(4, 100, 0.01)) / scipy.stats.binom.pmf(4, 100, 0.01)
    expected = scipy.stats.binom.sf(4, 100, 0.05) + left * scipy.stats.binom.pmf(4, 100, 0.05)

    assert expected == pytest.approx(known(Cell(100, 0.01, 0.05)))
    assert pytest.approx(0.01) == known(Cell(100, 0.01, 0.01))


def test_who_does_not_know_the_rate_before_finds_less_where_errors_hardly_tell_it() -> None:
    # An error in 100 releases could be stopped if the rate were known. As it is not, one beside two
    # earlier ones cannot: at twice the rate that stops 1.4 of 100 in vain.
    cell = Cell(10, 0.001, 0.005)

    assert possible(cell, 24) == pytest.approx(0.0392, abs=0.0002)
    assert known(cell) == pytest.approx(0.0489, abs=0.0002)


def test_who_does_not_know_the_rate_before_finds_as_much_where_errors_tell_it() -> None:
    cell = Cell(1000, 0.005, 0.01)

    assert known(cell) == possible(cell, 24)
