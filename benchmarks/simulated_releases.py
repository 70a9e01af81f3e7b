"""Releases by chance, as `benchmarks/verdicts.py` has them judged.

A release answers its requests within 15 minutes, after hours in which an earlier version answered as
many every 15 minutes. Requests fall to minutes by chance, and so do errors to requests. The gate
judges it as it does in life, at each of its looks, with its defaults. Beside it stands a one-sided
Mann-Whitney test on the error rates of the same minutes, at the end of the window.

A release without errors is stopped by neither, and no more of it is drawn. Not here: which cells there
are, and what is promised of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from fairlead.domain.detection import Counted, Detection, ResourceSeen
from fairlead.gates.corrections import Look, looks
from fairlead.gates.version_comparison import judge

WINDOW_MIN: Final = 15
MOST_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Cell:
    """Releases of one kind."""

    traffic: int
    """Requests of the release in its window."""
    base: float
    """Error rate of the version before."""
    rate: float
    """Error rate of the release."""
    resources: int = 1
    """Over how many the traffic spreads; the first has the release's rate, the others the base's."""
    types: int = 1
    """Of errors, the n-th with a share of 1/n; with 1, none of them is new."""
    burst: int = 1
    """How many errors come together."""

    @property
    def is_equal(self) -> bool:
        """Nothing changed."""
        return self.rate == self.base

    @property
    def is_plain(self) -> bool:
        """One resource, one type of error, each error by itself: what the other test can judge, too."""
        return self.resources == self.types == self.burst == 1

    @property
    def expected(self) -> float:
        """Errors expected of the release, on the resource that may have changed."""
        return self.traffic * self.rate / self.resources

    @property
    def is_sparse(self) -> bool:
        """Fewer than one error a minute is expected of the release."""
        return 0 < self.expected < WINDOW_MIN


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the releases of a cell."""

    cell: Cell
    releases: int
    stopped: float
    """Share that the gate stopped."""
    p_values: Any
    """Of the Mann-Whitney test, one for each release; None where it was not asked."""

    def judged_at(self, level: float) -> float:
        """Return the share that the test stops at a level."""
        return float(np.mean(self.p_values <= level))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Releases with at least one error: errors and requests by release, resource and minute."""

    new: Any
    new_n: Any
    old: Any
    old_n: Any


def simulated(cell: Cell, releases: int, seed: int, baseline_h: int) -> Result:
    """Simulate releases of one kind, and judge them both ways."""
    parts = cell.traffic, cell.base, cell.rate, cell.resources, cell.types, cell.burst
    chance = np.random.default_rng((seed, *(int(part * 1e6) for part in parts)))
    stopped, p_values = 0, np.ones(releases)
    for done in range(0, releases, MOST_AT_ONCE):
        drawn = _drawn(cell, chance, min(MOST_AT_ONCE, releases - done), baseline_h)
        stopped += sum(_is_stopped(cell, chance, drawn, row) for row in range(len(drawn.new)))
        if cell.is_plain and len(drawn.new):
            # One that is stopped at no level keeps its p-value of 1.
            new = _rates(drawn.new[:, 0], drawn.new_n[:, 0])
            p_values[done : done + len(new)] = mann_whitney(new, _rates(drawn.old[:, 0], drawn.old_n[:, 0]))
    return Result(cell, releases, stopped / releases, p_values if cell.is_plain else None)


def _drawn(cell: Cell, chance: Any, releases: int, baseline_h: int) -> _Drawn:
    each = cell.traffic // cell.resources
    new_n = chance.multinomial(each, [1 / WINDOW_MIN] * WINDOW_MIN, (releases, cell.resources))
    rates = np.full((cell.resources, 1), cell.base)
    rates[0] = cell.rate
    if cell.burst == 1:
        new = chance.binomial(new_n, rates)
    else:
        new = np.minimum(new_n, cell.burst * chance.poisson(new_n * rates / cell.burst))
    has_errors = new.sum(axis=(1, 2)) > 0
    new, new_n = new[has_errors], new_n[has_errors]
    # Only the test that judges minutes needs to know them.
    minutes = baseline_h * 60 if cell.is_plain else 1
    mean = each * baseline_h * 60 / WINDOW_MIN / minutes
    shape = len(new), cell.resources, minutes
    old = cell.burst * chance.poisson(mean * cell.base / cell.burst, shape)
    return _Drawn(new, new_n, old, old + chance.poisson(mean * (1 - cell.base), shape))


def _rates(errors: Any, requests: Any) -> Any:
    """Return error rates, and NaN where there were no requests."""
    return np.divide(errors, requests, out=np.full(errors.shape, np.nan), where=requests > 0)


def _is_stopped(cell: Cell, chance: Any, drawn: _Drawn, row: int) -> bool:
    """Tell whether the gate stops a release at any of its looks."""
    detection = Detection()
    seen, answered = np.cumsum(drawn.new[row], axis=1), np.cumsum(drawn.new_n[row], axis=1)
    before, earlier = drawn.old[row].sum(axis=1), drawn.old_n[row].sum(axis=1)
    types = _types(cell, chance, drawn.new[row, 0], int(before[0])) if cell.types > 1 else None
    for minute, look in _plan(detection):
        resources = [
            ResourceSeen(
                source="simulated",
                resource=str(place),
                new=Counted(int(seen[place, minute]), int(answered[place, minute])),
                old=Counted(int(before[place]), int(earlier[place])),
                **(_new_and_rare(types[0][minute], types[1]) if types and not place else {}),
            )
            for place in range(cell.resources)
        ]
        if judge(resources, detection, look.share).at_fault:
            return True
    return False


def _plan(detection: Detection) -> Iterator[tuple[int, Look]]:
    """Yield the last whole minute that each look sees."""
    for look in looks(0, WINDOW_MIN * 60, detection.looks):
        yield min(WINDOW_MIN - 1, -(-look.at // 60) - 1), look


def _types(cell: Cell, chance: Any, errors: Any, before: int) -> tuple[Any, Any]:
    """Return how many errors of each type there were up to each minute, and before."""
    weights = 1 / np.arange(1, cell.types + 1)
    weights /= weights.sum()
    return np.cumsum(chance.multinomial(errors, weights), axis=0), chance.multinomial(before, weights)


def _new_and_rare(now: Any, before: Any) -> dict[str, Any]:
    new = [(str(place), int(now[place])) for place in np.flatnonzero((now > 0) & (before == 0))]
    most = max((errors for _, errors in new), default=0)
    return {"new_types": tuple(new), "rare_types": tuple(int(one) for one in before if 0 < one <= most)}


def mann_whitney(new: Any, old: Any) -> Any:
    """Return one-sided p-values for rows of samples, by the normal approximation, corrected for ties.

    NaN is no sample. The same as SciPy's `mannwhitneyu(…, alternative="greater")`, for all rows at once.
    """
    sizes, others = (~np.isnan(new)).sum(axis=1), (~np.isnan(old)).sum(axis=1)
    above = sum((column > old).sum(axis=1) + 0.5 * (column == old).sum(axis=1) for column in _columns(new))
    both = np.sort(np.concatenate([new, old], axis=1), axis=1)
    total = sizes + others
    starts = np.concatenate([np.ones((len(both), 1), bool), both[:, 1:] != both[:, :-1]], axis=1)
    starts &= ~np.isnan(both)
    # A NaN starts no run; those at the end would only lengthen the last one.
    runs = np.cumsum(starts, axis=1) - 1 + np.arange(len(both))[:, np.newaxis] * both.shape[1]
    lengths = np.bincount(runs[~np.isnan(both)], minlength=both.size).reshape(both.shape).astype(float)
    ties = (lengths**3 - lengths).sum(axis=1)
    with np.errstate(all="ignore"):
        spread = np.sqrt(sizes * others / 12 * ((total + 1) - ties / (total * (total - 1))))
        p_values = stats.norm.sf((above - sizes * others / 2 - 0.5) / spread)
    return np.where(np.isfinite(p_values) & (spread > 0), p_values, 1.0)


def _columns(samples: Any) -> Any:
    return (samples[:, [place]] for place in range(samples.shape[1]))
