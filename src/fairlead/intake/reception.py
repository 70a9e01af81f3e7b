"""The reception: where requests meet the store without blocking each other.

Use cases are plain functions. Reading runs on a few threads; writing goes to the one writer
(`gathering.py`). Not here: HTTP, and what is asked.
"""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from fairlead.domain.access import OrgId
from fairlead.domain.errors import TooMany
from fairlead.intake.allowances import Allowances, Spent
from fairlead.intake.body import AnyRequest
from fairlead.intake.callers import Caller, Callers, KeyHolder
from fairlead.intake.gathering import Gathering
from fairlead.settings import Settings
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.writer import Verb
from fairlead.usecases.find_key import find_key

_P = ParamSpec("_P")
_T = TypeVar("_T")

_READERS = 4
_SPENT = "spent"


class Reception:
    """What the handlers of all dialects are given."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger = ledger
        self.settings = settings
        self.callers = Callers(self._find_key, time.monotonic)
        self.allowances = Allowances(settings)
        self._gathering = Gathering(ledger.writer)
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="fairlead-reader")

    @staticmethod
    def now() -> int:
        """Return this instant."""
        return time.time_ns()

    @staticmethod
    def chance(size: int) -> bytes:
        """Return that many random bytes."""
        return os.urandom(size)

    async def read(
        self,
        question: Callable[Concatenate[Transaction, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Return `question(transaction, …)`, asked on a thread of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.ledger.read(question, *args, **kwargs))

    async def write(self, verb: Verb, fact: Any) -> Any:
        """Do `verb` with `fact` and return its result once it is committed."""
        return await self._gathering.add(verb, fact)

    async def admit(self, request: AnyRequest, caller: Caller) -> Spent | None:
        """Count a request of `caller`; None where nothing limits it.

        Raises:
            TooMany: its key or organisation has none left for now.
        """
        spent = await self.allowances.spend(caller)
        if spent is not None:
            # For whoever answers if the request ends in a refusal.
            request.scope["state"][_SPENT] = spent
            if spent.refused:
                raise TooMany
        return spent

    async def close(self) -> None:
        """Answer everything that was accepted, then let go of the store."""
        self._gathering.hand_over()
        await asyncio.get_running_loop().run_in_executor(None, self.ledger.close)
        self._readers.shutdown()
        await self.allowances.close()

    async def _find_key(self, org_id: OrgId, digest: bytes) -> KeyHolder | None:
        return await self.read(find_key, org_id, digest)


def spent_by(request: AnyRequest) -> Spent | None:
    """Return what was counted for a request; None where nothing limits it or its caller is not known."""
    spent: Spent | None = request.scope["state"].get(_SPENT)
    return spent
