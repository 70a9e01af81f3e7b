from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, UniqueConstraint, text

from fairlead.domain.errors import FairleadError, OldSchema, Rejected
from fairlead.store import schema
from fairlead.store.distribution import BY, UNDISTRIBUTED, distribute, distributed
from fairlead.store.engine import open_engine, reading, writing
from fairlead.store.tables import metadata
from tests.databases import PostgreSQL

# What Citus demands of a table before it spreads it, and how it remembers that it did. Citus
# itself is in no package that the tests could install.
_RULES = """
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, colocated text NOT NULL);
CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text) RETURNS void AS $$
BEGIN
  IF EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = name AND i.indisunique AND NOT EXISTS (
      SELECT FROM pg_attribute a WHERE a.attrelid = name AND a.attname = by AND a.attnum = ANY (i.indkey)))
  THEN RAISE EXCEPTION 'the distribution column is missing in a constraint'; END IF;
  IF EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = name AND c.contype = 'f')
  THEN RAISE EXCEPTION 'a foreign key'; END IF;
  IF EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = name AND pg_get_expr(adbin, adrelid) ~ '^nextval')
  THEN RAISE EXCEPTION 'a sequence'; END IF;
  INSERT INTO pg_dist_partition VALUES (name, colocate_with);
END $$ LANGUAGE plpgsql;
"""


@pytest.fixture
def engine(postgresql: PostgreSQL) -> Iterator[Engine]:
    """A PostgreSQL that is up to date, without Citus."""
    name = f"spread_{uuid4().hex}"
    opened = open_engine(postgresql.create(name))
    schema.migrate(opened)
    yield opened
    opened.dispose()
    postgresql.drop(name)


@pytest.fixture
def citus(engine: Engine) -> Engine:
    """One that says what Citus says."""
    with writing(engine) as transaction:
        transaction.exec_driver_sql(_RULES)
    return engine


def test_every_table_but_the_work_goes_with_its_organisation(citus: Engine) -> None:
    told: list[str] = []

    assert len(metadata.tables) - 1 == distribute(citus, tell=told.append)
    assert set(metadata.tables) - {"work"} == set(told)
    with reading(citus) as transaction:
        spread = transaction.execute(text("SELECT logicalrelid::text, colocated FROM pg_dist_partition"))
        beside = {str(one.logicalrelid): str(one.colocated) for one in spread}
    assert "none" == beside.pop("organisations")
    assert {"organisations"} == set(beside.values())


def test_what_was_broken_off_is_taken_up_where_it_stopped(citus: Engine) -> None:
    _, _, third, *rest = distributed()

    def stop(name: str) -> None:
        if name == third:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        distribute(citus, tell=stop)
    told: list[str] = []
    assert len(rest) == distribute(citus, tell=told.append)
    assert rest == told
    assert 0 == distribute(citus, tell=told.append)


def test_a_postgresql_without_citus_is_told_what_it_lacks(engine: Engine) -> None:
    with pytest.raises(FairleadError, match="has no Citus in it"):
        distribute(engine, tell=print)


def test_sqlite_cannot_be_distributed(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="only PostgreSQL with Citus"):
        distribute(open_engine(f"sqlite:///{tmp_path / 'x.db'}"), tell=print)


def test_a_database_behind_this_program_is_not_distributed(postgresql: PostgreSQL) -> None:
    name = f"behind_{uuid4().hex}"
    engine = open_engine(postgresql.create(name))

    with pytest.raises(OldSchema):
        distribute(engine, tell=print)
    engine.dispose()
    postgresql.drop(name)


@pytest.mark.parametrize("name", sorted(metadata.tables))
def test_every_table_stands_inside_the_tenant_wall(name: str) -> None:
    table = metadata.tables[name]
    keys = [table.primary_key, *(one for one in table.constraints if isinstance(one, UniqueConstraint))]
    unique = [index.columns for index in table.indexes if index.unique]

    assert BY == next(iter(table.columns)).name
    assert all(BY == next(iter(columns)).name for columns in (*(key.columns for key in keys), *unique))
    assert not table.foreign_keys
    others = [index for index in table.indexes if name not in UNDISTRIBUTED]
    assert all(BY == next(iter(index.columns)).name for index in others)
