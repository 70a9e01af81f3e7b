"""What a formula comes to, value by value, once its metrics are measured.

Unknown stays unknown: what is worked out with a missing value, or divided by 0, is missing.
Not here: the measuring (`usecases.measure_delivery`).
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from msgspec import Struct

from fairlead.dialects.datadog.query_metrics import Unit
from fairlead.dialects.datadog.query_tree import Binary, Call, Formula, Number, Reference, Series
from fairlead.domain.errors import Rejected
from fairlead.metrics.groups import Values

Column = Sequence[float | None]
_SIGNS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Sheet(Struct, frozen=True):
    """Values by group; every column has one for each period, or a single one of the whole window."""

    by: tuple[str, ...]
    columns: Mapping[Values, Column]
    unit: Unit | None = None


class Arithmetic:
    """Works formulas out over what was measured."""

    def __init__(self, measured: Mapping[Series, Sheet], named: Mapping[str, Sheet]) -> None:
        self._measured = measured
        self._named = named

    def result(self, formula: Formula) -> Sheet:
        """Return what a formula comes to.

        Raises:
            Rejected: it has no metric, names no query, or joins what is grouped differently.
        """
        found = self._found(formula)
        if isinstance(found, float):
            raise Rejected("a formula needs at least one metric", field="formula")
        return found

    def _found(self, formula: Formula) -> Sheet | float:
        match formula:
            case Number(value):
                return value
            case Series():
                return self._measured[formula]
            case Reference(name):
                if name not in self._named:
                    raise Rejected(f'there is no query named "{name[:100]}"', field="formula")
                return self._named[name]
            case Call(name, argument):
                return _called(name, self.result(argument))
            case Binary(sign, left, right):
                return _joined(sign, self._found(left), self._found(right))


def _called(name: str, sheet: Sheet) -> Sheet:
    function = {"abs": _abs, "cumsum": _cumsum, "default_zero": _default_zero}[name]
    columns = {values: function(column) for values, column in sheet.columns.items()}
    return Sheet(sheet.by, columns, sheet.unit)


def _abs(column: Column) -> Column:
    return [None if value is None else abs(value) for value in column]


def _cumsum(column: Column) -> Column:
    return list(accumulate(value or 0.0 for value in column))


def _default_zero(column: Column) -> Column:
    return [value or 0.0 for value in column]


def _joined(sign: str, left: Sheet | float, right: Sheet | float) -> Sheet | float:
    if isinstance(left, Sheet):
        if isinstance(right, Sheet):
            return _matched(sign, left, right)
        return _mapped(left, lambda value: _of(sign, value, right))
    if isinstance(right, Sheet):
        return _mapped(right, lambda value: _of(sign, left, value))
    return _of(sign, left, right) or 0.0


def _mapped(sheet: Sheet, function: Callable[[float | None], float | None]) -> Sheet:
    columns = {values: [function(value) for value in column] for values, column in sheet.columns.items()}
    return Sheet(sheet.by, columns, sheet.unit)


def _matched(sign: str, left: Sheet, right: Sheet) -> Sheet:
    """Join group with group; a side that is not grouped goes with every group of the other."""
    if left.by and right.by and left.by != right.by:
        raise Rejected("the metrics of a formula must be grouped by the same tags", field="formula")
    of_groups = left if left.by else right
    columns = {
        values: [_of(sign, one, other) for one, other in zip(mine, others, strict=True)]
        for values in of_groups.columns
        if (mine := left.columns.get(values if left.by else ())) is not None
        and (others := right.columns.get(values if right.by else ())) is not None
    }
    kept = left.unit if left.unit == right.unit and sign in "+-" else None
    return Sheet(of_groups.by, columns, kept)


def _of(sign: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    value = _SIGNS[sign](left, right)
    return value if math.isfinite(value) else None
