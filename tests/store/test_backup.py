from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import Engine, select

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, OldSchema, Rejected, Unavailable
from fairlead.store import backup, backup_file, schema
from fairlead.store.backup_file import Head
from fairlead.store.engine import open_engine, reading, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import hook_deliveries, metadata
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.conftest import ENGINES
from tests.databases import PostgreSQL
from tests.factories import NOON, a_deployment, a_failure

MANY = 450
"""More rows than are fetched at once."""


def unheard(_done: int, _total: int) -> None:
    """Tell nobody how far it is."""


def fail(_done: int, _total: int) -> None:
    raise OSError("full disk")


@pytest.fixture
def full(ledger: Ledger, org_id: OrgId) -> Ledger:
    """A ledger with something in most tables, bytes and texts beyond ASCII among it."""
    told = [a_deployment(version=f"1.{number}") for number in range(MANY)]
    odd = a_deployment(id="größe-漢", tags=("k:\\x00", 'k:"\n\t\\N'))
    with writing(ledger.engine) as transaction:
        record_deployments(transaction, [*told, odd])
        record_failures(transaction, [a_failure(), a_failure(finished_at=None)])
        transaction.execute(
            hook_deliveries.insert(),
            [
                {
                    "org_id": org_id,
                    "hook_id": "h",
                    "delivery_id": "d",
                    "received_at": 2**62,
                    "body": b"\x00\xff\\",
                }
            ],
        )
    return ledger


@pytest.fixture(params=ENGINES)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Another database without a schema, on each engine."""
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path / 'elsewhere.db'}")
        yield opened
        opened.dispose()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"elsewhere_{uuid4().hex}"
    opened = open_engine(server.create(name))
    yield opened
    opened.dispose()
    server.drop(name)


def test_what_is_restored_is_what_was_backed_up_on_either_engine(
    full: Ledger, elsewhere: Engine, tmp_path: Path
) -> None:
    made = backup.back_up(full.engine, tmp_path / "full.backup", tell=unheard, clock=lambda: NOON)

    restored = backup.restore(elsewhere, tmp_path / "full.backup", tell=unheard)

    everything = contents(full.engine)
    assert Head(schema.newest(), NOON, sum(len(rows) for rows in everything.values())) == made == restored
    assert everything == contents(elsewhere)
    assert schema.newest() == schema.check(elsewhere)


def test_a_backup_is_one_moment_however_much_is_written_meanwhile(
    full: Ledger, elsewhere: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(full.engine)
    monkeypatch.setattr(backup, "_TOLD_EVERY", 1)

    def interfere(done: int, _total: int) -> None:
        if done == 1:
            full.write(record_deployments, a_deployment(id="meanwhile"))

    backup.back_up(full.engine, tmp_path / "full.backup", tell=interfere)
    backup.restore(elsewhere, tmp_path / "full.backup", tell=unheard)

    assert before == contents(elsewhere)
    assert before != contents(full.engine)


def test_a_backup_of_an_earlier_schema_is_brought_up_to_date(elsewhere: Engine, tmp_path: Path) -> None:
    schema.migrate(elsewhere)
    columns = ["org_id", "name", "rate_limit", "created_at"]
    early = write_backup(tmp_path / "early", "organisations", columns, [7, "early", "", 5], revision="0001")

    backup.restore(elsewhere, early, tell=unheard)

    assert schema.newest() == schema.check(elsewhere)
    assert {"early", "default"} == {row[1] for row in contents(elsewhere)["organisations"]}


def test_a_database_that_holds_something_is_left_alone(ledger: Ledger, tmp_path: Path) -> None:
    backup.back_up(ledger.engine, tmp_path / "empty", tell=unheard)
    ledger.write(record_deployments, a_deployment(id="mine"))
    before = contents(ledger.engine)

    with pytest.raises(Rejected, match="already holds deployment"):
        backup.restore(ledger.engine, tmp_path / "empty", tell=unheard)
    assert before == contents(ledger.engine)


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_backup_that_was_cut_off_restores_nothing(full: Ledger, tmp_path: Path, kept: float) -> None:
    path = tmp_path / "full.backup"
    backup.back_up(full.engine, path, tell=unheard)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    target = open_engine(f"sqlite:///{tmp_path / 'target.db'}")

    with pytest.raises(Rejected, match=r"damaged or was cut off|no backup of Fairlead"):
        backup.restore(target, path, tell=unheard)
    with reading(target) as transaction:
        assert schema.revision(transaction) is None
    target.dispose()


def test_a_backup_with_a_flipped_bit_restores_nothing(
    elsewhere: Engine, full: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "full.backup"
    backup.back_up(full.engine, path, tell=unheard)
    told = bytearray(path.read_bytes())
    told[len(told) // 2] ^= 4
    path.write_bytes(told)

    with pytest.raises(FairleadError):
        backup.restore(elsewhere, path, tell=unheard)
    with reading(elsewhere) as transaction:
        assert schema.revision(transaction) is None


def test_a_backup_of_a_newer_fairlead_is_refused(elsewhere: Engine, tmp_path: Path) -> None:
    newer = write_backup(tmp_path / "newer", "organisations", ["org_id"], [1], revision="9999")

    with pytest.raises(FairleadError, match="made by a newer Fairlead"):
        backup.restore(elsewhere, newer, tell=unheard)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("organisations", ["org_id", "name) VALUES (1, 'x'); --"]),
        ("alembic_version", ["version_num", "org_id"]),
        ("organisations; DROP TABLE keys", ["org_id", "name"]),
        ("nothing", ["org_id", "name"]),
    ],
)
def test_a_forged_backup_names_no_statements(
    elsewhere: Engine, tmp_path: Path, table: str, columns: list[str]
) -> None:
    forged = write_backup(tmp_path / "forged", table, columns, [1, "x"])

    with pytest.raises(Rejected, match="does not have"):
        backup.restore(elsewhere, forged, tell=unheard)


def test_rows_that_do_not_fit_are_refused(elsewhere: Engine, tmp_path: Path) -> None:
    forged = write_backup(tmp_path / "forged", "organisations", ["org_id", "name"], [1, [2]])

    with pytest.raises(Rejected, match="cannot be restored"):
        backup.restore(elsewhere, forged, tell=unheard)


def test_a_file_that_is_no_backup_is_not_overwritten(ledger: Ledger, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Buy milk.", encoding="utf-8")

    with pytest.raises(Rejected, match="exists and is no backup"):
        backup.back_up(ledger.engine, notes, tell=unheard)
    assert "Buy milk." == notes.read_text(encoding="utf-8")


def test_a_backup_that_fails_leaves_the_earlier_one(
    full: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "full.backup"
    backup.back_up(full.engine, path, tell=unheard)
    earlier = path.read_bytes()
    monkeypatch.setattr(backup, "_TOLD_EVERY", 100)

    with pytest.raises(FairleadError, match="full disk"):
        backup.back_up(full.engine, path, tell=fail)
    assert ["full.backup"] == [one.name for one in tmp_path.iterdir() if "backup" in one.name]
    assert earlier == path.read_bytes()


def test_only_the_owner_may_read_a_backup(ledger: Ledger, tmp_path: Path) -> None:
    backup.back_up(ledger.engine, tmp_path / "mine", tell=unheard)

    assert 0o600 == (tmp_path / "mine").stat().st_mode & 0o777


def test_a_folder_that_is_not_there_is_told(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(FairleadError, match="cannot write to"):
        backup.back_up(ledger.engine, tmp_path / "absent" / "x", tell=unheard)
    with pytest.raises(FairleadError, match="cannot read"):
        backup.restore(ledger.engine, tmp_path / "absent" / "x", tell=unheard)


def test_a_database_behind_this_program_is_not_backed_up(empty_database: str, tmp_path: Path) -> None:
    engine = open_engine(empty_database)

    with pytest.raises(OldSchema):
        backup.back_up(engine, tmp_path / "x", tell=unheard)
    engine.dispose()


def test_a_database_that_cannot_be_reached_says_why(postgresql: PostgreSQL, tmp_path: Path) -> None:
    path = write_backup(tmp_path / "x", "organisations", ["org_id"], [1])
    engine = open_engine(postgresql.url("nowhere"))

    with pytest.raises(Unavailable, match='database "nowhere" does not exist'):
        backup.restore(engine, path, tell=unheard)


def write_backup(path: Path, table: str, columns: list[str], row: Any, revision: str = "") -> Path:
    """Write a backup of one row and return where it is."""
    with backup_file.writing_backup(path) as file:
        file.write(Head(revision or schema.newest(), NOON, 1))
        file.write(backup_file.Part(table, columns, [msgspec.Raw(backup_file.encode_row(row))]))
        file.end()
    return path


def contents(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, in an order of its own."""
    with reading(engine) as transaction:
        return {
            table.name: sorted((tuple(row) for row in transaction.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
