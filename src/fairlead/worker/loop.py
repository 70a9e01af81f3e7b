"""The worker: looks for work, does it, and rests.

Any number of workers may run, in servers or alone: work is leased, so no two do the same piece
at once. Not here: what the work is (`usecases.do_work`).
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from fairlead.domain.errors import Unavailable
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work

log = structlog.get_logger(__name__)

_LOOK_AGAIN_S = 0.2
_REST_AFTER_CRASH_S = 5.0
# Requests come first: for every second of work rest four, though no longer than that what is seldom
# stays quick. In a flood, where many facts share a commit, somebody waits for every moment of work.
_REST_PER_WORK, _LONGEST_REST_S = 4.0, 0.8
_REST_PER_WORK_IN_A_FLOOD, _LONGEST_REST_IN_A_FLOOD_S = 16.0, 5.0
_A_FLOOD = 8.0


async def run(ledger: Ledger, stop: asyncio.Event, now: Callable[[], int] = time.time_ns) -> None:
    """Work until `stop` is set; what is under way then is finished first.

    A piece that crashes is reported and rests until its lease ends.
    """
    while not stop.is_set():
        wanted_s = await asyncio.to_thread(_once, ledger, now)
        since_s = time.monotonic()
        # Asked again and again, because a flood that passes is no reason any more.
        while (left_s := wanted_s(ledger.writer.company) + since_s - time.monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(left_s, _LOOK_AGAIN_S))
                return


def _once(ledger: Ledger, now: Callable[[], int]) -> Callable[[float], float]:
    """Do one lot of work; return what says how many seconds to rest while so many facts share a commit."""
    started_s = time.perf_counter()
    try:
        done = do_work(ledger, now())
    except Unavailable:
        return lambda _company: _REST_AFTER_CRASH_S
    except Exception:
        log.exception("work crashed; it is taken again when its lease ends")
        return lambda _company: _REST_AFTER_CRASH_S
    return partial(rest_s, time.perf_counter() - started_s) if done else lambda _company: _LOOK_AGAIN_S


def rest_s(worked_s: float, company: float) -> float:
    """Return for how many seconds to rest after so many of work, while `company` facts share a commit."""
    if company >= _A_FLOOD:
        return min(worked_s * _REST_PER_WORK_IN_A_FLOOD, _LONGEST_REST_IN_A_FLOOD_S)
    return min(worked_s * _REST_PER_WORK, _LONGEST_REST_S)
