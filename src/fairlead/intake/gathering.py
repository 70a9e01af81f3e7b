"""Gathering: facts that come within a moment of each other go to the writer together.

A commit costs nearly as much for one fact as for sixty, and every fact that wakes the writer alone
takes the interpreter from those who read the next one. So facts are handed over when the event loop
has nothing more to say, or when there are enough; and those that come while others are written, who
would have to wait anyway, wait here until there are enough. Whoever is alone waits for two idle
passes of the loop. Not here: what is written, and when it is committed (`store.writer`).
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from fairlead.domain.errors import Unavailable
from fairlead.store.writer import Unit, Verb, Writer

ENOUGH: Final = 32
"""Facts that are worth a commit: of sixty senders half are read and answered while the others are written."""


class Gathering:
    """What one event loop has for the writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._units: list[Unit] = []
        self._seen = 0
        self._under_way = 0
        """Facts with the writer."""

    def add(self, verb: Verb, fact: Any) -> "asyncio.Future[Any]":
        """Return what will hold the result of `verb` with `fact` once it is committed."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        if not self._units:
            loop.call_soon(self._look, loop)
        self._units.append(Unit(verb, fact, self._deliver, done))
        if len(self._units) >= ENOUGH:
            self.hand_over()
        return done

    def hand_over(self) -> None:
        """Let the writer have what there is."""
        units, self._units, self._seen = self._units, [], 0
        try:
            if units:
                self._writer.submit(*units)
                self._under_way += len(units)
        except Unavailable as error:
            for unit in units:
                unit.error = error
            _settle(units)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand over, unless others are being written, or more came since the last look."""
        if self._under_way:
            return
        if self._seen == len(self._units):
            self.hand_over()
        else:
            self._seen = len(self._units)
            loop.call_soon(self._look, loop)

    def _deliver(self, units: Sequence[Unit]) -> None:
        """Wake everybody in a batch with one call into the event loop, from the writer's thread."""
        loop = units[0].token.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, units, loop)

    def _wake(self, units: Sequence[Unit], loop: asyncio.AbstractEventLoop) -> None:
        self._under_way -= len(units)
        _settle(units)
        if self._units and not self._under_way:
            self._seen = 0
            loop.call_soon(self._look, loop)


def _settle(units: Sequence[Unit]) -> None:
    for unit in units:
        if unit.token.done():
            continue
        if unit.error is None:
            unit.token.set_result(unit.result)
        else:
            unit.token.set_exception(unit.error)
