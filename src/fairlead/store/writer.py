"""The one writer of a process: group commit.

Requests that arrive while a commit is on its way to the disk wait together and share the next
one. Facts for the same verb go to the store in one call. Somebody is answered only when the
commit that holds their fact is done; one bad fact never fails its neighbours. Not here: what is
written (the verbs are handed in) and how an asynchronous caller is woken (`deliver`).
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import Engine

from fairlead.domain.errors import FairleadError, Unavailable
from fairlead.store.engine import Transaction, WritingConnection, has_collided

MOST_IN_A_BATCH = 512
"""With so many nothing more is taken; what was submitted together stays together."""
_KEPT_S = 0.02
"""How long the writer keeps its connection when there is nothing to write: longer than a flood pauses."""
_REMEMBERED = 8
"""Commits whose company counts, about."""
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
    """Called on the writer's thread with every unit of a batch that has this same `deliver`."""
    token: Any = None
    """For the caller's own use, such as a future."""
    result: Any = None
    error: BaseException | None = None


class Writer:
    """A thread that owns all writing of this process."""

    def __init__(self, engine: Engine) -> None:
        self._connection = WritingConnection(engine)
        self._queue: SimpleQueue[Sequence[Unit] | None] = SimpleQueue()
        self._closed = False
        self._company = 0.0
        self._thread = threading.Thread(target=self._run, name="fairlead-writer", daemon=True)
        self._thread.start()

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
        """How many facts share a commit, on average over the last few: more than a few in a flood only."""
        return self._company

    def close(self) -> None:
        """Write and answer everything taken so far, then stop. May be called again."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            _write(self._connection, batch)
            self._company += (len(batch) - self._company) / _REMEMBERED
            for units in _grouped(batch, lambda unit: unit.deliver):
                units[0].deliver(units)
        self._connection.release()

    def _next_batch(self) -> list[Unit]:
        """Wait for something to write and take what has gathered behind it; empty means stop."""
        batch = list(self._first_units() or ())
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

    def _first_units(self) -> Sequence[Unit] | None:
        """Wait for something to write; the connection is kept while more comes within a moment."""
        try:
            return self._queue.get(timeout=_KEPT_S)
        except Empty:
            self._connection.release()
            return self._queue.get()


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
