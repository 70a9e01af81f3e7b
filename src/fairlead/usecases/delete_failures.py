"""Delete failures that should never have been recorded."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.store import failure_links, failures
from fairlead.store.engine import Transaction


class FailureNamed(Struct, frozen=True, kw_only=True):
    """Which failure to delete."""

    org_id: OrgId
    id: str


def delete_failures(transaction: Transaction, named: Sequence[FailureNamed]) -> list[NotFound | None]:
    """Delete each failure with all that hangs on it; `NotFound` where there is none."""
    removed = [failures.remove(transaction, one.org_id, one.id) for one in named]
    for one in named:
        failure_links.forget_failure(transaction, one.org_id, one.id)
    return [
        None if gone else NotFound(f"failure with id {one.id} not found")
        for one, gone in zip(named, removed, strict=True)
    ]
