"""Rate limits: how many requests a key and an organisation may make in a period.

Counters are in this process, or in Redis or Valkey where several nodes share them. Not here:
headers and the refusal's body, which are a dialect's own.
"""

import math
import time
from collections.abc import Callable
from functools import lru_cache

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from msgspec import Struct

from fairlead.domain.instants import NS_PER_MS
from fairlead.intake.callers import Caller
from fairlead.settings import Settings

log = structlog.get_logger(__name__)

# A counter that takes longer than this is worse than no counter.
_PATIENCE_S = 0.5
_REST_S = 5

_rate = lru_cache(maxsize=1024)(parse)


class Allowance(Struct, frozen=True, kw_only=True):
    """What is left of a rate limit."""

    name: str
    """Whose limit: `key` or `organisation`."""
    limit: int
    """Requests allowed in a period."""
    period_s: int
    remaining: int
    reset_s: int
    """Until the period ends; at least 1."""
    resets_at: int = 0
    """When the period ends."""


class Spent(Struct, frozen=True):
    """What is left after a request was counted."""

    allowance: Allowance
    refused: bool
    """The request was one too many."""


class Allowances:
    """Counts requests against the limits in force."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock_s: Callable[[], float] = time.time,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_key = settings.rate_limit
        self._per_organisation = settings.rate_limit_organisation
        self._storage = _storage(settings.rate_limit_storage_url)
        self._limiter = FixedWindowRateLimiter(self._storage)
        self._clock_s = clock_s
        self._monotonic_s = monotonic_s
        self._resting_until_s = 0.0

    async def spend(self, caller: Caller) -> Spent | None:
        """Count one request of `caller`: the scarcer of key and organisation; None where no limit is set.

        None as well while the shared counters cannot be reached, which are then left alone for a
        few seconds: a limit guards this server, and is no reason to lose facts it could have taken.
        """
        per_organisation = caller.rate_limit or self._per_organisation
        if not (self._per_key or per_organisation) or self._monotonic_s() < self._resting_until_s:
            return None
        try:
            return await self._spend(caller, per_organisation)
        except StorageError as error:
            self._resting_until_s = self._monotonic_s() + _REST_S
            log.warning("requests are not counted: the counters cannot be reached", reason=str(error))
            return None

    async def close(self) -> None:
        """Let go of the shared counters."""
        if isinstance(self._storage, RedisStorage):
            await self._storage.bridge.get_connection().aclose()  # type: ignore[attr-defined]  # it is redispy's

    async def _spend(self, caller: Caller, per_organisation: str) -> Spent | None:
        org_id = str(caller.org_id)
        key = await self._hit("key", self._per_key, org_id, caller.key_id) if self._per_key else None
        # A key that is used up must not use up what the organisation's other keys share.
        if not per_organisation or (key is not None and key.refused):
            return key
        organisation = await self._hit("organisation", per_organisation, org_id)
        if key is None or organisation.refused:
            return organisation
        return min(key, organisation, key=lambda spent: spent.allowance.remaining)

    async def _hit(self, name: str, rate: str, *counter: str) -> Spent:
        item: RateLimitItem = _rate(rate)
        allowed = await self._limiter.hit(item, name, *counter)
        stats = await self._limiter.get_window_stats(item, name, *counter)
        allowance = Allowance(
            name=name,
            limit=item.amount,
            period_s=item.get_expiry(),
            remaining=max(0, stats.remaining),
            reset_s=max(1, math.ceil(stats.reset_time - self._clock_s())),
            resets_at=round(stats.reset_time * 1000) * NS_PER_MS,
        )
        return Spent(allowance, refused=not allowed)


def _storage(url: str) -> Storage:
    if not url:
        return MemoryStorage()
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        socket_timeout=_PATIENCE_S,
        socket_connect_timeout=_PATIENCE_S,
    )
