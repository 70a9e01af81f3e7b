"""What the two engines spell differently: patterns, arrays of texts, the order of characters.

Not here: what keeps each on the way it is told (`engine_plans.py`), opening a database
(`engine.py`) and writing many rows (`bulk.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Label,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    column,
    null,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import NullType, TypeEngine

from fairlead.search.pattern import ANY, ONE, Pattern, Wildcard
from fairlead.store.engine import POSTGRESQL, SQLITE

# SQLite refuses a longer GLOB, in bytes.
_LONGEST_GLOB = 50_000


def fits(text: ColumnElement[str], pattern: Pattern) -> ColumnElement[bool]:
    """Return the condition that the whole of `text` fits `pattern`, case and all."""
    kind = _Fits if len(_glob(pattern).encode()) <= _LONGEST_GLOB else _FitsLong
    return kind(text, bindparam(None, pattern, type_=_WILDCARDS), bindparam(None, pattern, type_=_REGEX))


def by_code_point(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a text that did not come from a column, to be compared in the order of its characters."""
    return _ByCodePoint(text)


def texts_in(array: ColumnElement[str]) -> TableValuedAlias:
    """Return the texts of a JSON array as a table with one column, `value`."""
    return _TextsIn(array).table_valued("value")


def numbers_in(array: ColumnElement[str]) -> TableValuedAlias:
    """Return the numbers of a JSON array as a table with one column, `value`."""
    return _NumbersIn(array).table_valued(column("value", BigInteger()))


def pairs_in(array: ColumnElement[str], first: TypeEngine[Any], second: TypeEngine[Any]) -> TableValuedAlias:
    """Return the pairs of a JSON array of arrays as a table with two columns, `first` and `second`.

    Their types are texts or numbers.
    """
    return rows_in(array, first=first, second=second)


def rows_in(array: ColumnElement[str], **columns: TypeEngine[Any]) -> TableValuedAlias:
    """Return the rows of a JSON array of arrays as a table with these columns, of texts or numbers."""
    return _RowsIn(array, columns).table_valued(*(column(name, type) for name, type in columns.items()))


def array_of(name: str) -> BindParameter[str]:
    """Return a parameter for a JSON array, for a statement that is made once."""
    return bindparam(name, type_=Text())


def is_one_of(text: ColumnElement[str], array: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that `text` is one of the texts of a JSON array, looked up one by one.

    PostgreSQL takes a set that comes out of a function for a hundred, and would rather read a table
    of a thousand; an array it looks up.
    """
    return _IsOneOf(text, array)


class _Wildcards(TypeDecorator[Pattern]):
    """A pattern as the engine spells it: for GLOB on SQLite, for LIKE on PostgreSQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Pattern | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _glob(value) if dialect.name == SQLITE else _like(value)


class _Regex(TypeDecorator[Pattern]):
    """A pattern as a regular expression of Python, which runs inside SQLite."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Pattern | None, dialect: Dialect) -> str | None:  # noqa: ARG002 — as overridden.
        return None if value is None else rf"(?s:\A{value.to_regex().pattern}\Z)"


# One of each for all parameters: what an engine makes of a type is worked out once for each object.
_WILDCARDS: Final = _Wildcards()
_REGEX: Final = _Regex()


class _Fits(FunctionElement[bool]):
    """The text, the pattern, and the pattern once more as a regular expression."""

    type = Boolean()
    inherit_cache = True


class _FitsLong(_Fits):
    """The same for a pattern that is too long for GLOB. Slow, and only a hostile query has one."""

    inherit_cache = True


class _ByCodePoint(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _IsOneOf(FunctionElement[Any]):
    """The text and the array."""

    # Not a boolean by name: SQLite would be asked whether it equals 1, and use no index for that.
    type = NullType()
    inherit_cache = True


class _TextsIn(FunctionElement[str]):
    type = Text()
    inherit_cache = True


class _NumbersIn(FunctionElement[int]):
    type = BigInteger()
    inherit_cache = True


class _RowsIn(FunctionElement[Any]):
    """The array, and of which names and types the columns are."""

    inherit_cache = True

    def __init__(self, array: ColumnElement[str], columns: Mapping[str, TypeEngine[Any]]) -> None:
        # As expressions, because a statement is known again by those.
        super().__init__(array, *(cast(null(), type).label(name) for name, type in columns.items()))

    @property
    def columns_told(self) -> Sequence[Label[Any]]:
        """The columns, whose values mean nothing here."""
        return [one for one in self.clauses.clauses if isinstance(one, Label)]


def _glob(pattern: Pattern) -> str:
    # A class of one character stands for that character.
    return _spelled(pattern, {char: f"[{char}]" for char in "*?["}, {ANY: "*", ONE: "?"})


def _like(pattern: Pattern) -> str:
    return _spelled(pattern, {char: f"\\{char}" for char in "%_\\"}, {ANY: "%", ONE: "_"})


def _spelled(pattern: Pattern, escapes: dict[str, str], wildcards: dict[Wildcard, str]) -> str:
    table = str.maketrans(escapes)
    return "".join(
        piece.translate(table) if isinstance(piece, str) else wildcards[piece] for piece in pattern.pieces
    )


@compiles(_Fits, SQLITE)
def _fits_sqlite(element: _Fits, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern, _ = element.clauses
    return f"{compiler.process(text, **options)} GLOB {compiler.process(pattern, **options)}"


@compiles(_FitsLong, SQLITE)
def _fits_long_sqlite(element: _FitsLong, compiler: SQLCompiler, **options: Any) -> str:
    text, _, regex = element.clauses
    return f"{compiler.process(text, **options)} REGEXP {compiler.process(regex, **options)}"


@compiles(_Fits, POSTGRESQL)
@compiles(_FitsLong, POSTGRESQL)
def _fits_postgresql(element: _Fits, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern, _ = element.clauses
    return f"{compiler.process(text, **options)} LIKE {compiler.process(pattern, **options)}"


@compiles(_ByCodePoint, SQLITE)
def _by_code_point_sqlite(element: _ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(_ByCodePoint, POSTGRESQL)
def _by_code_point_postgresql(element: _ByCodePoint, compiler: SQLCompiler, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)} COLLATE "C")'


@compiles(_TextsIn, SQLITE)
def _texts_in_sqlite(element: _TextsIn, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_TextsIn, POSTGRESQL)
def _texts_in_postgresql(element: _TextsIn, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json))"


@compiles(_NumbersIn, SQLITE)
def _numbers_in_sqlite(element: _NumbersIn, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_NumbersIn, POSTGRESQL)
def _numbers_in_postgresql(element: _NumbersIn, compiler: SQLCompiler, **options: Any) -> str:
    texts = f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS json))"
    return f"(SELECT CAST(value AS BIGINT) AS value FROM {texts} AS texts (value))"  # noqa: S608 — no names at all.


@compiles(_RowsIn, SQLITE)
def _rows_in_sqlite(element: _RowsIn, compiler: SQLCompiler, **options: Any) -> str:
    array = compiler.process(element.clauses.clauses[0], **options)
    told = (
        f"json_extract(value, '$[{place}]') AS {one.name}" for place, one in enumerate(element.columns_told)
    )
    return f"(SELECT {', '.join(told)} FROM json_each({array}))"  # noqa: S608 — names of our own.


@compiles(_RowsIn, POSTGRESQL)
def _rows_in_postgresql(element: _RowsIn, compiler: SQLCompiler, **options: Any) -> str:
    array = compiler.process(element.clauses.clauses[0], **options)
    spelled = compiler.dialect.type_compiler_instance.process
    told = (
        f"CAST(value ->> {place} AS {spelled(one.type)}) AS {one.name}"
        for place, one in enumerate(element.columns_told)
    )
    rows = f"json_array_elements(CAST({array} AS json)) AS rows_told (value)"
    return f"(SELECT {', '.join(told)} FROM {rows})"  # noqa: S608 — names of our own and types.


@compiles(_IsOneOf, SQLITE)
def _is_one_of_sqlite(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:
    text, array = (compiler.process(clause, **options) for clause in element.clauses)
    # Names of our own columns only; what was sent travels as a parameter.
    return f"{text} IN (SELECT value FROM json_each({array}))"  # noqa: S608 — as said above.


@compiles(_IsOneOf, POSTGRESQL)
def _is_one_of_postgresql(element: _IsOneOf, compiler: SQLCompiler, **options: Any) -> str:
    text, array = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{text} = ANY (ARRAY (SELECT json_array_elements_text(CAST({array} AS json))))"
