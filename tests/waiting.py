"""Waiting for what a test cannot be told of. Not here: anything that says when it is done."""

import time
from collections.abc import Callable

# Whoever asks without a pause takes the processor from whom it waits for.
_PAUSE_S = 0.03


def became(what: Callable[[], bool], within_s: float) -> bool:
    """Ask until it is so, or time is up."""
    until = time.monotonic() + within_s
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE_S)
    return True


def last_so_s(what: Callable[[], bool]) -> float:
    """Ask until it is no longer so; return how long after the call was asked when it last was.

    However long an answer takes on a busy machine, what counts is when it was asked for.
    """
    began_s, last_s = time.monotonic(), 0.0
    while True:
        asked_s = time.monotonic() - began_s
        if not what():
            return last_s
        last_s = asked_s
