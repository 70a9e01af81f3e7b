"""How long, deep and wide a query may be.

Counted while the text is being read, so that a hostile text costs no more than its first
few dozen signs. Not here: limits on a tree that another vendor's filter was turned into;
whoever builds one keeps within `DEEPEST` and `WIDEST` too.
"""

import re
from typing import Final

from lark import Token

from fairlead.search.errors import SearchError

LONGEST: Final = 8_192
"""Characters in a query."""
DEEPEST: Final = 32
"""Brackets and negations around one clause, as written.

The tree of such a query has at most 66 levels: an OR and an AND inside each bracket and
outside the first. Whatever walks a tree may recurse, and the SQL that it becomes still fits
the stack of SQLite's parser (100 signs in 3.40) if the deepest clause is written first.
"""
WIDEST: Final = 500
"""Clauses in a query. SQLite refuses more than 1 000 terms in a row, and a clause may need two."""

_SEPARATORS = frozenset({"_AND", "_OR", "_BLANK"})
_NEGATIONS = frozenset({"_NOT", "_MISSING"})
_CLOSED_BY = {"_OPEN": "_CLOSE", "_FROM": "_UPTO", "_AFTER": "_BEFORE"}

# NUL ends a text in PostgreSQL; half a surrogate pair cannot be written as UTF-8 at all.
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def require_readable(text: str) -> None:
    """Refuse a text that is too long or holds what no database can be asked for.

    Raises:
        SearchError: more than `LONGEST` characters, a NUL or half a surrogate pair.
    """
    if len(text) > LONGEST:
        raise SearchError(f"the query is longer than {LONGEST} characters", LONGEST)
    if found := _UNREADABLE.search(text):
        name = "a NUL character" if found[0] == "\x00" else "half a surrogate pair"
        raise SearchError(f"the query holds {name}", found.start())


class Extent:
    """How deep and wide the text has been so far."""

    def __init__(self) -> None:
        self.open_brackets: list[Token] = []
        """Those not closed yet, the innermost last."""
        self._levels: list[int] = []
        """For each open bracket, itself and the negations right before it."""
        self._negations = 0
        self._clauses = 1

    def include(self, token: Token) -> None:
        """Take one more sign of the text into account.

        Raises:
            SearchError: with it the text is too deep or too wide.
        """
        if token.type in _SEPARATORS:
            self._clauses += 1
            self._negations = 0
        elif token.type in _NEGATIONS:
            self._negations += 1
        elif token.type in _CLOSED_BY:
            self.open_brackets.append(token)
            self._levels.append(self._negations + 1)
            self._negations = 0
        elif self.open_brackets and token.type == _CLOSED_BY[self.open_brackets[-1].type]:
            self.open_brackets.pop()
            self._levels.pop()
        if self._clauses > WIDEST:
            raise SearchError(f"the query has more than {WIDEST} clauses", start_of(token))
        if sum(self._levels) + self._negations > DEEPEST:
            detail = f"the query is nested deeper than {DEEPEST} brackets and negations"
            raise SearchError(detail, start_of(token))


def start_of(token: Token) -> int:
    """Return where the sign itself begins, behind the blanks that its token may start with."""
    blanks = 0 if token.isspace() else len(token) - len(token.lstrip())
    return (token.start_pos or 0) + blanks
