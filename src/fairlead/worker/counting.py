"""Counting: asks Prometheus for the requests and errors of the sources that are due.

One that hangs holds up no other for longer than its time-out. Not here: how Prometheus is asked,
which is handed in, and what is kept.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog

from fairlead.domain.errors import Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.promql import Unanswered
from fairlead.domain.traffic import MINUTE_NS, Caps
from fairlead.domain.traffic_sources import KeptSource, Samples, TrafficSource, cells_of, faults_of
from fairlead.store import work
from fairlead.store.ledger import Ledger
from fairlead.store.work import Taken
from fairlead.usecases.count_traffic import (
    KINDS,
    CountsAnswered,
    CountsWanted,
    keep_counts,
    take_sources,
    taken_sources,
)

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 16
MOST_STEPS = 240
"""Asked for at once; what was missed for longer is caught up with step by step."""
_FARTHEST_MINUTES = 24 * 60
_LOOK_AGAIN_S = 0.5
_REST_AFTER_CRASH_S = 2.0


class RangeAsker(Protocol):
    """Whoever knows how to ask Prometheus."""

    async def ask_range(self, query: str, start_s: int, end_s: int, step_s: int, /) -> Sequence[Samples]:
        """Return values at each step, or raise `Unanswered`."""


async def run(
    ledger: Ledger, stop: asyncio.Event, asker: RangeAsker, caps: Caps, now: Callable[[], int] = time.time_ns
) -> None:
    """Count until `stop` is set; what is under way then is finished first."""
    while not stop.is_set():
        try:
            due = await asyncio.to_thread(_due, ledger, now())
            await asyncio.gather(*(_count(ledger, asker, one, caps, now) for one in due))
            rest_s = 0.0 if due else _LOOK_AGAIN_S
        except Unavailable:
            rest_s = _REST_AFTER_CRASH_S
        except Exception:
            log.exception("counting crashed; what was taken is taken again when its lease ends")
            rest_s = _REST_AFTER_CRASH_S
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), rest_s)


def _due(ledger: Ledger, now: int) -> list[tuple[Taken, KeptSource | None]]:
    if not ledger.read(work.is_due, now=now, kinds=KINDS):
        return []
    taken = ledger.write(take_sources, CountsWanted(most=MOST_AT_ONCE, now=now))
    return ledger.read(taken_sources, taken)


async def _count(
    ledger: Ledger,
    asker: RangeAsker,
    due: tuple[Taken, KeptSource | None],
    caps: Caps,
    now: Callable[[], int],
) -> None:
    taken, kept = due
    at = now()
    span = (0, 0) if kept is None else _span(kept, at)
    requests: Sequence[Samples] = ()
    errors: Sequence[Samples] = ()
    failure = ""
    try:
        if kept is not None:
            requests, errors = await _asked(asker, kept.source, span, at)
    except Unanswered as error:
        failure = str(error)
    answered = CountsAnswered(
        taken=taken,
        kept=kept,
        requests={} if kept is None else cells_of(kept.source, requests),
        faults={} if kept is None else faults_of(kept.source, errors),
        failure=failure,
        from_minute=span[0],
        to_minute=span[1],
        caps=caps,
        at=at,
        again_at=at + _wait_ns(kept, span, at, failure),
    )
    await asyncio.to_thread(ledger.write, keep_counts, answered)


def _span(kept: KeptSource, at: int) -> tuple[int, int]:
    """Return which minutes to ask for, the present one included when they reach so far."""
    first = max(kept.done_until, at // MINUTE_NS - _FARTHEST_MINUTES)
    most = max(1, MOST_STEPS * kept.source.step_s * NS_PER_S // MINUTE_NS)
    return first, min(at // MINUTE_NS + 1, first + most)


async def _asked(
    asker: RangeAsker, source: TrafficSource, span: tuple[int, int], at: int
) -> tuple[Sequence[Samples], Sequence[Samples]]:
    """Ask at the end of each step; the first ends a step after the first minute begins."""
    start_s = span[0] * 60 + source.step_s
    end_s = min(span[1] * 60, at // NS_PER_S // source.step_s * source.step_s)
    if end_s < start_s:
        return (), ()
    requests = await asker.ask_range(source.requests, start_s, end_s, source.step_s)
    return requests, await asker.ask_range(source.errors, start_s, end_s, source.step_s)


def _wait_ns(kept: KeptSource | None, span: tuple[int, int], at: int, failure: str) -> int:
    """Return when to ask again: at once while there is more to catch up with."""
    step_ns = (60 if kept is None else kept.source.step_s) * NS_PER_S
    return step_ns if failure or span[1] > at // MINUTE_NS else 0
