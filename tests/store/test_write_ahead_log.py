"""SQLite's log: a batch is written while another is on its way to the disk, and nobody is told too early."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from fairlead.domain.errors import Unavailable
from fairlead.store import write_ahead_log
from fairlead.store.engine import Transaction, WritingConnection, open_engine, reading
from fairlead.store.write_ahead_log import WriteAheadLog
from fairlead.store.writer import Unit, Writer
from tests.waiting import became

WAIT_S = 30
FULL, NORMAL = 2, 1


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A file whose commits wait for the disk as in life."""
    opened = open_engine(f"sqlite:///{tmp_path / 'facts.db'}")

    @event.listens_for(opened, "checkout")
    def _wait_as_in_life(connection: sqlite3.Connection, record: Any, _proxy: Any) -> None:
        if "waits" not in record.info:
            connection.execute("PRAGMA synchronous=FULL")
            record.info["waits"] = True

    with WritingConnection(opened).writing() as transaction:
        transaction.execute(text("CREATE TABLE facts (fact)"))
    yield opened
    opened.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    """The writer of that file."""
    opened = Writer(engine)
    yield opened
    opened.close()


class Disk:
    """Stands between the log and the real disk: lets nothing through until told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lets_through = threading.Event()
        self.synced: list[int] = []
        really = write_ahead_log._sync

        def sync(file: int) -> None:
            assert self.lets_through.wait(WAIT_S)
            self.synced.append(os.fstat(file).st_ino)
            really(file)

        monkeypatch.setattr(write_ahead_log, "_sync", sync)


def keep(transaction: Transaction, facts: Sequence[Any], /) -> list[Any]:
    for fact in facts:
        transaction.execute(text("INSERT INTO facts VALUES (:fact)"), {"fact": fact})
    return list(facts)


def submit(writer: Writer, fact: int, told: list[Unit]) -> None:
    writer.submit(Unit(keep, fact, told.extend))


def are_stored(engine: Engine, facts: int) -> bool:
    with reading(engine) as transaction:
        return bool(transaction.execute(text("SELECT count(*) FROM facts")).scalar_one() == facts)


def synchronous(transaction: Transaction) -> int:
    return int(transaction.execute(text("PRAGMA synchronous")).scalar_one())


def test_the_next_batch_is_written_and_nobody_is_told_while_the_disk_takes_its_time(
    engine: Engine, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    told: list[Unit] = []

    for fact in (1, 2):
        submit(writer, fact, told)
        assert became(partial(are_stored, engine, fact), WAIT_S)

    assert not told
    disk.lets_through.set()
    assert became(lambda: [unit.result for unit in told] == [1, 2], WAIT_S)


def test_what_was_committed_is_synced_and_told_when_the_writer_closes(
    engine: Engine, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    disk.lets_through.set()
    told: list[Unit] = []

    submit(writer, 1, told)
    log = Path(f"{engine.url.database}-wal").stat().st_ino
    writer.close()

    assert [1] == [unit.result for unit in told]
    assert [log] == disk.synced


def test_a_disk_that_failed_is_not_relied_on_again(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Unit] = []

    def fail(_file: int) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(write_ahead_log, "_sync", fail)
        submit(writer, 1, told)
        assert became(lambda: len(told) == 1, WAIT_S)
    submit(writer, 2, told)
    assert became(lambda: len(told) == 2, WAIT_S)

    assert [Unavailable, Unavailable] == [type(unit.error) for unit in told]


def test_a_connection_that_is_given_back_waits_for_the_disk_again(engine: Engine) -> None:
    connection = WritingConnection(engine, waits_for_disk=False)

    with connection.writing() as transaction:
        meanwhile = synchronous(transaction)
    connection.close()

    with reading(engine) as transaction:
        assert (NORMAL, FULL) == (meanwhile, synchronous(transaction))


def test_a_log_that_was_replaced_is_synced_as_it_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    disk.lets_through.set()
    path = tmp_path / "facts.db-wal"
    log = WriteAheadLog(path)

    log.sync()
    inodes = []
    for number in range(2):
        new = tmp_path / f"new-{number}"
        new.write_bytes(b"frames")
        new.replace(path)
        inodes.append(path.stat().st_ino)
        log.sync()
    log.close()

    assert inodes == disk.synced
