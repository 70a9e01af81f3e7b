import multiprocessing
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from fairlead.domain.access import DEFAULT_ORGANISATION
from fairlead.domain.errors import FairleadError, OldSchema, Unavailable
from fairlead.store import access, schema
from fairlead.store.engine import open_engine, reading, writing
from fairlead.store.tables import metadata
from tests.databases import PostgreSQL
from tests.factories import NOON

# Everything a database can tell about its own tables, save for the order of their columns.
_SQLITE_TABLES = """
    SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"""
_SQLITE_COLUMNS = """
    SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
    FROM pragma_table_list t, pragma_table_xinfo(t.name) c WHERE t.schema = 'main'"""
_SQLITE_INDEXES = """
    SELECT i.name, i."unique", i.origin, i.partial, c.seqno, c.name, c."desc", c.coll
    FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
    WHERE t.schema = 'main' AND c.key"""
_SQLITE_EXPRESSIONS = """
    SELECT m.name, m.sql FROM sqlite_master m, pragma_index_xinfo(m.name) c
    WHERE m.type = 'index' AND c.cid = -2"""
_POSTGRESQL_COLUMNS = """
    SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public'"""
_POSTGRESQL_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
_POSTGRESQL_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace"""
_QUESTIONS = {
    "sqlite": (_SQLITE_TABLES, _SQLITE_COLUMNS, _SQLITE_INDEXES, _SQLITE_EXPRESSIONS),
    "postgresql": (_POSTGRESQL_COLUMNS, _POSTGRESQL_INDEXES, _POSTGRESQL_CONSTRAINTS),
}


@pytest.fixture
def engine(empty_database: str) -> Iterator[Engine]:
    opened = open_engine(empty_database)
    yield opened
    opened.dispose()


# SQLAlchemy cannot read an index on an expression back from SQLite; the next test compares those.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_a_migrated_database_equals_the_tables(engine: Engine) -> None:
    _migrate_from_the_first(engine)

    with engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), metadata)


def test_a_migrated_database_equals_a_fresh_one_in_every_detail(engine: Engine) -> None:
    _migrate_from_the_first(engine)
    migrated = _objects(engine)
    with writing(engine) as transaction:
        metadata.drop_all(transaction)
        transaction.execute(text("DROP TABLE alembic_version"))

    schema.migrate(engine)

    assert migrated == _objects(engine)
    assert schema.newest() == schema.check(engine)


def test_every_text_is_compared_by_byte_on_postgresql(postgresql_engine: Engine) -> None:
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
    )

    assert [] == _rows(postgresql_engine, columns)


def test_tables_that_are_their_own_index_have_no_row_ids_on_sqlite(sqlite_template: Path) -> None:
    engine = open_engine(f"sqlite:///{sqlite_template}")
    without = "SELECT name FROM pragma_table_list WHERE wr = 1 AND schema = 'main' ORDER BY name"

    wanted = [
        table.name for table in metadata.tables.values() if not table.dialect_options["sqlite"]["with_rowid"]
    ]
    assert [(name,) for name in sorted(wanted)] == _rows(engine, without)


def test_the_default_organisation_exists_from_the_first_start(engine: Engine) -> None:
    schema.migrate(engine, clock=lambda: NOON)

    with reading(engine) as transaction:
        [organisation] = access.every_organisation(transaction)
    assert (DEFAULT_ORGANISATION, NOON) == (organisation.name, organisation.created_at)


def test_migrating_twice_is_harmless(engine: Engine) -> None:
    schema.migrate(engine, clock=lambda: NOON)

    schema.migrate(engine, clock=lambda: NOON + 1)

    with reading(engine) as transaction:
        assert [NOON] == [one.created_at for one in access.every_organisation(transaction)]


def test_programs_that_start_together_migrate_once(empty_database: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(3)
    with ProcessPoolExecutor(3, spawn, initializer=_await, initargs=(together,)) as processes:
        found = list(processes.map(_migrate, [empty_database] * 3))

    assert [schema.newest()] * 3 == found


def test_a_database_without_a_schema_is_refused(engine: Engine) -> None:
    with writing(engine):
        pass

    with pytest.raises(OldSchema, match="has no schema yet; run `fairlead db migrate`"):
        schema.check(engine)


def test_checking_does_not_create_a_file(tmp_path: Path) -> None:
    path = tmp_path / "absent.db"

    with pytest.raises(OldSchema, match="no database at"):
        schema.check(open_engine(f"sqlite:///{path}"))
    assert not path.exists()


def test_an_old_schema_is_refused(engine: Engine) -> None:
    schema.migrate(engine)
    _pretend(engine, None)

    with pytest.raises(OldSchema, match="fairlead db migrate"):
        schema.check(engine)


@pytest.mark.parametrize("ask", [schema.check, schema.migrate])
def test_a_newer_schema_is_left_alone(engine: Engine, ask: Any) -> None:
    schema.migrate(engine)
    _pretend(engine, "9999")

    with pytest.raises(FairleadError, match="schema 9999, which this Fairlead does not know"):
        ask(engine)
    with reading(engine) as transaction:
        assert "9999" == schema.revision(transaction)


def test_an_up_to_date_database_passes_and_says_which_schema_it_has(engine: Engine) -> None:
    schema.migrate(engine)

    assert schema.newest() == schema.check(engine)


def test_a_file_that_is_no_database_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Buy milk. " * 100, encoding="utf-8")

    with pytest.raises(Unavailable, match="file is not a database"):
        schema.migrate(open_engine(f"sqlite:///{path}"))


def test_a_database_that_cannot_be_reached_says_why(postgresql: PostgreSQL) -> None:
    with pytest.raises(Unavailable, match='database "nowhere" does not exist'):
        schema.check(open_engine(postgresql.url("nowhere")))


def test_migrations_are_named_by_number_and_deed_each_once() -> None:
    names = sorted(path.name for path in (schema.MIGRATIONS / "versions").glob("*.py"))

    assert all(re.fullmatch(r"\d{4}_[a-z0-9]+(_[a-z0-9]+)+\.py", name) for name in names)
    assert [f"{number:04}" for number in range(1, len(names) + 1)] == [name[:4] for name in names]


def test_the_revision_of_a_migration_is_its_number_and_the_chain_has_no_gap() -> None:
    chain = list(ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions())

    assert schema.newest() == chain[0].revision
    assert all(Path(script.path).name.startswith(f"{script.revision}_") for script in chain)


def _await(together: Barrier) -> None:
    """Hold a process, with everything imported, until all have come this far."""
    together.wait(timeout=60)


def _migrate(url: str) -> str:
    engine = open_engine(url)
    schema.migrate(engine)
    return schema.check(engine)


def _migrate_from_the_first(engine: Engine) -> None:
    with writing(engine) as transaction:
        schema.start_at(transaction, "0001")
    schema.migrate(engine)


def _objects(engine: Engine) -> list[tuple[str, ...]]:
    return sorted(
        tuple(" ".join(str(value).split()) for value in row)
        for question in _QUESTIONS[engine.name]
        for row in _rows(engine, question)
    )


def _rows(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    with reading(engine) as transaction:
        rows = [tuple(row) for row in transaction.execute(text(question))]
    engine.dispose()
    return rows


def _pretend(engine: Engine, revision: str | None) -> None:
    with writing(engine) as transaction:
        transaction.execute(text("DELETE FROM alembic_version"))
        if revision is not None:
            transaction.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})
