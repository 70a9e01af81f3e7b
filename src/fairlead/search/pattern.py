"""Patterns: the value a term asks for, with its wildcards, as plain data.

A phrase in quotes and a word whose wildcards are all escaped are the same thing here: a
pattern without wildcards. Not here: how a pattern is spelled in a query beyond its escapes
(`grammar.lark`, `text`), and what a number or an instant makes of one (`match`).
"""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr


class Wildcard(Enum):
    """A piece of a pattern that stands for other characters."""

    ANY = "*"
    """Any run of characters, also none, also across line breaks."""
    ONE = "?"
    """Exactly one character, whichever it is."""


ANY: Final = Wildcard.ANY
ONE: Final = Wildcard.ONE

Piece: TypeAlias = str | Wildcard

_PARTS = re.compile(r"\\(?P<escaped>.)|(?P<wildcard>[*?])|(?P<plain>[^\\*?]+)", re.DOTALL)


class Pattern(Struct, frozen=True):
    """Literal texts and wildcards in the order in which a value must show them.

    The constructor brings the pieces into one form, so that patterns that accept the same
    texts because of doubled wildcards or divided texts are equal: no empty text, no two
    texts in a row, and in a row of wildcards each `ONE` first and at most one `ANY` last.
    No pieces at all is the pattern of the empty text.
    """

    pieces: tuple[Piece, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "pieces", tuple(_in_one_form(self.pieces)))

    @property
    def literal(self) -> str | None:
        """The only text this pattern accepts; None where it has wildcards."""
        if not self.pieces:
            return ""
        first = self.pieces[0]
        return first if len(self.pieces) == 1 and isinstance(first, str) else None

    def matches(self, text: str) -> bool:
        """Say whether the whole of `text` fits, case and all."""
        literal = self.literal
        return text == literal if literal is not None else self.to_regex().fullmatch(text) is not None

    def to_regex(self) -> re.Pattern[str]:
        """Return an expression to be used with `fullmatch`.

        It takes time in proportion to the pattern and the text multiplied, never more: after
        each `*` the first place where the next text fits is as good as any later one, so
        the atomic groups may refuse to try the others.
        """
        return _compiled(self)


def read(raw: str) -> Pattern:
    r"""Return the pattern that a bare word spells: `\` escapes, `*` and `?` stand for others."""
    return Pattern(
        tuple(
            Wildcard(found["wildcard"]) if found["wildcard"] else found["escaped"] or found["plain"]
            for found in _PARTS.finditer(raw)
        )
    )


def unescape(raw: str) -> str:
    r"""Return `raw` with every `\x` replaced by `x`; wildcards are ordinary characters."""
    return re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)


def _in_one_form(pieces: Iterable[Piece]) -> Iterable[Piece]:
    texts = (piece for piece in pieces if piece != "")
    for is_text, run in groupby(texts, key=lambda piece: isinstance(piece, str)):
        row = list(run)
        if is_text:
            yield "".join(piece for piece in row if isinstance(piece, str))
        else:
            yield from (ONE for piece in row if piece is ONE)
            if ANY in row:
                yield ANY


@lru_cache(maxsize=256)
def _compiled(pattern: Pattern) -> re.Pattern[str]:
    stretches = [""]
    for piece in pattern.pieces:
        if piece is ANY:
            stretches.append("")
        else:
            stretches[-1] += "." if piece is ONE else re.escape(str(piece))
    first, *others = stretches
    middle = "".join(f"(?>.*?{stretch})" for stretch in others[:-1])
    end = f".*{others[-1]}" if others else ""
    return re.compile(first + middle + end, re.DOTALL)


ANYTHING: Final = Pattern((ANY,))
"""The lone `*`."""
