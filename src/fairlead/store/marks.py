"""Marks: what deployments can be found by among those of one service and environment.

A cache that can be thrown away. Not here: what a deployment is marked with (`usecases`).
"""

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

from sqlalchemy import delete

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import deployment_marks

_m = deployment_marks.c
_rows = BulkInsert(deployment_marks, [column.name for column in deployment_marks.columns], replaces=False)
_KEYS_A_STATEMENT = 400
_T = TypeVar("_T")
# Any number does that keeps the two kinds of marks apart.
_CLAIM = 0x_5A_17_0C_3B_69_D2_4E_81


def mark(one: Deployed, *what: str) -> int:
    """Return the mark that stands for `what` in the service and environment of `one`."""
    text = "\0".join((one.service, one.env, *what))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def claim_on(mark: int) -> int:
    """Return the mark of whoever claims to repair what has `mark`; its own inverse."""
    return mark ^ _CLAIM


def kept(
    transaction: Transaction, org_id: OrgId, ids: Iterable[str]
) -> dict[str, dict[int, tuple[int, int]]]:
    """Return the marks of those deployments that have any, each with its end and start at the time."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    for part in _parts(sorted(ids)):
        statement = f"{_KEPT} {spoken.places(len(part))}"
        for row in spoken.rows(transaction, statement, (org_id, *part)):
            found.setdefault(row.deployment_id, {})[row.mark] = row.finished_at, row.started_at
    return found


def put(transaction: Transaction, marked: Iterable[tuple[Deployed, Collection[int]]]) -> None:
    """Mark deployments, none of which has a mark yet."""
    rows = [
        (one.org_id, mark, one.finished_at, one.started_at, one.id) for one, marks in marked for mark in marks
    ]
    _rows.run(transaction, sorted(rows))


def forget(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> None:
    """Take all marks off deployments."""
    for part in _parts(sorted(ids)):
        mine = _m.org_id == org_id, _m.deployment_id.in_(part)
        transaction.execute(delete(deployment_marks).where(*mine))


def marked(transaction: Transaction, org_id: OrgId, marks: Sequence[int]) -> set[str]:
    """Return the ids of all deployments that have one of `marks`."""
    found: set[str] = set()
    for part in _parts(marks):
        statement = f"{_MARKED} {spoken.places(len(part))}"
        found.update(row.deployment_id for row in spoken.rows(transaction, statement, (org_id, *part)))
    return found


def _parts(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[at : at + _KEYS_A_STATEMENT] for at in range(0, len(values), _KEYS_A_STATEMENT))


_KEPT = (
    "SELECT deployment_id, mark, finished_at, started_at FROM deployment_marks"
    " WHERE org_id = ? AND deployment_id IN"
)
_MARKED = "SELECT deployment_id FROM deployment_marks WHERE org_id = ? AND mark IN"
