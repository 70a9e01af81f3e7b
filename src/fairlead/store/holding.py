"""Holding: what one transaction has to itself while it looks and then writes.

Facts that meet for the first time in two transactions at once would not see each other, and what
follows from both would be asked for by neither. So whoever tells of commits holds their repository
alone, and whoever tells of what refers to commits holds it together with others like them; whoever
may replace a fact, or add to it, holds its id. On SQLite a transaction that writes is the only one,
and holds everything.
"""

from collections.abc import Iterable
from hashlib import blake2b

from fairlead.domain.access import OrgId
from fairlead.store import spoken
from fairlead.store.engine import POSTGRESQL, Transaction, engine_name

Repository = tuple[OrgId, str]
"""An organisation and the id of one of its repositories."""


def hold_alone(transaction: Transaction, repositories: Iterable[Repository]) -> None:
    """Wait until nobody else holds any of `repositories`, then hold them until the transaction ends."""
    _hold(transaction, "commits", repositories, "pg_advisory_xact_lock")


def hold_together(transaction: Transaction, repositories: Iterable[Repository]) -> None:
    """Wait until nobody holds any of `repositories` alone, then keep it so until the transaction ends."""
    _hold(transaction, "commits", repositories, "pg_advisory_xact_lock_shared")


def hold_facts(transaction: Transaction, kind: str, ids: Iterable[tuple[OrgId, str]]) -> None:
    """Wait until nobody else holds a fact of `kind` with one of `ids`, then hold them until the end."""
    _hold(transaction, kind, ids, "pg_advisory_xact_lock")


def _hold(transaction: Transaction, kind: str, ids: Iterable[tuple[OrgId, str]], function: str) -> None:
    if engine_name(transaction) != POSTGRESQL:
        return
    names = (f"{kind} of {org_id} {id}" for org_id, id in set(ids))
    digests = (blake2b(name.encode(), digest_size=8).digest() for name in names)
    # One order everywhere, so that two transactions never wait for each other.
    keys = sorted({int.from_bytes(digest, signed=True) for digest in digests})
    if keys:
        # Our own names only.
        told = f"{{{','.join(map(str, keys))}}}"
        spoken.tell(transaction, f"SELECT {function}(key) FROM unnest(?::bigint[]) AS key", (told,))  # noqa: S608 — as said above.
