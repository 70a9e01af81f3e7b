"""The ledger: one open database with its readers and its writer.

The one object that use cases are asked through. Not here: statements, and any waiting that is
not a thread's own.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from fairlead.store.engine import Transaction, open_engine, reading
from fairlead.store.writer import Unit, Verb, Writer

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Ledger:
    """Reads on the caller's thread, writes through the one writer."""

    def __init__(self, url: str) -> None:
        """Open the database at `url`; its schema must be up to date (`store.schema`)."""
        self.engine = open_engine(url)
        self.writer = Writer(self.engine)

    def read(
        self,
        question: Callable[Concatenate[Transaction, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Return `question(transaction, …)`."""
        with reading(self.engine) as transaction:
            return question(transaction, *args, **kwargs)

    def write(self, verb: Verb, fact: Any) -> Any:
        """Do `verb` with `fact`, wait until it is committed, and return its result.

        Raises what the verb refused with, or `Unavailable`.
        """
        done = threading.Event()

        def deliver(_units: Sequence[Unit]) -> None:
            done.set()

        unit = Unit(verb, fact, deliver)
        self.writer.submit(unit)
        done.wait()
        if unit.error is not None:
            raise unit.error
        return unit.result

    def close(self) -> None:
        """Finish all writing that was accepted and let go of the database."""
        self.writer.close()
        self.engine.dispose()
