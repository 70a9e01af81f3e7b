"""Taking everything out of a database and putting it into another, whatever their engines.

A backup is one moment of the database, however long it takes and whoever writes meanwhile. To
restore is one transaction: all of it happens or nothing. A backup of an older schema is put into
that schema and brought up to date from there, by the same migrations as any other database. Not
here: the file (`backup_file.py`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from sqlalchemy import Engine, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from fairlead.domain.access import DEFAULT_ORGANISATION
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.store import schema
from fairlead.store.backup_file import (
    BackupWriter,
    Head,
    Part,
    decode_row,
    encode_row,
    reading_backup,
    writing_backup,
)
from fairlead.store.engine import SQLITE, Transaction, engine_name, is_passing, reading, writing
from fairlead.store.tables import metadata, organisations

Tell = Callable[[int, int], None]
"""Told how many of how many rows are done."""

_FETCHED = 200
_PART_BYTES = 1 << 20
_TOLD_EVERY = 10_000


def back_up(engine: Engine, path: Path, *, tell: Tell, clock: Callable[[], int] = time.time_ns) -> Head:
    """Write everything in the database to the file `path`; servers may go on meanwhile.

    Raises:
        OldSchema: the database is behind this program.
        Rejected: something else than a backup is at `path`.
        FairleadError: the file cannot be written.
    """
    found = schema.check(engine)
    with writing_backup(path) as file, reading(engine) as transaction:
        tables = metadata.sorted_tables
        rows = sum(transaction.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)
        head = Head(schema=found, made_at=clock(), rows=rows)
        file.write(head)
        done = 0
        for table in tables:
            done = _write_table(file, transaction, table, done, lambda now: tell(now, rows))
        file.end()
    return head


def _write_table(
    file: BackupWriter, transaction: Transaction, table: Table, done: int, tell: Callable[[int], None]
) -> int:
    """Append the rows of `table` and return how many are done with them."""
    columns = [str(column.name) for column in table.columns]
    part: list[msgspec.Raw] = []
    size = 0
    options = {"yield_per": _FETCHED}
    with transaction.execute(select(table), execution_options=options) as found:
        for row in found:
            part.append(msgspec.Raw(encode_row(list(row))))
            size += len(part[-1])
            done += 1
            if size >= _PART_BYTES:
                file.write(Part(str(table.name), columns, part))
                part, size = [], 0
            if done % _TOLD_EVERY == 0:
                tell(done)
    if part:
        file.write(Part(str(table.name), columns, part))
    return done


def restore(engine: Engine, path: Path, *, tell: Tell) -> Head:
    """Put the backup at `path` into a database that holds nothing yet.

    Raises:
        Rejected: it is no backup or damaged, or the database holds something.
        FairleadError: the backup was made by a newer Fairlead, or cannot be read.
        Unavailable: the database cannot be opened.
    """
    with reading_backup(path) as (head, parts), schema.understood():
        if not schema.is_known(head.schema):
            raise FairleadError(
                f"{path} was made by a newer Fairlead (schema {head.schema}); restore it there"
            )
        with writing(engine) as transaction:
            schema.lock(transaction)
            _refuse_to_mix(transaction)
            schema.start_at(transaction, head.schema)
            transaction.execute(text(f"DELETE FROM {organisations.name}"))  # noqa: S608 — a constant.
            done = 0
            for part in parts:
                done = _load(transaction, part, done, lambda now: tell(now, head.rows))
            schema.finish(transaction)
    return head


def _refuse_to_mix(transaction: Transaction) -> None:
    """See that a database holds nothing but the organisation that every new one has.

    Raises:
        Rejected: it holds more.
    """
    present = set(inspect(transaction).get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in present:
            continue
        wanted = select(table.c.org_id).limit(1)
        if table is organisations:
            wanted = wanted.where(organisations.c.name != DEFAULT_ORGANISATION)
        if transaction.execute(wanted).first() is not None:
            raise Rejected(f"the database already holds {table.name}; restore into a new one (--database)")


def _load(transaction: Transaction, part: Part, done: int, tell: Callable[[int], None]) -> int:
    """Write the rows of `part` and return how many are done with them."""
    if not _columns(transaction, part.table).issuperset(part.columns):
        raise Rejected(f"the backup has a table {part.table} that its schema does not have", field="file")
    rows = (decode_row(row) for row in part.rows)
    write = _insert if engine_name(transaction) == SQLITE else _copy
    try:
        write(transaction, part, rows)
    except (msgspec.MsgspecError, ValueError, DBAPIError, psycopg.Error) as error:
        if is_passing(getattr(error, "orig", error)):
            raise
        raise Rejected(f"the rows of {part.table} cannot be restored; the backup is damaged") from error
    for now in range(done + 1, done + len(part.rows) + 1):
        if now % _TOLD_EVERY == 0:
            tell(now)
    return done + len(part.rows)


def _columns(transaction: Transaction, table: str) -> set[str]:
    """Return the names of the columns of a table of ours, none where there is no such table."""
    present = inspect(transaction)
    if table not in metadata.tables or not present.has_table(table):
        return set()
    return {column["name"] for column in present.get_columns(table)}


# Names in these statements are those that the database itself was found to have.


def _insert(transaction: Transaction, part: Part, rows: Iterator[Sequence[Any]]) -> None:
    places = ", ".join("?" * len(part.columns))
    statement = f"INSERT INTO {part.table} ({', '.join(part.columns)}) VALUES ({places})"  # noqa: S608
    while some := list(islice(rows, _FETCHED)):
        transaction.exec_driver_sql(statement, [tuple(row) for row in some])


def _copy(transaction: Transaction, part: Part, rows: Iterator[Sequence[Any]]) -> None:
    cursor: Any = transaction.connection.cursor()
    with cursor, cursor.copy(f"COPY {part.table} ({', '.join(part.columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
