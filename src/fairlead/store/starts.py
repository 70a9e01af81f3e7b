"""Starts of deployments that a Git host told apart from their ends: every statement about them."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import DeploymentId
from fairlead.domain.reports import DeploymentStart
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import deployment_starts

_t = deployment_starts.c
_rows = BulkInsert(deployment_starts, [column.name for column in deployment_starts.columns], replaces=True)

Key = tuple[OrgId, DeploymentId]


def put(transaction: Transaction, starts: Iterable[DeploymentStart]) -> None:
    """Keep starts; of several of one deployment the earliest stands."""
    told: dict[Key, int] = {}
    for start in starts:
        key = start.org_id, start.id
        told[key] = min(told.get(key, start.started_at), start.started_at)
    known = of(transaction, list(told))
    _rows.run(transaction, [(*key, min(at, known.get(key, at))) for key, at in sorted(told.items())])


def of(transaction: Transaction, keys: Sequence[Key]) -> Mapping[Key, int]:
    """Return when the deployments of `keys` started, as far as somebody told."""
    found: dict[Key, int] = {}
    for org_id in {org_id for org_id, _ in keys}:
        ids = [deployment_id for owner, deployment_id in keys if owner == org_id]
        wanted = select(_t.deployment_id, _t.started_at).where(_t.org_id == org_id, _t.deployment_id.in_(ids))
        for row in transaction.execute(wanted):
            found[org_id, DeploymentId(row.deployment_id)] = row.started_at
    return found
