r"""Free text: the words of a record as one document, and a free term as a pattern over it.

Everything that depends on the alphabet happens here, once, when a record is kept and when a
term is read. The store keeps the document as it is and compares byte by byte, so both
engines and `match` agree whatever their own idea of upper and lower case.

    document(["checkout-api", "prod"])  ==  " checkout api \n\n prod "

A word is a run of letters and digits with their combining marks; everything else separates
words. Each field is one line with a blank on either side of every word, and an empty line
stands between two fields: a phrase never reaches from one into the next, and no single `?`
stands for the gap.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from fairlead.search.pattern import ANY, Pattern, Piece

_BETWEEN_FIELDS = "\n\n"
_NO_WORD = re.compile(r"[^0-9a-z]+")


def document(fields: Iterable[str]) -> str:
    """Return the words of `fields`, folded; fields without a word leave nothing behind."""
    return _BETWEEN_FIELDS.join(filter(None, map(_line, fields)))


@lru_cache(maxsize=2048)
def _line(text: str) -> str:
    """Return the words of one field; most fields of most records are one of a few dozen texts."""
    line = _spaced(text).strip(" ")
    return line and f" {line} "


@lru_cache(maxsize=256)
def term(pattern: Pattern) -> Pattern | None:
    """Return the pattern that a whole document must fit for a free term to hold.

    The texts of `pattern` are folded like a document: `1.4.2` asks for the words 1, 4 and 2
    in a row. Where the term ends in a text or a `?`, a word ends there too; `*` at an end
    leaves it open, and inside it is any run of characters, also across words and fields.
    Punctuation beside a wildcard is the end of a word and nothing more: `1.4.*` asks for the
    words 1 and 4 in a row.

    None means that no record can fit: there is no letter or digit in the term.
    """
    pieces = [_spaced(piece) if isinstance(piece, str) else piece for piece in pattern.pieces]
    if not any(isinstance(piece, str) and piece.strip(" ") for piece in pieces):
        return None
    return Pattern((ANY, *_closed_at_both_ends(pieces), ANY))


def _closed_at_both_ends(pieces: list[Piece]) -> Iterable[Piece]:
    """Yield `pieces` with exactly one blank at each end that is not open."""
    last = len(pieces) - 1
    if pieces[0] is not ANY:
        yield " "
    for place, piece in enumerate(pieces):
        if not isinstance(piece, str):
            yield piece
            continue
        text = piece.lstrip(" ") if place == 0 else piece
        yield text.rstrip(" ") if place == last else text
    if pieces[last] is not ANY:
        yield " "


def _spaced(text: str) -> str:
    """Return `text` folded, with one blank for each run of characters that belong to no word.

    Compatibility forms (full width, ligatures) become ordinary ones before case is folded.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return _NO_WORD.sub(" ", folded)
    return re.sub(" +", " ", "".join(char if _in_word(char) else " " for char in folded))


def _in_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")
