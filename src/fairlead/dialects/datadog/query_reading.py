"""From the text of a metric query to its tree.

Not here: what a query looks like (`query_grammar.lark`), and which metrics there are
(`query_metrics`).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, cast

from lark import Lark, Token, Transformer, Tree, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from fairlead.dialects.datadog.query_tree import (
    UTC,
    Binary,
    Call,
    Formula,
    Number,
    Reference,
    Rollup,
    Series,
    Written,
)
from fairlead.domain.errors import Rejected
from fairlead.metrics.periods import Interval, zone_named
from fairlead.search.pattern import Pattern, read, unescape
from fairlead.search.tree import Everything, Node, Not, all_of, any_of, having

LONGEST: Final = 5_000
"""Characters in a query."""
DEEPEST: Final = 64
"""Rules of the grammar within one another; every sign of a sum is one, so it bounds those too."""
_LONGEST_ROLLUP_S: Final = 366 * 86_400
_CALENDAR: Final = {"daily": Interval.DAY, "weekly": Interval.WEEK, "monthly": Interval.MONTH}
_FILLS: Final = ("fill", "as_count", "as_rate", "rollup")
FUNCTIONS: Final = ("abs", "cumsum", "default_zero")


@lru_cache(maxsize=256)
def queries_in(text: str, field: str) -> tuple[Written, ...]:
    """Return the queries of a text, which commas part.

    Raises:
        Rejected: it cannot be read; the message names `field` and the place.
    """
    if len(text) > LONGEST:
        raise _refused(field, f"it is longer than {LONGEST} characters")
    try:
        tree: Tree[Token] = _grammar().parse(text)
        _require_shallow(tree, field)
        return tuple(_written(child, text) for child in tree.children)
    except UnexpectedInput as error:
        raise _refused(field, f"{_shown(text, error)} was not expected here") from error
    except VisitError as error:
        raise _refused(field, str(error.orig_exc)) from error


@cache
def _grammar() -> Lark:
    text = files("fairlead.dialects.datadog").joinpath("query_grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True)


def _written(tree: "Tree[Token] | Token", text: str) -> Written:
    assert isinstance(tree, Tree)  # noqa: S101 — every rule that a query can be has a name.
    formula = _Rules(text).transform(tree)
    return Written(formula, text[tree.meta.start_pos : tree.meta.end_pos])


def _require_shallow(tree: "Tree[Token]", field: str) -> None:
    """Refuse what would need a deep stack to be walked.

    Raises:
        Rejected: it is deeper than `DEEPEST`.
    """
    waiting: list[tuple[Tree[Token], int]] = [(tree, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > DEEPEST:
            raise _refused(field, f"it has more than {DEEPEST} signs and brackets around one another")
        waiting += [(child, depth + 1) for child in one.children if isinstance(child, Tree)]


def _shown(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "the end"
    place = cast("int", error.pos_in_stream)  # Lark declares it as None and sets it always.
    return f"{text[place : place + 20]!r} at character {place + 1}"


def _refused(field: str, why: str) -> Rejected:
    return Rejected(f"The value provided for parameter '{field}' is invalid: {why}", field=field)


class _Rules(Transformer[Token, Any]):
    """One method for each name after an arrow in the grammar."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    @v_args(inline=True)
    def number(self, token: Token) -> Formula:
        return Number(float(token))

    @v_args(inline=True)
    def reference(self, token: Token) -> Formula:
        return Reference(str(token))

    @v_args(inline=True)
    def negative(self, argument: Formula) -> Formula:
        return Binary("-", Number(0.0), argument)

    @v_args(inline=True)
    def add(self, left: Formula, right: Formula) -> Formula:
        return Binary("+", left, right)

    @v_args(inline=True)
    def subtract(self, left: Formula, right: Formula) -> Formula:
        return Binary("-", left, right)

    @v_args(inline=True)
    def multiply(self, left: Formula, right: Formula) -> Formula:
        return Binary("*", left, right)

    @v_args(inline=True)
    def divide(self, left: Formula, right: Formula) -> Formula:
        return Binary("/", left, right)

    @v_args(inline=True)
    def call(self, name: Token, argument: Formula, *_others: Token) -> Formula:
        if name not in FUNCTIONS:
            raise ValueError(f"the function {name} is not one of {', '.join(FUNCTIONS)}")
        return Call(str(name), argument)

    @v_args(meta=True)
    def series(self, meta: Any, children: list[Any]) -> Formula:
        statistic, metric, where, *rest = children
        modifiers = [one for one in rest if isinstance(one, tuple)]
        keys = dict.fromkeys(str(one).removeprefix("@") for one in rest if isinstance(one, Token))
        opening = self._text.index("{", meta.start_pos)
        rolled = next((arguments for name, arguments in modifiers if name == "rollup"), None)
        rollup, method = _rollup(rolled)
        return Series(
            metric=str(metric),
            statistic=method or str(statistic or ""),
            where=Everything() if where is None else where,
            filter=self._text[opening + 1 : self._text.index("}", opening)].strip(),
            by=tuple(keys),
            rollup=rollup,
            per_second=any(name == "as_rate" for name, _ in modifiers),
        )

    @v_args(inline=True)
    def modifier(self, name: Token, *arguments: Token | None) -> tuple[str, list[str]]:
        if name not in _FILLS:
            raise ValueError(f"the modifier .{name}() is not one of {', '.join(sorted(_FILLS))}")
        return str(name), [str(one).strip("'\"") for one in arguments if one is not None]

    def all_of(self, clauses: list[Node]) -> Node:
        return all_of(clauses)

    def any_of(self, clauses: list[Node]) -> Node:
        return any_of(clauses)

    @v_args(inline=True)
    def negated(self, clause: Node) -> Node:
        return Not(clause)

    @v_args(inline=True)
    def everything(self) -> Node:
        return Everything()

    @v_args(inline=True)
    def tag(self, token: Token) -> Node:
        key, _, value = token.partition(":")
        return _having(key, value)

    @v_args(inline=True)
    def one_of(self, key: Token, *values: Token) -> Node:
        return any_of([_having(key, value) for value in values])

    @v_args(inline=True)
    def none_of(self, key: Token, *values: Token) -> Node:
        return Not(any_of([_having(key, value) for value in values]))


def _having(key: str, value: str) -> Node:
    key = key.removeprefix("@")
    if value.startswith('"'):
        return having(key, Pattern((unescape(value[1:-1]),)))
    return having(key, read(value))


def _rollup(arguments: Sequence[str] | None) -> tuple[Rollup | None, str]:
    """Return the periods and the statistic that `.rollup(…)` names.

    Raises:
        ValueError: it names neither as one may.
    """
    if arguments is None:
        return None, ""
    says_periods = not arguments or arguments[0] in _CALENDAR or arguments[0][:1].isdigit()
    method = "" if says_periods else arguments[0]
    rest = list(arguments[1:] if method else arguments)
    if not rest:
        return None, method
    if rest[0] in _CALENDAR:
        zones = [one for one in rest[1:] if "/" in one or one == "UTC"]
        zone = zone_named(zones[-1], "rollup") if zones else UTC
        return Rollup(interval=_CALENDAR[rest[0]], zone=zone), method
    if not rest[0].isdecimal() or not 0 < int(rest[0]) <= _LONGEST_ROLLUP_S:
        raise ValueError("a rollup takes whole seconds of up to a year, or daily, weekly or monthly")
    return Rollup(seconds=int(rest[0])), method
