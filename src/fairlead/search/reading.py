"""The grammar made ready, and what each of its rules becomes.

Lark calls the methods of `_Rules` while it reads, from the inside of the text outwards, so
no tree of Lark's own is ever built. Not here: limits (`limits`) and refusals (`complaints`).
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from lark import Lark, Token, Transformer, v_args

from fairlead.search.errors import SearchError
from fairlead.search.limits import start_of
from fairlead.search.pattern import Pattern, read, unescape
from fairlead.search.tree import (
    Compare,
    Comparison,
    Everything,
    Exists,
    Node,
    Not,
    Range,
    all_of,
    any_of,
    having,
)

Keyless: TypeAlias = Callable[[str], Node]
"""A value waiting for its key; `key:(a OR b)` hands the key to both."""


@cache
def grammar() -> Lark:
    """Return the parser; made at the first call, which takes some tens of milliseconds."""
    text = files("fairlead.search").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", transformer=_Rules())


@v_args(inline=True)
class _Rules(Transformer[Token, Node]):
    """One method for each name after an arrow in the grammar."""

    def start(self, clause: Node | None) -> Node:
        return Everything() if clause is None else clause

    def any_of(self, *clauses: Node) -> Node:
        return any_of(clauses)

    def all_of(self, *clauses: Node) -> Node:
        return all_of(clauses)

    def negated(self, clause: Node) -> Node:
        return Not(clause)

    def everything(self, _: Token) -> Node:
        return Everything()

    def field(self, key: Token, value: Keyless) -> Node:
        return value(_key(key[:-1], key))

    def exists(self, name: Token) -> Node:
        return Exists(_key(_inside(name), name))

    def missing(self, name: Token) -> Node:
        return Not(self.exists(name))

    def free_term(self, token: Token) -> Node:
        return having(None, _pattern(token))

    def pattern(self, token: Token) -> Keyless:
        pattern = _pattern(token)
        return lambda key: having(key, pattern)

    def compare(self, comparison: Token, bound: Token) -> Keyless:
        text = unescape(_inside(bound))
        return lambda key: Compare(key, Comparison(comparison.value), text)

    def range_with_ends(self, low: Token, high: Token) -> Keyless:
        return _range(low, high, inclusive=True)

    def range_without_ends(self, low: Token, high: Token) -> Keyless:
        return _range(low, high, inclusive=False)

    def any_value_of(self, *values: Keyless) -> Keyless:
        return lambda key: any_of(value(key) for value in values)

    def all_values_of(self, *values: Keyless) -> Keyless:
        return lambda key: all_of(value(key) for value in values)

    def negated_value(self, value: Keyless) -> Keyless:
        return lambda key: Not(value(key))


def _range(low: Token, high: Token, *, inclusive: bool) -> Keyless:
    bottom, top = _end(low), _end(high)
    if bottom is None and top is None:
        return Exists
    return lambda key: Range(key, bottom, top, inclusive)


def _end(token: Token) -> str | None:
    return None if token.type == "NO_BOUND" else unescape(_inside(token))


def _pattern(token: Token) -> Pattern:
    return Pattern((unescape(_inside(token)),)) if token.type == "PHRASE" else read(token)


def _inside(token: Token) -> str:
    """Return the token's text, of a phrase the part between its quotes; escapes are still in it."""
    return token[1:-1] if token.type == "PHRASE" else token.value


def _key(raw: str, token: Token) -> str:
    """Return the key that `raw` spells, without the `@` that it may begin with.

    Raises:
        SearchError: nothing is left.
    """
    key = unescape(raw.removeprefix("@"))
    if not key:
        raise SearchError("a key has at least one character besides its @", start_of(token))
    return key
