"""Deciding: looks at the rules of evaluations when they are due.

Apart from other work, because a deadline does not wait for a thousand commits. Not here: what a
rule finds (`fairlead.gates`).
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from fairlead.domain.errors import Unavailable
from fairlead.gates.findings import Policy
from fairlead.store.ledger import Ledger
from fairlead.usecases.decide_rules import decide_rules

log = structlog.get_logger(__name__)

_LOOK_AGAIN_S = 0.2
_REST_AFTER_CRASH_S = 2.0


async def run(
    ledger: Ledger, stop: asyncio.Event, policy: Policy, now: Callable[[], int] = time.time_ns
) -> None:
    """Decide until `stop` is set; what is under way then is finished first."""
    while not stop.is_set():
        rest_s = await asyncio.to_thread(_once, ledger, policy, now)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), rest_s)


def _once(ledger: Ledger, policy: Policy, now: Callable[[], int]) -> float:
    """Decide one lot; return for how many seconds to rest."""
    try:
        return 0.0 if decide_rules(ledger, now(), policy) else _LOOK_AGAIN_S
    except Unavailable:
        return _REST_AFTER_CRASH_S
    except Exception:
        log.exception("deciding crashed; what was taken is taken again when its lease ends")
        return _REST_AFTER_CRASH_S
