"""Comparing two rates of rare events, such as errors per request, exactly.

With `x` events in `n` trials of the new and `y` in `m` of the old, and no difference in rate, the
events that there were in all, `x + y`, fall to the new with probability `n / (n + m)` each: a
binomial distribution in which the common rate, which nobody knows, no longer occurs. Nothing is
approximated, so it holds for three errors as for three thousand.

The exact probability stops less than is allowed in vain, because few errors leave few probabilities to
choose from. Mid-p takes that back on average over the total that there might have been instead, and so
only where that total was uncertain enough: where it is small beside the errors of the new, and the
old has several times its requests. Elsewhere it may stop half as much again as is allowed. Of a
single event of the new neither knows enough; there the total is not taken as given, and the answer is
the greatest probability that any common rate leaves.

Source: Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson series",
Biometrika 31 (1940); mid-p: Lancaster, "Significance tests in discrete distributions", JASA 56
(1961); without a given total: Barnard, "Significance tests for 2 x 2 tables", Biometrika 34 (1947);
the interval: Clopper and Pearson, Biometrika 26 (1934), for the share, from which the ratio of the
rates follows. Errors are drawn without replacement from requests, whose spread is a little
smaller than the Poisson one assumed here; so the test errs to the side of not finding anything.

Not here: several comparisons at once (`corrections`), and what is done about a difference.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from fairlead.domain.detection import Counted

_ENOUGH_STEPS = 10_000
_CLOSE = 1e-15
_CLOSE_ENOUGH = 1e-9
_TINY = 1e-300
_HALVINGS = 100
# Beyond these, which false stops at every common rate were worked out to need, mid-p stops too much.
_LEAST_BASELINE = 4
_SQUARES = 7
_LESS = 8
_MOST_BESIDE_ONE = 100


@lru_cache(maxsize=65_536)
def p_value(new: Counted, old: Counted, *, mid: bool) -> float:
    """Return how likely at least as many of the events are the new's if the rates are equal.

    With `mid`, the probability of exactly as many counts by half, where that may be done, and of a
    single one the total is not taken as given. 1 where nothing was tried.
    """
    if not new.requests or not old.requests:
        return 1.0
    share = new.requests / (new.requests + old.requests)
    events = new.errors + old.errors
    tail = _at_least(new.errors, events, share)
    if not mid or old.requests < _LEAST_BASELINE * new.requests:
        return tail
    if new.errors == 1:
        return min(tail, _of_one(old.errors, old.requests / new.requests))
    return tail - 0.5 * _exactly(new.errors, events, share) if _allows_mid(new, old) else tail


def _of_one(others: int, times: float) -> float:
    """Return how likely, at most, a single event of the new beside so few others is at any common rate.

    The old had `times` as many trials. More than one event of the new is even less like chance.
    """
    if others > _MOST_BESIDE_ONE:
        return 1.0
    expected = _worst_expectation(others)
    few = math.fsum(math.exp(_log_poisson(number, expected)) for number in range(others + 1))
    return expected / times * few + (expected / times) ** 2 / 2


@lru_cache(maxsize=_MOST_BESIDE_ONE + 1)
def _worst_expectation(others: int) -> float:
    """Return which expectation `t` of the old's events makes `t` times "at most `others`" greatest."""
    low, high = 0.0, others + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        few = math.fsum(math.exp(_log_poisson(number, middle)) for number in range(others + 1))
        if few > middle * math.exp(_log_poisson(others, middle)):
            low = middle
        else:
            high = middle
    return low


def _log_poisson(events: int, expected: float) -> float:
    return events * math.log(expected) - expected - math.lgamma(events + 1)


def _allows_mid(new: Counted, old: Counted) -> bool:
    """Tell whether the total, which the test takes as given, was uncertain enough for mid-p."""
    return new.errors + old.errors <= _SQUARES * new.errors**2 - _LESS


def least_p_value(new: Counted, old: Counted, *, mid: bool) -> float:
    """Return the p-value there would be if all of the events were the new's: none can be smaller."""
    events = new.errors + old.errors
    return p_value(Counted(events, new.requests), Counted(0, old.requests), mid=mid)


def ratio(new: Counted, old: Counted) -> float | None:
    """Return how many times the old rate the new one is; None where the old is zero or not known."""
    if not new.requests or not old.requests or not old.errors:
        return None
    return (new.errors / new.requests) / (old.errors / old.requests)


def ratio_interval(new: Counted, old: Counted, confidence: float) -> tuple[float, float | None]:
    """Return between which ratios of the rates the true one lies with at least `confidence`.

    The upper end is None where there is none, because the old may never have an event.
    """
    if not new.requests or not old.requests:
        return 0.0, None
    events, doubt = new.errors + old.errors, (1 - confidence) / 2
    scale = old.requests / new.requests
    low = 0.0 if not new.errors else _share_with(lambda share: _at_least(new.errors, events, share), doubt)
    if not old.errors:
        return scale * low / (1 - low) if low < 1 else math.inf, None
    high = _share_with(lambda share: _at_least(new.errors + 1, events, share), 1 - doubt)
    return scale * low / (1 - low), scale * high / (1 - high)


def _share_with(tail: Callable[[float], float], probability: float) -> float:
    """Return the share at which `tail`, which grows with it, reaches `probability`."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if tail(middle) < probability:
            low = middle
        else:
            high = middle
        if high - low <= _CLOSE_ENOUGH * high:
            break
    return (low + high) / 2


def _exactly(successes: int, trials: int, share: float) -> float:
    """Return the binomial probability of that many successes; `share` is neither 0 nor 1."""
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return math.exp(ways + successes * math.log(share) + (trials - successes) * math.log1p(-share))


def _at_least(successes: int, trials: int, share: float) -> float:
    """Return the binomial probability of that many successes or more."""
    if successes <= 0 or share >= 1:
        return 1.0
    if successes > trials or share <= 0:
        return 0.0
    return _incomplete_beta(successes, trials - successes + 1, share)


def _incomplete_beta(a: int, b: int, x: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction.

    Source: Abramowitz and Stegun 26.5.8, evaluated as Lentz does (Applied Optics 15, 1976).
    """
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(front) * _fraction(a, b, x) / a
    return 1 - math.exp(front) * _fraction(b, a, 1 - x) / b


def _fraction(a: int, b: int, x: float) -> float:
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for step in range(1, _ENOUGH_STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        d, c = 1 / _not_zero(1 + even * d), _not_zero(1 + even / c)
        value *= d * c
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        d, c = 1 / _not_zero(1 + odd * d), _not_zero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return value


def _not_zero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
