"""The one writer of a process: group commit.

Requests that arrive while a commit is on its way to the disk wait together and share the next
one. Facts for the same verb go to the store in one call. Somebody is answered only when the
commit that holds their fact is done and on the disk; one bad fact never fails its neighbours. On
SQLite one batch is written while the one before is on its way to the disk, on PostgreSQL, which
takes several writes at once, two are written side by side. Not here: what is written (the verbs
are handed in) and how an asynchronous caller is woken (`deliver`).
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import structlog
from msgspec import Struct
from sqlalchemy import Engine

from fairlead.domain.errors import FairleadError, Unavailable
from fairlead.store.engine import SQLITE, Transaction, WritingConnection, has_collided
from fairlead.store.write_ahead_log import WriteAheadLog

log = structlog.get_logger(__name__)

MOST_IN_A_BATCH = 512
"""With so many nothing more is taken; what was submitted together stays together."""
_KEPT_S = 0.02
"""How long the writer keeps its connection when there is nothing to write."""
_REMEMBERED = 8
"""Commits whose company counts, about."""
_FLOOD_PAUSES_S = 0.5
"""How long a flood may pause; its facts wait for a disk that may be slow."""
_LANES = 2
"""How many batches PostgreSQL is given at once: while it writes one, another is made ready."""
MOST_TRIES = 5
"""Of a batch that collides with one of another process; after that its senders may try."""


class Verb(Protocol):
    """Writes many facts of one kind in a transaction and returns a result for each, in order.

    A result that is an error means: this fact was refused before anything was written for it.
    """

    def __call__(self, transaction: Transaction, facts: Sequence[Any], /) -> Sequence[Any]:
        """Do it."""


class Unit(Struct):
    """One fact on its way: what to do with it and whom to tell."""

    verb: Verb
    fact: Any
    deliver: Callable[["Sequence[Unit]"], None]
    """Called on a thread of the writer's with every unit of a batch that has this same `deliver`."""
    token: Any = None
    """For the caller's own use, such as a future."""
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The threads that own all writing of this process."""

    def __init__(self, engine: Engine) -> None:
        self._queue: SimpleQueue[Sequence[Unit] | None] = SimpleQueue()
        self._committed: SimpleQueue[_Committed | None] = SimpleQueue()
        self._closed = False
        self._company = 0.0
        self._wrote_s = 0.0
        lanes = 1 if engine.name == SQLITE else _LANES
        self._connections = [WritingConnection(engine, waits_for_disk=False) for _ in range(lanes)]
        self._lanes = [self._thread("writer", self._run, connection) for connection in self._connections]
        self._teller = self._thread("teller", self._tell)

    def submit(self, *units: Unit) -> None:
        """Take `units`, for one commit; each is delivered once it is committed or refused.

        Raises:
            Unavailable: the writer is closed.
        """
        if self._closed:
            raise Unavailable
        self._queue.put(units)

    @property
    def company(self) -> float:
        """How many facts share a commit, on average over the last few: more than a few in a flood only.

        None once nobody has written for longer than a flood pauses.
        """
        is_lately = time.monotonic() - self._wrote_s < _FLOOD_PAUSES_S
        return self._company if is_lately else 0.0

    def close(self) -> None:
        """Write and answer everything taken so far, then stop. May be called again."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        for lane in self._lanes:
            lane.join()
        self._committed.put(None)
        self._teller.join()
        for connection in self._connections:
            connection.close()

    @staticmethod
    def _thread(name: str, run: Callable[..., None], *args: Any) -> threading.Thread:
        thread = threading.Thread(target=run, args=args, name=f"fairlead-{name}", daemon=True)
        thread.start()
        return thread

    def _run(self, connection: WritingConnection) -> None:
        while batch := self._next_batch(connection):
            _write(connection, batch)
            # Lanes may overwrite each other's; it is an estimate.
            self._company, self._wrote_s = self._company_with(len(batch)), time.monotonic()
            if connection.log is None:
                _deliver(batch)
            else:
                self._committed.put(_Committed(batch, connection.log))
        connection.release()

    def _company_with(self, facts: int) -> float:
        company = self.company
        return company + (facts - company) / _REMEMBERED

    def _tell(self) -> None:
        """Tell whoever waits for what is committed, once it is on the disk."""
        while one := self._committed.get():
            _keep(one)
            _deliver(one.batch)

    def _next_batch(self, connection: WritingConnection) -> list[Unit]:
        """Wait for something to write and take what has gathered behind it; empty means stop."""
        batch = list(self._first_units(connection) or ())
        while batch and len(batch) < MOST_IN_A_BATCH:
            try:
                units = self._queue.get_nowait()
            except Empty:
                break
            if units is None:
                # The sign to stop is for the next round: this batch still has to be written.
                self._queue.put(None)
                break
            batch += units
        return batch

    def _first_units(self, connection: WritingConnection) -> Sequence[Unit] | None:
        """Wait for something to write; the connection is kept while more comes within a moment."""
        try:
            units = self._queue.get(timeout=_KEPT_S)
        except Empty:
            connection.release()
            units = self._queue.get()
        if units is None:
            # The other lanes are to see the sign too.
            self._queue.put(None)
        return units


class _Committed(Struct):
    """A batch that is committed, and the log that has to be on the disk before anybody is told."""

    batch: Sequence[Unit]
    log: WriteAheadLog


def _keep(one: _Committed) -> None:
    """Wait for the disk; if it fails, nothing of the batch may be relied on."""
    try:
        one.log.sync()
    except OSError:
        log.exception("the disk did not keep what was written; nothing is taken until a restart")
        _fail(one.batch, Unavailable())


def _deliver(batch: Sequence[Unit]) -> None:
    for units in _grouped(batch, lambda unit: unit.deliver):
        units[0].deliver(units)


def _write(connection: WritingConnection, batch: Sequence[Unit], tries: int = MOST_TRIES) -> None:
    """Settle every unit of `batch`: together if possible, one by one if not.

    Where this process and another stood in each other's way, one of the two tries again.
    """
    try:
        with connection.writing() as transaction:
            for units in _grouped(batch, lambda unit: unit.verb):
                _settle(units, units[0].verb(transaction, [unit.fact for unit in units]))
    except Unavailable as error:
        _fail(batch, error)
    except Exception as error:  # noqa: BLE001 — whatever it was, its neighbours must not share it.
        if has_collided(error):
            _try_again(_write, connection, batch, tries)
        elif len(batch) == 1:
            _fail(batch, error)
        else:
            _write_apart(connection, batch)


def _write_apart(connection: WritingConnection, batch: Sequence[Unit], tries: int = MOST_TRIES) -> None:
    """Write each unit behind a savepoint of its own, so that only the bad one is lost."""
    try:
        with connection.writing() as transaction:
            for unit in batch:
                _write_alone(transaction, unit)
    except Exception as error:  # noqa: BLE001 — the commit failed: nobody's fact is kept.
        if has_collided(error):
            _try_again(_write_apart, connection, batch, tries)
        else:
            _fail(batch, error)


def _write_alone(transaction: Transaction, unit: Unit) -> None:
    try:
        with transaction.begin_nested():
            _settle([unit], unit.verb(transaction, [unit.fact]))
    except Exception as error:
        if has_collided(error):
            # Nothing is wrong with the fact, and the whole transaction may be doomed.
            raise
        _fail([unit], error)


def _try_again(
    write: Callable[[WritingConnection, Sequence[Unit], int], None],
    connection: WritingConnection,
    batch: Sequence[Unit],
    tries: int,
) -> None:
    if tries > 1:
        write(connection, batch, tries - 1)
    else:
        _fail(batch, Unavailable())


def _settle(units: Sequence[Unit], results: Sequence[Any]) -> None:
    for unit, result in zip(units, results, strict=True):
        refused = isinstance(result, FairleadError)
        unit.result, unit.error = (None, result) if refused else (result, None)


def _fail(units: Iterable[Unit], error: BaseException) -> None:
    for unit in units:
        unit.result, unit.error = None, error


def _grouped(units: Sequence[Unit], trait: Callable[[Unit], Any]) -> Iterable[list[Unit]]:
    """Return `units` in groups of equal trait, in order of first appearance."""
    groups: dict[Any, list[Unit]] = {}
    for unit in units:
        groups.setdefault(trait(unit), []).append(unit)
    return groups.values()
