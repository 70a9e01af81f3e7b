"""Polling: asks Prometheus for the monitors whose query is for it, each every few seconds.

Many are asked at once, and one that hangs holds up no other. Not here: how Prometheus is asked,
which is handed in, and what is kept.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from fairlead.domain.errors import Rejected, Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import Monitor
from fairlead.domain.promql import Series, Unanswered, condition_from, states_of
from fairlead.store import work
from fairlead.store.ledger import Ledger
from fairlead.store.work import Taken
from fairlead.usecases.poll_monitors import (
    KINDS,
    Polled,
    PollsWanted,
    forget_polls,
    keep_polls,
    polled_monitors,
    take_polls,
)

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 32
_LOOK_AGAIN_S = 0.5
_REST_AFTER_CRASH_S = 2.0


class Asker(Protocol):
    """Whoever knows how to ask Prometheus."""

    async def ask(self, query: str, /) -> Sequence[Series]:
        """Return values, or raise `Unanswered`."""

    async def close(self) -> None:
        """Let go."""


async def run(
    ledger: Ledger, stop: asyncio.Event, asker: Asker, every_s: int, now: Callable[[], int] = time.time_ns
) -> None:
    """Poll until `stop` is set; what is under way then is given up, and taken again later."""
    under_way: set[asyncio.Task[None]] = set()
    try:
        while not stop.is_set():
            rest_s = await _begin(ledger, asker, every_s, now, under_way)
            under_way = {task for task in under_way if not task.done()}
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), rest_s)
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asker.close()


async def _begin(
    ledger: Ledger, asker: Asker, every_s: int, now: Callable[[], int], under_way: set[asyncio.Task[None]]
) -> float:
    """Begin to ask for what is due; return for how many seconds to rest."""
    free = MOST_AT_ONCE - sum(not task.done() for task in under_way)
    if free <= 0:
        return _LOOK_AGAIN_S
    try:
        due = await asyncio.to_thread(_due, ledger, free, now())
    except Unavailable:
        return _REST_AFTER_CRASH_S
    except Exception:
        log.exception("polling crashed; what was taken is taken again when its lease ends")
        return _REST_AFTER_CRASH_S
    for taken, monitor in due:
        under_way.add(asyncio.create_task(_poll(ledger, asker, taken, monitor, (every_s, now))))
    return _LOOK_AGAIN_S


def _due(ledger: Ledger, most: int, now: int) -> list[tuple[Taken, Monitor]]:
    if not ledger.read(work.is_due, now=now, kinds=KINDS):
        return []
    taken = ledger.write(take_polls, PollsWanted(most=most, now=now))
    found = ledger.read(polled_monitors, taken)
    for one, monitor in found:
        if monitor is None:
            ledger.write(forget_polls, one)
    return [(one, monitor) for one, monitor in found if monitor is not None]


async def _poll(
    ledger: Ledger, asker: Asker, taken: Taken, monitor: Monitor, when: tuple[int, Callable[[], int]]
) -> None:
    every_s, now = when
    try:
        condition = condition_from(monitor.query)
        answer = await asker.ask(condition.expression)
        states, failure = tuple(states_of(condition, _warning(monitor), answer)), ""
    except (Unanswered, Rejected) as error:
        states, failure = (), str(error)
    at = now()
    polled = Polled(taken=taken, states=states, failure=failure, at=at, again_at=at + every_s * NS_PER_S)
    try:
        await asyncio.to_thread(ledger.write, keep_polls, polled)
    except Unavailable:
        pass  # It is taken again when its lease ends.
    except Exception:
        log.exception("what Prometheus answered cannot be kept", monitor=monitor.id)


def _warning(monitor: Monitor) -> float | None:
    thresholds = monitor.options.get("thresholds") or {}
    bound = thresholds.get("warning")
    return float(bound) if isinstance(bound, int | float) else None
