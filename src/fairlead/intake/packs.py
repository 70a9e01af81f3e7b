"""Packs: taken from a request onto the disk, and looked into on threads of their own.

A sender waits for the end only as long as its patience lasts; from the moment a pack is in its
inbox it is safe, and whatever interrupts the rest, the next start goes on with it. Not here: HTTP,
and what a pack may hold (`store`).
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import structlog

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.errors import Rejected, Unavailable
from fairlead.store.git_cache import CachedRepository, GitCache
from fairlead.store.git_inbox import Arrival
from fairlead.store.ledger import Ledger
from fairlead.usecases.take_in_packs import take_in_packs

log = structlog.get_logger(__name__)

# datadog-ci gives an answer 15 seconds, and what it has sent is lost to it then.
PATIENCE_S = 8.0
_READERS = 2
_LOOK_AGAIN_S = 600


class PackDesk:
    """Where uploads are handed in."""

    def __init__(self, ledger: Ledger, cache: GitCache, largest: int, now: Callable[[], int]) -> None:
        """Take packs of at most `largest` bytes."""
        self._ledger = ledger
        self._cache = cache
        self._now = now
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="fairlead-packs")
        self._turns: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[bool]] = set()
        self._refused: dict[Path, Rejected | None] = {}
        """By path in the inbox: those that a sender waits for, and why they were refused."""
        self.largest = largest

    def start(self) -> None:
        """Go on with what was left behind when a server last stopped, and look again now and then."""
        self._begin(self._look_after())

    def repository(self, org_id: OrgId, repository_id: RepositoryId, sha: Sha) -> CachedRepository:
        """Return where the packs of a repository are kept whose objects have names like `sha`."""
        return self._cache.repository(org_id, repository_id, sha)

    def arrival(self) -> AbstractContextManager[Arrival]:
        """Open a file for a pack; it is gone unless handed in.

        Raises:
            Unavailable: it cannot be made.
        """
        return self._cache.arrival(self.largest, self._now())

    async def hand_in(self, arrival: Arrival, repository: CachedRepository, head: Sha) -> bool:
        """Keep a whole pack; return True once it was looked into, False while it waits for that.

        Raises:
            Rejected: it is broken or hostile, and gone.
            Unavailable: it cannot be kept.
        """
        loop = asyncio.get_running_loop()
        name = await loop.run_in_executor(None, self._cache.accept, arrival, repository, head)
        path = repository.inbox / name
        self._refused[path] = None
        try:
            task = self._begin(self._take_in(repository))
            await asyncio.wait([task], timeout=PATIENCE_S)
            refused = self._refused.get(path)
        finally:
            self._refused.pop(path, None)
        if refused is not None:
            raise refused
        return task.done() and task.result()

    async def close(self) -> None:
        """Stop looking into packs; what is not done waits for the next start."""
        self._cache.leash.pull()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)

    def _begin(self, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _look_after(self) -> bool:
        """Take in what waited for a database or a disk, and remove what nobody finished sending."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                for repository in await loop.run_in_executor(self._pool, list, self._cache.waiting()):
                    await self._take_in(repository)
            except Unavailable as error:
                log.warning("packs wait", reason=str(error))
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _take_in(self, repository: CachedRepository) -> bool:
        """Look into what waits for a repository, one thread at a time, so that others get their turn."""
        turn = self._turns.setdefault(repository.directory, asyncio.Lock())
        async with turn:
            loop = asyncio.get_running_loop()
            try:
                refused = await loop.run_in_executor(
                    self._pool, take_in_packs, self._ledger, repository, self._now()
                )
            except Unavailable as error:
                log.warning("packs wait", repository=repository.repository_id, reason=str(error))
                return False
            except Exception:
                log.exception("packs could not be looked into", repository=repository.repository_id)
                return False
        for name, refusal in refused.items():
            said = str(refusal.__cause__ or "")
            log.warning("pack refused", repository=repository.repository_id, reason=str(refusal), said=said)
            if repository.inbox / name in self._refused:
                self._refused[repository.inbox / name] = refusal
        return True
