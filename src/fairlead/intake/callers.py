"""Who is calling: from a key's text to the organisation and permissions behind it.

Known keys are remembered for half a second, so that a busy client costs two look-ups a second and
a revoked key is refused on every node within one. Not here: which header holds the key (each
dialect's `credentials.py`) and what a permission allows.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from msgspec import Struct

from fairlead.domain.access import Key, KeyKind, Organisation, OrgId, Permission, key_digest, key_owner

KeyHolder = tuple[Key, Organisation]

_REMEMBERED_S = 0.5
_MOST_REMEMBERED = 10_000
_LONGEST_KEY = 200


class Caller(Struct, frozen=True, kw_only=True):
    """Whoever sent a request, as far as access goes."""

    org_id: OrgId
    key_id: str
    name: str = ""
    """What the key is called."""
    kind: KeyKind
    permissions: frozenset[Permission]
    rate_limit: str
    """The organisation's own rate limit; empty where it has none."""


class Callers:
    """Finds callers by the text of their key."""

    def __init__(
        self,
        find: Callable[[OrgId, bytes], Awaitable[KeyHolder | None]],
        monotonic_s: Callable[[], float],
    ) -> None:
        """`find` looks in the store for the key of an organisation with a digest."""
        self._find = find
        self._monotonic_s = monotonic_s
        self._known: OrderedDict[str, tuple[float, Caller | None]] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Caller | None]] = {}

    def remembered(self, text: str) -> Caller | None:
        """Return the caller if it was looked up a moment ago, without waiting."""
        entry = self._known.get(text)
        return entry[1] if entry is not None and entry[0] > self._monotonic_s() else None

    async def caller(self, text: str) -> Caller | None:
        """Return whose key `text` is, or None if it is nobody's or revoked."""
        if len(text) > _LONGEST_KEY:
            # Not remembered either: ten thousand of these would fill the memory.
            return None
        entry = self._known.get(text)
        if entry is not None and entry[0] > self._monotonic_s():
            return entry[1]
        # Everybody who asks for the same key while it is looked up waits for that one answer.
        if text not in self._asked:
            self._asked[text] = asyncio.ensure_future(self._look_up(text))
        return await asyncio.shield(self._asked[text])

    async def _look_up(self, text: str) -> Caller | None:
        try:
            org_id = key_owner(text)
            found = None if org_id is None else await self._find(org_id, key_digest(text))
            caller = None if found is None or found[0].revoked_at is not None else _caller(*found)
            self._remember(text, caller)
            return caller
        finally:
            self._asked.pop(text, None)

    def _remember(self, text: str, caller: Caller | None) -> None:
        self._known[text] = self._monotonic_s() + _REMEMBERED_S, caller
        self._known.move_to_end(text)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)


def _caller(key: Key, organisation: Organisation) -> Caller:
    return Caller(
        org_id=key.org_id,
        key_id=key.id,
        name=key.name,
        kind=key.kind,
        permissions=key.permissions,
        rate_limit=organisation.rate_limit,
    )
