"""What a metric query asks for, as plain data.

Not here: its text (`query_reading`), and what it comes to (`query_arithmetic`).
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct

from fairlead.metrics.periods import Interval
from fairlead.search.tree import Node

UTC = ZoneInfo("UTC")


class Rollup(Struct, frozen=True, kw_only=True):
    """How long the periods of a query are: so many seconds, or days, weeks or months of a calendar."""

    seconds: int = 0
    """0 where they are those of a calendar."""
    interval: Interval = Interval.NONE
    zone: ZoneInfo = UTC


class Series(Struct, frozen=True, kw_only=True):
    """One metric with its filter."""

    metric: str
    statistic: str
    """As written before the colon, or by the rollup; empty where neither says one."""
    where: Node
    filter: str
    """What stood between the braces."""
    by: tuple[str, ...]
    rollup: Rollup | None
    per_second: bool
    """Whether counts are to be rates."""


class Number(Struct, frozen=True):
    """A constant."""

    value: float


class Reference(Struct, frozen=True):
    """The result of another query, by its name."""

    name: str


class Binary(Struct, frozen=True):
    """Two results, value by value."""

    sign: str
    """`+`, `-`, `*` or `/`."""
    left: "Formula"
    right: "Formula"


class Call(Struct, frozen=True):
    """A function of a result."""

    name: str
    argument: "Formula"


Formula: TypeAlias = Series | Number | Reference | Binary | Call


class Written(Struct, frozen=True):
    """A formula, and the text it was read from."""

    formula: Formula
    text: str


def parts(formula: Formula) -> Iterator[Formula]:
    """Yield a formula and everything it is made of, from left to right."""
    waiting: list[Formula] = [formula]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Binary):
            waiting += [one.right, one.left]
        elif isinstance(one, Call):
            waiting.append(one.argument)


def series_in(formulas: Sequence[Formula]) -> list[Series]:
    """Return the metrics that formulas are made of."""
    return [part for formula in formulas for part in parts(formula) if isinstance(part, Series)]
