"""What the formulas of a query come to: every metric measured once, in one transaction.

Not here: reading requests (`query_translate`) and shaping answers (`query_answers`).
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.dialects.datadog.query_arithmetic import Arithmetic, Sheet
from fairlead.dialects.datadog.query_translate import Asked, Plan, plan_of, sheet_of, window_of
from fairlead.dialects.datadog.query_tree import Series, Written, series_in
from fairlead.metrics.periods import Period
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Answer, Question, measure_delivery, periods_of


class Result(Struct, frozen=True):
    """What a formula came to."""

    written: Written
    sheet: Sheet
    periods: Sequence[Period]


def measure_written(transaction: Transaction, asked: Asked, queries: Sequence[Written]) -> list[Result]:
    """Return the values of queries that stand for themselves, each in periods of its own."""
    results = []
    for written in queries:
        plan = plan_of([written.formula], asked)
        measured = _measured(transaction, plan, series_in([written.formula]))
        sheets = {series: sheet_of(series, answer) for series, answer in measured.items()}
        sheet = Arithmetic(sheets, {}).result(written.formula)
        results.append(Result(written, sheet, periods_of(plan.question())))
    return results


def measure_points(
    transaction: Transaction, plan: Plan, queries: Sequence[Written], named: Mapping[str, Series]
) -> list[Result]:
    """Return the values of formulas over named metrics, all in the periods of the plan."""
    measured = _measured(transaction, plan, list(named.values()))
    sheets = {name: sheet_of(series, measured[series]) for name, series in named.items()}
    return _results(queries, sheets, periods_of(plan.question()))


def measure_window(
    transaction: Transaction,
    plan: Plan,
    queries: Sequence[Written],
    named: Mapping[str, tuple[Series, str]],
) -> list[Result]:
    """Return the one value of each formula in the window; with each metric comes its aggregator."""
    measured = _measured(transaction, plan, [series for series, _ in named.values()])
    sheets = {
        name: window_of(series, measured[series], aggregator) for name, (series, aggregator) in named.items()
    }
    return _results(queries, sheets, ())


def _results(
    queries: Sequence[Written], sheets: Mapping[str, Sheet], periods: Sequence[Period]
) -> list[Result]:
    arithmetic = Arithmetic({}, sheets)
    return [Result(written, arithmetic.result(written.formula), periods) for written in queries]


def _measured(transaction: Transaction, plan: Plan, wanted: Sequence[Series]) -> Mapping[Series, Answer]:
    found: dict[Question, Answer] = {}
    for question in dict.fromkeys(plan.question(series) for series in wanted):
        found[question] = measure_delivery(transaction, question)
    return {series: found[plan.question(series)] for series in wanted}
