"""Marks: what deployments can be found by among those of one service and environment.

A cache that can be thrown away. Not here: what a deployment is marked with (`usecases`).
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from sqlalchemy import delete

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import deployment_marks

_m = deployment_marks.c
_rows = BulkInsert(deployment_marks, [column.name for column in deployment_marks.columns], replaces=False)
_MARKS_A_STATEMENT = 400
# Any number does that keeps the two kinds of marks apart.
_CLAIM = 0x_5A_17_0C_3B_69_D2_4E_81


def mark(one: Deployed, *what: str) -> int:
    """Return the mark that stands for `what` in the service and environment of `one`."""
    text = "\0".join((one.service, one.env, *what))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def claim_on(mark: int) -> int:
    """Return the mark of whoever claims to repair what has `mark`; its own inverse."""
    return mark ^ _CLAIM


def kept(transaction: Transaction, org_id: OrgId, deployment_id: str) -> dict[int, tuple[int, int]]:
    """Return the marks of a deployment, each with its end and start at the time."""
    found = spoken.rows(transaction, _KEPT, (org_id, deployment_id))
    return {row.mark: (row.finished_at, row.started_at) for row in found}


def replace(transaction: Transaction, one: Deployed, marks: Iterable[int]) -> None:
    """Mark a deployment with `marks` and nothing else."""
    if kept(transaction, one.org_id, one.id):
        forget(transaction, one.org_id, one.id)
    rows = [(one.org_id, mark, one.finished_at, one.started_at, one.id) for mark in sorted(set(marks))]
    _rows.run(transaction, rows)


def forget(transaction: Transaction, org_id: OrgId, deployment_id: str) -> None:
    """Take all marks off a deployment."""
    mine = _m.org_id == org_id, _m.deployment_id == deployment_id
    transaction.execute(delete(deployment_marks).where(*mine))


def nearest(transaction: Transaction, one: Deployed, mark: int, *, before: bool) -> str | None:
    """Return the id of the marked deployment that comes closest before or after `one`, or None."""
    statement = _NEAREST + spoken.nearest("deployment_id", before=before)
    here = one.finished_at, one.finished_at, one.started_at, one.id
    found = spoken.rows(transaction, statement, (one.org_id, mark, *here))
    return found[0].deployment_id if found else None


def marked(transaction: Transaction, org_id: OrgId, marks: Sequence[int]) -> set[str]:
    """Return the ids of all deployments that have one of `marks`."""
    found: set[str] = set()
    for at in range(0, len(marks), _MARKS_A_STATEMENT):
        part = marks[at : at + _MARKS_A_STATEMENT]
        statement = f"{_MARKED} {spoken.places(len(part))}"
        found.update(row.deployment_id for row in spoken.rows(transaction, statement, (org_id, *part)))
    return found


_KEPT = "SELECT mark, finished_at, started_at FROM deployment_marks WHERE org_id = ? AND deployment_id = ?"
_NEAREST = "SELECT deployment_id FROM deployment_marks WHERE org_id = ? AND mark = ?"
_MARKED = "SELECT deployment_id FROM deployment_marks WHERE org_id = ? AND mark IN"
