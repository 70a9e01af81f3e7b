"""Waiting for what a test cannot be told of. Not here: anything that says when it is done."""

import time
from collections.abc import Callable


def became(what: Callable[[], bool], within_s: float) -> bool:
    """Ask until it is so, or time is up; asking has to take a moment of its own."""
    until = time.monotonic() + within_s
    while not what():
        if time.monotonic() > until:
            return False
    return True
