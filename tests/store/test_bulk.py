"""Many rows as one statement, and a connection that is kept for them, on both engines."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Unavailable
from fairlead.store import engine
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction, WritingConnection, engine_name, open_engine, reading, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import tool_uses

COLUMNS = [column.name for column in tool_uses.columns]
# More than one statement takes.
MANY = 150


def a_row(org_id: OrgId, number: int, models: str = "[]") -> tuple[Any, ...]:
    return org_id, f"ada{number}@example.com", "2026-11-20", "cursor", True, models, number


def rows_of(ledger: Ledger) -> int:
    return ledger.read(
        lambda transaction: transaction.execute(select(func.count()).select_from(tool_uses)).scalar_one()
    )


def models_of(ledger: Ledger) -> set[str]:
    return set(
        ledger.read(lambda transaction: transaction.execute(select(tool_uses.c.models)).scalars().all())
    )


def test_rows_that_were_there_are_not_told_as_new(ledger: Ledger, org_id: OrgId) -> None:
    keeping = BulkInsert(tool_uses, COLUMNS, replaces=False)
    rows = [a_row(org_id, number) for number in range(MANY)]
    with writing(ledger.engine) as transaction:
        keeping.run(transaction, rows[::2])

    with writing(ledger.engine) as transaction:
        new = keeping.run_for_new(transaction, rows)
        again = keeping.run_for_new(transaction, rows)

    assert {row[:4] for row in rows[1::2]} == new
    assert set() == again
    assert MANY == rows_of(ledger)


@pytest.mark.parametrize(("replaces", "models"), [(True, "[1]"), (False, "[]")])
def test_a_row_that_was_there_is_replaced_or_stays(
    ledger: Ledger, org_id: OrgId, replaces: bool, models: str
) -> None:
    insert = BulkInsert(tool_uses, COLUMNS, replaces=replaces)
    with writing(ledger.engine) as transaction:
        insert.run(transaction, [a_row(org_id, number) for number in range(MANY)])

    with writing(ledger.engine) as transaction:
        insert.run(transaction, [a_row(org_id, number, "[1]") for number in range(MANY)])

    assert {models} == models_of(ledger)


def test_no_rows_are_nothing_to_do(ledger: Ledger) -> None:
    insert = BulkInsert(tool_uses, COLUMNS, replaces=False)
    with writing(ledger.engine) as transaction:
        insert.run(transaction, [])

        assert set() == insert.run_for_new(transaction, [])


def test_a_kept_connection_writes_one_transaction_after_another(ledger: Ledger, org_id: OrgId) -> None:
    insert = BulkInsert(tool_uses, COLUMNS, replaces=False)
    connection = WritingConnection(ledger.engine)
    for number in range(3):
        with connection.writing() as transaction:
            insert.run(transaction, [a_row(org_id, number)])
    connection.release()

    assert 3 == rows_of(ledger)


def test_what_is_raised_inside_undoes_the_transaction_and_not_the_connection(
    ledger: Ledger, org_id: OrgId
) -> None:
    connection = WritingConnection(ledger.engine)
    with pytest.raises(KeyError):
        write_and(connection, a_row(org_id, 1), stumble)

    write_and(connection, a_row(org_id, 2))
    connection.release()

    assert 1 == rows_of(ledger)


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_full_disk_is_told_as_unavailable(ledger: Ledger, org_id: OrgId, engine_kind: str) -> None:
    connection = WritingConnection(ledger.engine)
    full = text("PRAGMA max_page_count=1")

    with pytest.raises(Unavailable):
        write_and(connection, a_row(org_id, 1, "x" * 100_000), lambda transaction: transaction.execute(full))


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_connection_that_breaks_is_told_as_unavailable_and_replaced(
    ledger: Ledger, org_id: OrgId, database: str, engine_kind: str
) -> None:
    connection = WritingConnection(ledger.engine)
    with pytest.raises(Unavailable):
        write_and(connection, a_row(org_id, 1), lambda transaction: end_from_outside(transaction, database))

    write_and(connection, a_row(org_id, 2))
    connection.release()

    assert 1 == rows_of(ledger)


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_connection_that_ended_while_it_rested_is_replaced(
    ledger: Ledger, database: str, engine_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "RESTED_S", 0.0)
    with reading(ledger.engine) as transaction:
        session = transaction.execute(select(func.pg_backend_pid())).scalar_one()
    other = open_engine(database)
    with reading(other) as elsewhere:
        # Returns once it has ended.
        elsewhere.execute(select(func.pg_terminate_backend(session, 10_000)))
    other.dispose()

    assert 0 == rows_of(ledger)


def write_and(
    connection: WritingConnection, row: tuple[Any, ...], before: Callable[[Transaction], Any] = lambda _: None
) -> None:
    """Write a row in a transaction of its own, in which something else happens `before`."""
    insert = BulkInsert(tool_uses, COLUMNS, replaces=False)
    with connection.writing() as transaction:
        before(transaction)
        insert.run(transaction, [row])


def stumble(_transaction: Transaction) -> None:
    raise KeyError


def end_from_outside(transaction: Transaction, database: str) -> None:
    """Let somebody else end the session of a transaction."""
    assert "postgresql" == engine_name(transaction)
    session = transaction.execute(select(func.pg_backend_pid())).scalar_one()
    other = open_engine(database)
    with reading(other) as elsewhere:
        elsewhere.execute(select(func.pg_terminate_backend(session)))
    other.dispose()


def test_postgresql_plans_for_the_values_it_is_given(postgresql_engine: Engine) -> None:
    """A plan for any values would compare each row with each of many keys."""
    with reading(postgresql_engine) as transaction:
        assert "force_custom_plan" == transaction.exec_driver_sql("SHOW plan_cache_mode").scalar_one()


def test_rows_that_nobody_has_written_are_written_as_they_are(ledger: Ledger, org_id: OrgId) -> None:
    insert = BulkInsert(tool_uses, COLUMNS, replaces=False)
    rows = [a_row(org_id, number, 'ä\t\\N\n"') for number in range(MANY)]

    with writing(ledger.engine) as transaction:
        insert.run_new(transaction, rows)

    kept = ledger.read(lambda transaction: transaction.execute(select(tool_uses)).all())
    assert sorted(rows) == sorted(map(tuple, kept))
