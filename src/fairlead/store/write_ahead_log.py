"""The log of an SQLite file: what is committed there outlasts a loss of power once the log is synced.

SQLite takes one write at a time, and usually waits for the disk before it takes the next. Where somebody
else does the waiting, the next is written meanwhile, as `synchronous=NORMAL` has it: the file stays whole
whatever happens, and what was committed is safe from the sync of the log on. Nobody may be told of a commit
before. Not here: who waits (`writer.py`), and PostgreSQL, which waits by itself.
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Connection

from fairlead.store.disk import sync_folder

# As `PRAGMA synchronous` tells it.
_FULL: Final = 2
# Without the times of the file, which nobody asks for; not every system can do that.
_sync: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)


class WriteAheadLog:
    """The log that the commits of one connection go to."""

    def __init__(self, path: Path) -> None:
        """`path` is where SQLite keeps it; it need not be there yet."""
        self._path = path
        self._file: int | None = None
        self._failed: OSError | None = None

    @classmethod
    def taken_over(cls, connection: Connection, before: Self | None = None) -> Self | None:
        """Let a connection, between transactions, no longer wait; return the log that is to be synced then.

        None if it does not wait for the sync of a log. `before` is the log that was taken over last.
        """
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            return None
        [mode] = driver.execute("PRAGMA journal_mode").fetchone()
        [synchronous] = driver.execute("PRAGMA synchronous").fetchone()
        if mode != "wal" or synchronous != _FULL:
            return None
        driver.execute("PRAGMA synchronous=NORMAL")
        file = next(file for _, name, file in driver.execute("PRAGMA database_list") if name == "main")
        return before or cls(Path(f"{file}-wal"))

    @staticmethod
    def is_given_back(connection: Connection) -> bool:
        """Let a connection that was taken over wait again; tell whether it does."""
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection) or driver.in_transaction:
            return False
        driver.execute("PRAGMA synchronous=FULL")
        return True

    def sync(self) -> None:
        """Wait until all that was committed before the call is safe.

        Raises:
            OSError: the disk could not keep it. What it holds is not known from then on, so it is raised
                again each time.
        """
        if self._failed is not None:
            raise self._failed
        try:
            self._see_to_file()
            if self._file is not None:
                _sync(self._file)
        except OSError as error:
            self._failed = error
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _see_to_file(self) -> None:
        """Open the log, anew if another one stands in its place: the last to close a database removes it."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            # All of it is in the database by now, and was synced there.
            self.close()
            return
        if self._file is not None and os.path.samestat(os.fstat(self._file), there):
            return
        self.close()
        self._file = os.open(self._path, os.O_RDONLY)
        sync_folder(self._path.parent)
