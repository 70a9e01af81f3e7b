"""The statements that find a page, each by one way through the table.

Every one of them asks the whole query of each row it comes by, so they differ in speed alone.
Not here: which of them is taken (`finding.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import (
    FromClause,
    Integer,
    Row,
    Select,
    Table,
    TextClause,
    bindparam,
    select,
    tuple_,
)

from fairlead.store.engine_plans import (
    Grouped,
    InThisOrder,
    Order,
    before_all,
    by_way_of,
    first_of,
    known,
    of_each,
    sorted_from,
)
from fairlead.store.pages import Asked, at_hand, row_of
from fairlead.store.search_fields import Columns
from fairlead.store.search_leaves import Condition
from fairlead.store.tables import deployment_kinds, deployment_versions

Part: TypeAlias = Condition | TextClause
"""What an index of some rows asks of each."""

# Of a row's columns that its group has too, those that mean something else there.
_ROW_S_OWN: Final = frozenset({"org_id", "words"})


class Groups(Struct, frozen=True):
    """What rows belong to, and how the rows of each are found."""

    table: Table
    tie: str
    """The column that ties a row to its group."""
    index: str
    """The index of the rows that begins with the tie."""
    order: str
    """By which column that index has the rows of a group in order."""


KINDS: Final = Groups(deployment_kinds, "kind", "deployments_by_kind", "finished_at")
KINDS_BY_VERSION: Final = Groups(deployment_kinds, "kind", "deployments_by_kind_and_version", "version")
VERSIONS: Final = Groups(deployment_versions, "version", "deployments_by_version", "finished_at")


def in_order(asked: Asked, *, up_to: str | None = None) -> Select[Any]:
    """Return the page by way of the index that has its order, as far as the row `up_to` at the most.

    Without such an index the engine sorts. What that row is put in order by is told as `of_stop` says.
    """
    by_time = asked.sort == asked.noun.at
    if up_to is not None and by_time:
        asked = asked.until(f"{up_to}_{asked.sort}")
    table, order = asked.noun.table, asked.order(asked.noun.table)
    statement = select(table).where(*asked.of_row(at_hand(table)))
    if up_to is not None and not by_time:
        here = tuple_(*order.columns)
        there = tuple_(*(bindparam(f"{up_to}_{column.name}", type_=column.type) for column in order.columns))
        statement = statement.where(here >= there if asked.descending else here <= there)
    index = asked.noun.indexes.get(asked.sort)
    if index is not None:
        statement = by_way_of(index, table, statement)
    return statement.order_by(*order.clauses()).limit(asked.limit)


def of_stop(name: str, stop: Row[Any]) -> dict[str, Any]:
    """Return the values by which statements are told of a row that `nth` has found."""
    return {f"{name}_{column}": value for column, value in stop._mapping.items()}  # noqa: SLF001 — as documented.


def without_rows(asked: Asked) -> Select[Any]:
    """Return the page by way of the whole index that has its order, or of the table if none has.

    Where the index knows all that is asked, the rows in between need not be looked at.
    """
    rows = asked.noun.rows
    order = asked.order(rows)
    found = select(rows.c.id).where(*asked.of_row(row_of(rows))).order_by(*order.clauses())
    index = asked.noun.indexes.get(asked.sort)
    if index is not None:
        found = by_way_of(index, rows, found)
    return _rows(asked, found.limit(asked.limit))


def nth(asked: Asked) -> Select[Any]:
    """Return by what a row is put in the order of the page that so many stand before, whatever is asked."""
    table, order = asked.noun.table, asked.order(asked.noun.table)
    statement = select(*order.columns).where(*asked.of_time(row_of(table))).order_by(*order.clauses())
    statement = by_way_of(asked.noun.indexes[asked.sort], table, statement)
    return statement.limit(1).offset(bindparam("before", type_=Integer()))


def of_time(asked: Asked) -> Select[Any]:
    """Return the page out of the rows of its window, few enough to look at each."""
    table = asked.noun.table
    statement = by_way_of(asked.noun.indexes[asked.noun.at], table, select(table)).where(
        *asked.of_row(at_hand(table))
    )
    return statement.order_by(*asked.order(table).clauses()).limit(asked.limit)


def some_of_time(asked: Asked, limit: int, such: Sequence[Condition] = ()) -> Select[Any]:
    """Return the ids of any rows of the page's window that are `such`."""
    table = asked.noun.table
    statement = select(table.c.id).where(*asked.of_time(row_of(table)), *such).limit(limit)
    return by_way_of(asked.noun.indexes[asked.noun.at], table, statement)


def of_part(asked: Asked, index: str, part: Sequence[Part]) -> Select[Any]:
    """Return the page by way of an index that has its order but only the rows for which `part` holds.

    Of these the index may know more, so that not all have to be looked at.
    """
    rows = asked.noun.rows
    found = by_way_of(index, rows, select(rows.c.id)).where(*asked.of_row(row_of(rows)), *part)
    return _rows(asked, found.order_by(*asked.order(rows).clauses()).limit(asked.limit))


def of_groups(asked: Asked, groups: Groups, chosen: Condition, such: Sequence[Condition] = ()) -> Select[Any]:
    """Return the page out of the rows that belong to one of the chosen groups and are `such`."""
    rows = _grouped(asked, groups, chosen, lambda row: [*asked.of_row(row), *such])
    return _rows(asked, first_of(asked.engine, rows, asked.order(rows.rows), asked.limit))


def some_of_groups(
    asked: Asked, groups: Groups, chosen: Condition, limit: int, such: Sequence[Condition] = ()
) -> Select[Any]:
    """Return the ids of any rows of the window that belong to one of the chosen groups and are `such`."""
    grouped = _grouped(asked, groups, chosen, lambda row: [*asked.of_time(row), *such])
    rows = grouped.rows
    found = by_way_of(grouped.index, rows, select(rows.c.id).where(*grouped.mine))
    return of_each(asked.engine, grouped.groups, rows, found, limit=limit)


def _grouped(
    asked: Asked, groups: Groups, chosen: Condition, ask: Callable[[Columns], list[Condition]]
) -> Grouped:
    table, tie = groups.table, groups.tie
    wanted = before_all(select(table).where(table.c.org_id == asked.org_id, chosen))
    rows, row, sort = asked.noun.rows, row_of(asked.noun.rows), asked.sort
    # What a row shares with its group is read there, so that the index may do without the row.
    shared = {name: column for name, column in wanted.c.items() if name in row and name not in _ROW_S_OWN}
    return Grouped(
        groups=wanted,
        rows=rows,
        mine=(row[tie] == known(wanted.c[tie]), *ask({**row, **shared, tie: row[tie]})),
        shared=shared,
        index=groups.index,
        walkable=sort == groups.order or (sort in shared and groups.order == asked.noun.at),
    )


def of_index(asked: Asked, found: Select[Any], such: Sequence[Condition]) -> Select[Any]:
    """Return the page out of the rows that are `such` and whose ids an index of the table has `found`.

    They have to be few enough to sort.
    """
    table = asked.noun.table
    return _rows(
        asked,
        sorted_from(
            asked.engine,
            found.where(*asked.of_row(row_of(table)), *such),
            asked.order(table),
            asked.limit,
        ),
    )


def of_ids(asked: Asked, ids: FromClause) -> Select[Any]:
    """Return the page out of the rows that have one of `ids`, few enough to look at each."""
    rows = asked.noun.rows
    found = select(rows.c.id).select_from(InThisOrder(ids, rows))
    found = found.where(rows.c.id == ids.c.id, *asked.of_row(at_hand(rows)))
    return _rows(asked, found.order_by(*asked.order(rows).clauses()).limit(asked.limit))


def of_entries(asked: Asked, entries: Table, tag: str) -> Select[Any]:
    """Return the page by way of the entries of one tag, which have its order."""
    rows = asked.noun.rows
    _, word, at, owner = entries.primary_key.columns
    found = select(rows.c.id).select_from(InThisOrder(entries, rows))
    found = found.where(*asked.of_time(row_of(entries)), word == tag)
    found = found.where(rows.c.id == owner, *asked.of_row(at_hand(rows)))
    order = Order([at, owner], asked.descending)
    return _rows(asked, found.order_by(*order.clauses()).limit(asked.limit))


def _rows(asked: Asked, found: Select[Any]) -> Select[Any]:
    """Return the rows whose ids are `found`, in the order of the page."""
    ids, table = found.subquery("found"), asked.noun.table
    statement = select(table).select_from(InThisOrder(ids, table))
    statement = statement.where(table.c.org_id == asked.org_id, table.c.id == ids.c.id)
    return statement.order_by(*asked.order(table).clauses())
