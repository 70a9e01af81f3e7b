"""One term of a query over one column, as SQL that is true or false and never NULL.

What a term means is told by `search.match`; a function here says the same about every value
that a column of its kind may hold. Not here: which key is which column (`search_fields.py`).
"""

from decimal import MAX_PREC, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fairlead.search.match import holds
from fairlead.search.pattern import ANY, ONE, Pattern
from fairlead.search.tree import Compare, Comparison, Exists, Leaf, Matches, Range
from fairlead.search.values import Instant, instant_from, number_from
from fairlead.store.engine_sql import by_code_point, fits, texts_in

_NS_PER_S: Final = 1_000_000_000
_FIRST: Final = -(2**63)
_LAST: Final = 2**63 - 1
_encode: Final = msgspec.json.Encoder().encode
_LAST_CHARACTER: Final = chr(0x10FFFF)
_EXACT: Final = Context(prec=MAX_PREC)

Condition = ColumnElement[bool]


def of_text(text: ColumnElement[str], leaf: Leaf) -> Condition:
    """Return whether a text that is never NULL satisfies `leaf`; empty is no value."""
    match leaf:
        case Exists():
            return text != ""
        case Matches(_, pattern):
            literal_text = pattern.literal
            if literal_text is None:
                return fits(text, pattern)
            return text == literal_text if literal_text else false()
        case Compare() | Range():
            return and_(text != "", *(_compared(text, comparison, bound) for comparison, bound in ends(leaf)))


def of_seconds(ns: ColumnElement[int], leaf: Leaf) -> Condition:
    """Return whether a count of nanoseconds, read as seconds, satisfies `leaf`; NULL is no value."""
    return _of_number(_Number(ns, _SecondsText(ns), places=9), leaf)


def of_count(count: ColumnElement[int], leaf: Leaf) -> Condition:
    """Return whether a whole number satisfies `leaf`; NULL is no value."""
    return _of_number(_Number(count, cast(count, Text), places=0), leaf)


def of_flag(flag: ColumnElement[bool], leaf: Leaf) -> Condition:
    """Return whether a truth value satisfies `leaf`; NULL is no value."""
    satisfied = [value for value in (True, False) if holds(leaf, value)]
    return or_(false(), *(flag.is_(value) for value in satisfied))


def of_instant(at: ColumnElement[int], leaf: Leaf) -> Condition:
    """Return whether an instant satisfies `leaf`; NULL is no value."""
    match leaf:
        case Exists():
            return at.is_not(None)
        case Matches(_, pattern):
            moment = None if pattern.literal is None else instant_from(pattern.literal)
            return false() if moment is None else and_(at.is_not(None), at == _int64(moment.ns))
        case Compare() | Range():
            moments = [(comparison, instant_from(bound)) for comparison, bound in ends(leaf)]
            return and_(at.is_not(None), *(_at(at, comparison, moment) for comparison, moment in moments))


def of_texts(array: ColumnElement[str], leaf: Leaf) -> Condition:
    """Return whether some text of a JSON array satisfies `leaf`."""
    each = texts_in(array)
    return exists().select_from(each).where(of_text(by_code_point(each.c.value), leaf))


def of_tags(tags: ColumnElement[str], leaf: Leaf) -> Condition:
    """Return whether some tag of a JSON array has the key of `leaf` and a value that satisfies it."""
    each = texts_in(tags)
    found = exists().select_from(each).where(of_tag(by_code_point(each.c.value), leaf))
    # Most arrays need not be taken apart: they do not even hold the text that such a tag begins with.
    start = _encode(f"{leaf.key}:").decode().removesuffix('"')
    return and_(fits(tags, Pattern((ANY, start, ANY))), found)


def holds_text(array: ColumnElement[str], text: str) -> Condition:
    """Return whether a JSON array holds the characters of `text`; where it has that text it does."""
    return fits(array, Pattern((ANY, _encode(text).decode(), ANY)))


def of_tag(tag: ColumnElement[str], leaf: Leaf) -> Condition:
    """Return whether a tag has the key of `leaf` and a value that satisfies it."""
    start = f"{leaf.key}:"
    if ":" in start[:-1]:
        return false()
    match leaf:
        case Matches(_, pattern):
            # An empty value is none.
            return (
                of_text(tag, Matches("tags", Pattern((start, *pattern.pieces))))
                if pattern.pieces
                else false()
            )
        case Exists():
            return fits(tag, Pattern((start, ONE, ANY)))
        case Compare() | Range():
            value = by_code_point(func.substr(tag, len(start) + 1))
            return and_(fits(tag, Pattern((start, ANY))), of_text(value, leaf))


def ends(leaf: Compare | Range) -> list[tuple[Comparison, str]]:
    """Return the comparisons that `leaf` asks for, all of them."""
    if isinstance(leaf, Compare):
        return [(leaf.comparison, leaf.bound)]
    above, below = (
        (Comparison.AT_LEAST, Comparison.AT_MOST) if leaf.inclusive else (Comparison.MORE, Comparison.LESS)
    )
    both = ((above, leaf.low), (below, leaf.high))
    return [(comparison, bound) for comparison, bound in both if bound is not None]


def whole_tag(leaf: Leaf) -> Leaf:
    """Return a term on whole tags that each tag satisfies whose value satisfies `leaf`."""
    pieces = leaf.pattern.pieces if isinstance(leaf, Matches) else (ANY,)
    return Matches("tags", Pattern((f"{leaf.key}:", *pieces)))


def reach(text: ColumnElement[str], leaf: Leaf) -> list[Condition]:
    """Return between which bounds of an index every text lies that satisfies `leaf`; none if anywhere."""
    if isinstance(leaf, Compare | Range):
        return [_compared(text, comparison, bound) for comparison, bound in ends(leaf)]
    if isinstance(leaf, Exists):
        return []
    literal_text = leaf.pattern.literal
    if literal_text is not None:
        return [text == literal_text]
    start = leaf.pattern.pieces[0]
    if not isinstance(start, str):
        return []
    beyond = _after_all_with(start)
    return [text >= start] if beyond is None else [text >= start, text < beyond]


def reach_of_count(count: ColumnElement[int], leaf: Leaf) -> list[Condition]:
    """Return between which bounds of an index every count lies that satisfies `leaf`; none if anywhere."""
    match leaf:
        case Matches(_, pattern) if pattern.literal is not None:
            said = [(Comparison.AT_LEAST, pattern.literal), (Comparison.AT_MOST, pattern.literal)]
        case Compare() | Range():
            said = ends(leaf)
        case _:
            return []
    numbers = [(comparison, number_from(bound)) for comparison, bound in said]
    # What is compared as text lies anywhere among the numbers.
    known = [(comparison, number) for comparison, number in numbers if number is not None]
    return [_up_to(count, *bound) for bound in known] if len(known) == len(numbers) else []


def _up_to(count: ColumnElement[int], comparison: Comparison, number: Decimal) -> Condition:
    """Return the bound of an index for a comparison, itself included."""
    is_low = comparison in {Comparison.MORE, Comparison.AT_LEAST}
    whole = number.to_integral_value(ROUND_FLOOR if is_low else ROUND_CEILING, _EXACT)
    there = _int64(int(min(max(whole, Decimal(_FIRST)), Decimal(_LAST))))
    return count >= there if is_low else count <= there


def reach_of_seconds(ns: ColumnElement[int], leaf: Leaf) -> list[Condition]:
    """Return between which counts of nanoseconds each lies that satisfies `leaf`; none if anywhere."""
    said: list[tuple[Comparison | None, str]] = []
    match leaf:
        case Matches(_, pattern) if pattern.literal is not None:
            said = [(None, pattern.literal)]
        case Compare() | Range():
            said = [*ends(leaf)]
    seconds = _Number(ns, _SecondsText(ns), places=9)
    numbers = ((comparison, number_from(bound)) for comparison, bound in said)
    return [_whole(seconds, comparison, number) for comparison, number in numbers if number is not None]


def _after_all_with(start: str) -> str | None:
    """Return the first text that comes after all that begin with `start`; None if nothing does."""
    kept = start.rstrip(_LAST_CHARACTER)
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    # Halves of surrogate pairs are no characters.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)  # noqa: PLR2004 — where they begin and end.


def _compared(value: ColumnElement[Any], comparison: Comparison | None, bound: object) -> Condition:
    """Return how `value` stands to `bound`; no comparison is equality."""
    match comparison:
        case None:
            return value == bound
        case Comparison.LESS:
            return value < bound
        case Comparison.AT_MOST:
            return value <= bound
        case Comparison.MORE:
            return value > bound
        case Comparison.AT_LEAST:
            return value >= bound


class _Number(Struct, frozen=True):
    """A number as a column has it: a whole number of its smallest part."""

    parts: ColumnElement[int]
    text: ColumnElement[str]
    """The number in the one way to write it."""
    places: int
    """How many digits of the parts stand behind the point."""


def _of_number(number: _Number, leaf: Leaf) -> Condition:
    there = number.parts.is_not(None)
    match leaf:
        case Exists():
            return there
        case Matches(_, pattern):
            literal_text = pattern.literal
            fitting = (
                fits(number.text, pattern) if literal_text is None else _counted(number, None, literal_text)
            )
            return and_(there, fitting)
        case Compare() | Range():
            return and_(there, *(_counted(number, comparison, bound) for comparison, bound in ends(leaf)))


def _counted(number: _Number, comparison: Comparison | None, bound: str) -> Condition:
    """Compare a number with a bound: as numbers if it is one, else as texts."""
    told = number_from(bound)
    if told is not None:
        return _whole(number, comparison, told)
    # No text that is not a number is the text of one.
    return false() if comparison is None else _compared(by_code_point(number.text), comparison, bound)


def _whole(number: _Number, comparison: Comparison | None, told: Decimal) -> Condition:
    """Compare a whole number of parts with what may be any number at all."""
    scaled = told.scaleb(number.places, _EXACT)
    upwards = comparison in {Comparison.LESS, Comparison.AT_LEAST}
    whole = scaled.to_integral_value(ROUND_CEILING if upwards else ROUND_FLOOR)
    if comparison is None and whole != scaled:
        return false()
    if not _FIRST <= whole <= _LAST:
        beyond = Comparison.LESS, Comparison.AT_MOST
        under = Comparison.MORE, Comparison.AT_LEAST
        return true() if comparison in (beyond if whole > 0 else under) else false()
    return _compared(number.parts, comparison, _int64(int(whole)))


def _at(at: ColumnElement[int], comparison: Comparison, moment: Instant | None) -> Condition:
    return false() if moment is None else _compared(at, comparison, _int64(moment.ns))


def _int64(number: int) -> ColumnElement[int]:
    """Return a parameter that is no smaller integer to PostgreSQL, however small its value."""
    return literal(number, BigInteger())


class _SecondsText(FunctionElement[str]):
    """Nanoseconds as seconds in the one way to write a number (`search.values.number_text`)."""

    type = Text()
    inherit_cache = True


@compiles(_SecondsText)
def _seconds_text(element: _SecondsText, compiler: SQLCompiler, **options: Any) -> str:
    ns = compiler.process(element.clauses, **options)
    whole = f"abs({ns}) / {_NS_PER_S}"
    # One second more, so that the zeros at the front are kept when it is cut off again.
    digits = f"rtrim(substr(CAST(abs({ns}) - {whole} * {_NS_PER_S} + {_NS_PER_S} AS TEXT), 2), '0')"
    sign = f"CASE WHEN {ns} < 0 THEN '-' ELSE '' END"
    return f"({sign} || CAST({whole} AS TEXT) || rtrim('.' || {digits}, '.'))"
