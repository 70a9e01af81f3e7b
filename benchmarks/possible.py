"""What nobody can exceed who stops 1 % of the releases that are as good as before.

Two bounds for a cell of `simulated_releases`:

known    of who knows both error rates beforehand (Neyman and Pearson);
unknown  of who, like every judge, does not know the error rate before and so has to keep the promise
         at every one of them. It is lower where errors are so few that they hardly tell the rate.

How many errors there were, of the release and before, is all that the minutes tell of the rates; the
rest is chance, and who lets it decide tosses a coin. So a judge, whatever it looks at, comes to a
probability of a stop for each pair of counts, and the best choice of these is a linear programme.
Not here: any judge.
"""

from typing import Any, Final

import numpy as np
from scipy import optimize, stats

from benchmarks.simulated_releases import WINDOW_MIN, Cell

PROMISED: Final = 0.01
MOST_OLD: Final = 160
"""Errors before: the linear programme goes no further."""
_MOST_NEW: Final = 8
_RATES: Final = 160


def known(cell: Cell) -> float:
    """Return the most that can be stopped of a cell by who knows both rates."""
    before, now = (stats.binom(cell.traffic, rate) for rate in (cell.base, cell.rate))
    errors = int(before.isf(PROMISED)) + 1
    # Of releases with one error less, as many as there is still leave to stop.
    left = PROMISED - before.sf(errors - 1)
    share = min(1.0, left / before.pmf(errors - 1))
    return float(now.sf(errors - 1) + share * now.pmf(errors - 1))


def possible(cell: Cell, baseline_h: int) -> float:
    """Return the most that can be stopped by who keeps the promise at every error rate.

    Where errors before are many they tell the rate, and the answer is that of `known`.
    """
    times = baseline_h * 60 / WINDOW_MIN
    if not cell.base or cell.traffic * cell.base * times > MOST_OLD / 2:
        return known(cell)
    found = _weights(cell.traffic, times, cell.rate, cell.base)
    # What is beyond the tables is taken to be found, and to be no false stop: both raise the bound.
    beyond = 1 - found.sum() - _without_errors(cell)
    rates = np.geomspace(1e-4, 1, _RATES) * MOST_OLD / (cell.traffic * times)
    false_stops = [_weights(cell.traffic, times, rate, rate) for rate in (*rates[rates <= 1], cell.base)]
    solved = optimize.linprog(
        -found, A_ub=np.array(false_stops), b_ub=np.full(len(false_stops), PROMISED), bounds=(0, 1)
    )
    return min(known(cell), float(-solved.fun + beyond))


def _weights(traffic: int, times: float, now: float, before: float) -> Any:
    """Return the probability of each pair of counts, of the release from one on."""
    new = stats.binom.pmf(np.arange(1, _MOST_NEW), traffic, now)
    old = stats.poisson.pmf(np.arange(MOST_OLD), traffic * times * before)
    return np.outer(new, old).ravel()


def _without_errors(cell: Cell) -> float:
    return float((1 - cell.rate) ** cell.traffic)
