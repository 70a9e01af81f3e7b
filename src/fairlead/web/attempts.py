"""How often somebody may try to sign in. Counted in this process, and forgotten after a while.

Not here: limits on requests with keys (`intake.allowances`).
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fairlead.domain.errors import TooMany

MOST: Final = 10
WITHIN_S: Final = 300
_MOST_KEPT = 10_000


class Attempts:
    """Wrong passwords by account."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def require_left(self, account: str) -> None:
        """Refuse an account that was tried too often.

        Raises:
            TooMany: it was.
        """
        since = self._monotonic_s() - WITHIN_S
        recent = [at for at in self._failed.get(account, ()) if at > since]
        if len(recent) >= MOST:
            raise TooMany(f"too many attempts; try again in {WITHIN_S // 60} minutes")

    def note_failure(self, account: str) -> None:
        """Count a wrong password."""
        now = self._monotonic_s()
        recent = [at for at in self._failed.get(account, ()) if at > now - WITHIN_S]
        self._failed[account] = [*recent, now]
        self._failed.move_to_end(account)
        if len(self._failed) > _MOST_KEPT:
            self._failed.popitem(last=False)

    def forget(self, account: str) -> None:
        """Start anew after the right password."""
        self._failed.pop(account, None)
