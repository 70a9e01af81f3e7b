"""Decisions: what people said about failed deployments. Earlier ones stay on record.

Not here: what follows from a decision (`metrics.change_failures`).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import ChangeFailureDecision, Remediation, RemediationType
from fairlead.domain.links import Deployed
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.tables import change_failure_decisions

_c = change_failure_decisions.c
_IDS_A_STATEMENT = 400


def hold(transaction: Transaction, org_ids: Iterable[OrgId]) -> None:
    """See to it that nobody else decides anything in these organisations until the transaction ends."""
    hold_facts(transaction, "decisions", ((org_id, "") for org_id in org_ids))


def put(transaction: Transaction, org_id: OrgId, deployment_id: str, decision: ChangeFailureDecision) -> None:
    """Keep what a person decided about a deployment; earlier decisions stay on record."""
    mine = and_(_c.org_id == org_id, _c.deployment_id == deployment_id)
    latest_at = select(_c.decided_at).where(mine).order_by(_c.decided_at.desc()).limit(1)
    last_at = transaction.execute(latest_at).scalar() or 0
    row = {
        "org_id": org_id,
        "deployment_id": deployment_id,
        # Two decisions within one tick of the clock still have an order.
        "decided_at": max(decision.decided_at, last_at + 1),
        "decided_by": decision.decided_by,
        "change_failure": decision.change_failure,
        "remediation_id": decision.remediation.id,
        "remediation_version": decision.remediation.version,
        "remediation_type": decision.remediation.type or "",
    }
    transaction.execute(insert(change_failure_decisions).values(row))


def latest(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> dict[str, ChangeFailureDecision]:
    """Return what was decided last about each of those deployments; the undecided are left out."""
    wanted = sorted(ids)
    found: dict[str, ChangeFailureDecision] = {}
    for at in range(0, len(wanted), _IDS_A_STATEMENT):
        mine = _c.org_id == org_id, _c.deployment_id.in_(wanted[at : at + _IDS_A_STATEMENT])
        rows = transaction.execute(select(change_failure_decisions).where(*mine).order_by(_c.decided_at))
        found.update((row.deployment_id, _from_row(row)) for row in rows)
    return found


def about(transaction: Transaction, org_id: OrgId, ones: Iterable[Deployed]) -> set[str]:
    """Return the ids of the deployments for which somebody may have named one of `ones` as the remediation.

    By its id, or by its version, in whatever service.
    """
    known = list(ones)
    found: set[str] = set()
    for column, values in (
        (_c.remediation_id, {one.id for one in known}),
        (_c.remediation_version, {one.version for one in known} - {""}),
    ):
        wanted = sorted(values)
        for at in range(0, len(wanted), _IDS_A_STATEMENT):
            mine = _c.org_id == org_id, column.in_(wanted[at : at + _IDS_A_STATEMENT])
            found.update(transaction.execute(select(_c.deployment_id).where(*mine)).scalars())
    return found


def forget(transaction: Transaction, org_id: OrgId, deployment_id: str) -> None:
    """Remove everything that was decided about a deployment."""
    mine = _c.org_id == org_id, _c.deployment_id == deployment_id
    transaction.execute(delete(change_failure_decisions).where(*mine))


def _from_row(row: Row[Any]) -> ChangeFailureDecision:
    return ChangeFailureDecision(
        change_failure=row.change_failure,
        remediation=Remediation(
            type=RemediationType(row.remediation_type) if row.remediation_type else None,
            id=row.remediation_id,
            version=row.remediation_version,
        ),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
