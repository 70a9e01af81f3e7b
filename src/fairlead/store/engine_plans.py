"""Keeping each engine on the way through the tables that it is told to take.

SQLite has no idea how large tables are, and PostgreSQL prepares for many rows where the first few
are wanted. What has to be said differently to the two for that is here. Not here: which way is
taken (`finding.py`, `walks.py`) and what is spelled differently (`engine_sql.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Join,
    Select,
    Subquery,
    UnaryExpression,
    select,
    text,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fairlead.store.engine import POSTGRESQL, SQLITE, Transaction, engine_name

# PostgreSQL's ways to handle rows by the thousand, and its freedom to join in another order; in one
# statement for every search, made once.
_FOR_FEW_ROWS = (
    *((name, "off") for name in ("enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit")),
    ("join_collapse_limit", "1"),
)
_KEEP_TO_INDEXES = "SELECT " + ", ".join(f"set_config('{name}', '{to}', true)" for name, to in _FOR_FEW_ROWS)

# Of a table spread over several servers the pages are elsewhere, and each of these looks by itself.
_HAS_GROWN = text(
    "SELECT pg_relation_size(oid) / current_setting('block_size')::bigint >= 10 * greatest(relpages, 1)"
    " FROM pg_class WHERE oid = CAST(:name AS regclass)"
)


def keep_to_indexes(transaction: Transaction) -> None:
    """Let the engine find rows one by one through indexes, in this transaction.

    PostgreSQL would otherwise prepare for many rows where the first few are wanted, above all
    while it has no statistics: it gathers them up to a minute after much was written.
    """
    if engine_name(transaction) == POSTGRESQL:
        transaction.exec_driver_sql(_KEEP_TO_INDEXES)


def count_grown(transaction: Transaction, table: str) -> None:
    """Let the engine look at a table that has grown tenfold since it last did.

    PostgreSQL looks by itself once a minute at most. Until then it takes every column for one of many
    values, and goes through all commits of a repository, or all deployments of an organisation, to find
    each of those it is asked for. Where somebody else has it look just now, that will do.
    """
    if engine_name(transaction) != POSTGRESQL:
        return
    if transaction.execute(_HAS_GROWN, {"name": table}).scalar():
        transaction.exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {table}")


def known(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the value of a column of a row at hand, to look another row up by.

    What else is said of the column is not carried over to the other row: SQLite would look it up
    by that instead.
    """
    return _Known(column)


def by_way_of(index: str, rows: FromClause, statement: Select[Any]) -> Select[Any]:
    """Return `statement` with `rows` taken by way of `index`, which must be able to serve it.

    PostgreSQL keeps statistics and finds the way itself; SQLite guesses.
    """
    return statement.with_hint(rows, f"INDEXED BY {index}", SQLITE)


class Order(Struct, frozen=True):
    """By which columns rows are put in order, all of them in the same direction."""

    columns: Sequence[ColumnElement[Any]]
    descending: bool
    with_nulls: bool = False
    """Whether the first of them may be NULL, which counts as more than anything else."""

    def clauses(self) -> list[UnaryExpression[Any]]:
        """Return what ORDER BY takes."""
        found = [column.desc() if self.descending else column.asc() for column in self.columns]
        if self.with_nulls:
            found[0] = found[0].nulls_first() if self.descending else found[0].nulls_last()
        return found

    def of(self, columns: Mapping[str, ColumnElement[Any]]) -> "Order":
        """Return the same order by the columns of these names."""
        return replace(self, columns=[columns[column.name] for column in self.columns])


def before_all(statement: Select[Any]) -> Subquery:
    """Return the rows of a statement as a table that is finished before it is joined to anything."""
    # That is what both engines take any offset for.
    return statement.offset(0).subquery()


class Grouped(Struct, frozen=True, kw_only=True):
    """Rows that belong to groups."""

    groups: FromClause
    rows: FromClause
    mine: Sequence[ColumnElement[bool]]
    """What ties a row to its group, and what is asked of the row."""
    shared: Mapping[str, ColumnElement[Any]]
    """The columns of a group that its rows have too, with the same value."""
    index: str
    """The index of the rows that begins with the tie."""
    walkable: bool
    """Whether the index has the rows of a group in the order that is asked for."""


def of_each(
    engine: str, groups: FromClause, rows: FromClause, found: Select[Any], *, limit: int | None = None
) -> Select[Any]:
    """Return what `found` says of `rows`, for each of `groups` in turn; `limit` is how many are enough.

    `found` ties its rows to a group.
    """
    if engine == SQLITE:
        joined = found.select_from(InThisOrder(groups, rows))
        return joined if limit is None else joined.limit(limit)
    # A limit or an offset keeps PostgreSQL from beginning with the rows.
    each = found.offset(0) if limit is None else found.limit(limit)
    lateral = each.correlate(groups).lateral()
    every = select(*lateral.c).select_from(groups.join(lateral, true()))
    return every if limit is None else every.limit(limit)


def first_of(engine: str, grouped: Grouped, order: Order, limit: int | ColumnElement[int]) -> Select[Any]:
    """Return the ids of the first `limit` rows, in an order of their columns.

    Where the index has that order within a group it is left early. SQLite sees by itself that
    nothing better will come; PostgreSQL has to be told to take no more of a group than are wanted
    in all, and where there is nothing to walk, not to walk another index that has the order of all.
    """
    groups, rows, shared = grouped.groups, grouped.rows, grouped.shared
    if engine == SQLITE:
        found = select(rows.c.id).select_from(InThisOrder(groups, rows)).where(*grouped.mine)
        # Told so once more, SQLite sees that a column of the group's adds nothing to the order within it.
        same = (column == known(shared[column.name]) for column in order.columns if column.name in shared)
        return by_way_of(grouped.index, rows, found.where(*same).order_by(*order.clauses()).limit(limit))
    own = replace(order, columns=[column for column in order.columns if column.name not in shared])
    each = select(*own.columns).where(*grouped.mine)
    each = each.order_by(*own.clauses()).limit(limit) if grouped.walkable else each.offset(0)
    best = each.correlate(groups).lateral()
    found = select(best.c.id).select_from(groups.join(best, true()))
    return found.order_by(*order.of(dict(best.c.items()) | dict(shared)).clauses()).limit(limit)


def sorted_from(engine: str, found: Select[Any], order: Order, limit: int) -> Select[Any]:
    """Return the ids of the first `limit` of the rows that are `found`, all of which are looked at.

    PostgreSQL has to be kept from walking another index that has the order.
    """
    if engine == SQLITE:
        return found.order_by(*order.clauses()).limit(limit)
    every = found.with_only_columns(*order.columns).offset(0).subquery()
    return select(every.c.id).order_by(*order.of(dict(every.c.items())).clauses()).limit(limit)


class InThisOrder(Join):
    """A join that walks its left side and looks up the right one.

    SQLite knows nothing about the sizes of tables and now and then takes the wrong side first. The
    condition that ties the two stands in the WHERE clause.
    """

    inherit_cache = True

    def __init__(self, left: FromClause, right: FromClause) -> None:
        super().__init__(left, right, true())


class _Known(FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_Known, SQLITE)
def _known_sqlite(element: _Known, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(_Known, POSTGRESQL)
def _known_postgresql(element: _Known, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(InThisOrder, SQLITE)
def _in_this_order_sqlite(element: InThisOrder, compiler: SQLCompiler, **options: Any) -> str:
    sides = (compiler.process(side, **(options | {"asfrom": True})) for side in (element.left, element.right))
    return " CROSS JOIN ".join(sides)
