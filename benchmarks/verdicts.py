"""How often a gate stops a release that is as good as before, and how often one that is worse.

    python -m benchmarks.verdicts                       10 000 releases in each cell, 24 hours before
    python -m benchmarks.verdicts --baseline-hours 3    a service that is deployed often
    python -m benchmarks.verdicts --sparse              only cells where errors are sparse
    python -m benchmarks.verdicts --releases 300        fewer, to see that it runs

What the gate stops stands beside what others do on the same releases:

gate     as it is, with its defaults
at 1 %   a Mann-Whitney test at its nominal level. It keeps no promise where errors are sparse, for
         its normal approximation does not hold there: what it finds more, it pays with false stops
as good  the same test at the strictest level at which it, too, stops at most 1 % in every cell where
         nothing changed, also where two or three errors are expected before, where it stops most.
         One level, for nobody knows from which cell a release comes. This is the comparison that
         counts: both judges keep one promise
traffic  the same again, with the strictest level that keeps the promise among releases with as many
         requests: harder to beat, for a judge that was made for each amount of traffic
best     no judge: the most that any can stop that stops at most 1 % of the good ones whatever their
         error rate is (`possible`). What a judge finds beyond it, it stops in vain elsewhere
of best  how much of that the gate reaches

A cell is sparse where fewer than one error a minute is expected of the release. In each of them the
gate has to stop no less than the test as good. Ends with 1 if a promise is not kept by more than the
simulation's own chance explains. That false stops stay below 1 % is worked out exactly in
`tests/pure/test_false_stops.py`. Not here: the judgement itself (`fairlead.gates`), how releases are
drawn (`simulated_releases`), and what is possible.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import numpy as np
from scipy import stats

from benchmarks.possible import PROMISED, possible
from benchmarks.simulated_releases import WINDOW_MIN, Cell, Result, simulated

TRAFFIC: Final = (10, 100, 1_000, 10_000, 100_000)
BASE_RATES: Final = (0.0, 0.0001, 0.001, 0.005, 0.01, 0.02, 0.05)
FACTORS: Final = (1.0, 1.5, 2.0, 5.0)
FROM_ZERO: Final = 0.01
# Errors expected before, where a test by minutes errs most: too few to tell the rate, enough to be one.
FEW_BEFORE: Final = (1.44, 1.92, 2.88)
NOMINAL: Final = 0.01
SURE: Final = 0.999


def cells(baseline_h: int) -> list[Cell]:
    """Return every cell of the grid, some between its rates, and some with much to compare."""
    grid = [
        Cell(traffic, base, base * factor) for traffic in TRAFFIC for base in BASE_RATES for factor in FACTORS
    ]
    grid = list(dict.fromkeys(cell for cell in grid if cell.base or cell.is_equal))
    grid += [Cell(traffic, 0.0, FROM_ZERO) for traffic in TRAFFIC]
    few = [before * WINDOW_MIN / (baseline_h * 60) for before in FEW_BEFORE]
    grid += [Cell(traffic, errors / traffic, errors / traffic) for traffic in TRAFFIC for errors in few]
    for traffic, base in ((1_000, 0.001), (1_000, 0.02), (20_000, 0.001), (20_000, 0.02)):
        grid += [Cell(traffic, base, base * factor, resources=20) for factor in (1, 5)]
    grid += [Cell(31_000, 0.0001, 0.0001 * factor, resources=31) for factor in (1, 50)]
    grid += [Cell(traffic, 0.01, 0.01, types=types) for traffic in (100, 1_000) for types in (5, 200)]
    return grid + [Cell(1_000, 0.01, 0.01, burst=burst) for burst in (2, 5)]


def strictest(results: Iterable[Result]) -> float:
    """Return the level at which the test, too, keeps its false stops within the promise."""
    level = NOMINAL
    for result in results:
        if result.cell.is_equal and result.p_values is not None:
            allowed = int(PROMISED * len(result.p_values))
            ordered = np.sort(result.p_values)
            # Just below the p-value of the first release too many.
            level = min(level, float(np.nextafter(ordered[allowed], 0)))
    return level


def strictest_by_traffic(results: Sequence[Result]) -> dict[int, float]:
    """Return the same among releases with as many requests."""
    return {
        traffic: strictest(one for one in results if one.cell.traffic == traffic)
        for traffic in {one.cell.traffic for one in results}
    }


def broken(results: Sequence[Result], level: float) -> list[str]:
    """Return which promises are not kept."""
    told = []
    for result in results:
        cell = result.cell
        if cell.is_equal and cell.burst == 1:
            most = stats.binom.ppf(SURE, result.releases, PROMISED)
            if result.stopped * result.releases > most:
                told.append(f"{_name(cell)}: {result.stopped:.2%} false stops")
        elif cell.is_sparse and result.p_values is not None and _is_worse(result, level):
            told.append(f"{_name(cell)}: stops {result.stopped:.1%}, the test {result.judged_at(level):.1%}")
    return told


def _is_worse(result: Result, level: float) -> bool:
    """Tell whether the gate stops less than the test, and more so than chance explains."""
    other = result.judged_at(level)
    noise = np.sqrt((result.stopped * (1 - result.stopped) + other * (1 - other)) / result.releases)
    return bool(other - result.stopped > stats.norm.ppf(SURE) * noise)


def _name(cell: Cell) -> str:
    spread = f" over {cell.resources} resources" if cell.resources > 1 else ""
    return f"{cell.traffic} requests{spread}, {_percent(cell.base)} to {_percent(cell.rate)}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.2g} %"


def main() -> int:
    """Simulate, print, and say whether the promises are kept."""
    options = _options()
    wanted = [cell for cell in cells(options.baseline_hours) if cell.is_sparse or not options.sparse]
    with ProcessPoolExecutor(options.processes) as processes:
        parameters = ([one] * len(wanted) for one in (options.releases, options.seed, options.baseline_hours))
        results = list(processes.map(simulated, wanted, *parameters))
    level, by_traffic = strictest(results), strictest_by_traffic(results)
    print(f"{options.releases} releases in each cell, after {options.baseline_hours} h as before: stopped by")
    print(f"the gate, by a Mann-Whitney test at 1 %, at {level:.2e} (as good), as good by traffic, at best\n")
    heads = (
        "requests",
        "before",
        "after",
        "errors",
        "gate",
        "at 1 %",
        "as good",
        "traffic",
        "best",
        "of best",
    )
    print("".join(f"{head:>10}" for head in heads))
    for result in results:
        most = possible(result.cell, options.baseline_hours)
        print(_line(result, level, by_traffic[result.cell.traffic], most))
    print("\n".join(("", *_summary(results, level, by_traffic, options.baseline_hours))))
    wrong = broken(results, level)
    for one in wrong:
        print(f"NOT KEPT: {one}")
    kept = "NOT KEPT" if wrong else "kept"
    print(f"false stops at most 1 %, where errors are sparse no worse than the test as good: {kept}")
    return 1 if wrong else 0


def _line(result: Result, level: float, by_traffic: float, most: float) -> str:
    cell = result.cell
    rates = "".join(f"{_percent(rate):>10}" for rate in (cell.base, cell.rate))
    first = f"{cell.traffic:>10}{rates}{cell.expected:>10.3g}{result.stopped:>10.2%}"
    if result.p_values is None:
        return f"{first}   {cell.resources} resources, {cell.types} types of errors, {cell.burst} at once"
    marks = " equal" if cell.is_equal else " sparse" if cell.is_sparse else ""
    others = [result.judged_at(one) for one in (NOMINAL, level, by_traffic)]
    reached = f"{result.stopped / most:>10.0%}" if most else " " * 10
    return first + "".join(f"{other:>10.2%}" for other in (*others, most)) + reached + marks


def _summary(
    results: Sequence[Result], level: float, by_traffic: Mapping[int, float], baseline_h: int
) -> Iterator[str]:
    """Say in how many sparse cells the gate stops more than the test, and in how many as much."""
    plain = [one for one in results if one.p_values is not None]
    sparse = [one for one in plain if one.cell.is_sparse and not one.cell.is_equal]
    levels = {one.cell: (level, by_traffic[one.cell.traffic]) for one in sparse}
    for place, name in enumerate(("as good", "as good by traffic")):
        others = [(one.stopped, one.judged_at(levels[one.cell][place])) for one in sparse]
        more, same = sum(gate > test for gate, test in others), sum(gate == test for gate, test in others)
        yield f"{len(sparse)} worse and sparse, test {name}: the gate stops more in {more}, as many in {same}"
    most = {one.cell: possible(one.cell, baseline_h) for one in sparse}
    over = [one for one in sparse if one.judged_at(NOMINAL) > most[one.cell]]
    yield f"the test at 1 % stops more than is possible at 1 % of false stops in {len(over)} of them"
    reached = [one.stopped / most[one.cell] for one in sparse]
    yield f"of what is possible in them the gate stops {min(reached):.0%} to {max(reached):.0%}"
    equal = [one for one in plain if one.cell.is_equal]
    worst, other = max(one.stopped for one in equal), max(one.judged_at(NOMINAL) for one in equal)
    yield f"false stops at most: gate {worst:.2%}, test at 1 % {other:.2%}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--releases", type=int, default=10_000)
    parser.add_argument("--baseline-hours", type=int, default=24)
    parser.add_argument("--sparse", action="store_true", help="only cells where errors are sparse")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
