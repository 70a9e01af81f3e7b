"""Links between failures and deployments: where the two are close, and what people said about them."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from fairlead.domain.access import OrgId
from fairlead.domain.failure_links import LinkDecision, LinkState
from fairlead.domain.failures import Failure
from fairlead.domain.links import Deployed
from fairlead.store import failures, kinds
from fairlead.store.engine import Transaction
from fairlead.store.links import CHAIN_COLUMNS, deployed_from
from fairlead.store.tables import deployments, failure_link_decisions, failure_services
from fairlead.store.tables import failures as failures_table

_d = deployments.c
_f = failures_table.c
_s = failure_services.c
_l = failure_link_decisions.c
# A deployment that was under way when something failed ended within a day.
_LONGEST_DEPLOYMENT_NS = 86_400 * 1_000_000_000
MOST = 200
"""Of either, on one page."""


def deployments_before(transaction: Transaction, failure: Failure, window_ns: int) -> list[Deployed]:
    """Return the deployments that ended within a window before a failure or were under way, the latest first.

    Of its services, or of its team where it names none; and of its environment where it names one.
    """
    named = kinds.any_of_services(failure.org_id, failure.services)
    theirs = _d.kind.in_(named) if failure.services else _d.team == failure.team
    mine: list[ColumnElement[bool]] = [
        _d.org_id == failure.org_id,
        theirs,
        _d.finished_at >= failure.started_at - window_ns,
        _d.finished_at <= failure.started_at + _LONGEST_DEPLOYMENT_NS,
        _d.started_at <= failure.started_at,
    ]
    if failure.env:
        mine.append(_d.env == failure.env)
    order = _d.finished_at.desc(), _d.id.desc()
    rows = transaction.execute(select(*CHAIN_COLUMNS).where(*mine).order_by(*order).limit(MOST))
    return [deployed_from(row) for row in rows]


def failures_after(transaction: Transaction, one: Deployed, team: str, window_ns: int) -> list[Failure]:
    """Return the failures that began while a deployment was under way or within a window after it.

    Those that name its service, or its team alone; and its environment, or none.
    """
    theirs = select(_s.failure_id).where(
        _s.org_id == one.org_id,
        _s.service == one.service,
        _s.started_at >= one.started_at,
        _s.started_at <= one.finished_at + window_ns,
    )
    by_team = (_f.team == team) & (_f.services == "[]") if team else _f.id.is_(None)
    wanted = (
        select(_f.id)
        .where(_f.org_id == one.org_id, _f.started_at >= one.started_at)
        .where(_f.started_at <= one.finished_at + window_ns, _f.env.in_((one.env, "")))
        .where(or_(_f.id.in_(theirs), by_team))
        .order_by(_f.started_at, _f.id)
        .limit(MOST)
    )
    found = (failures.get(transaction, one.org_id, id) for id in transaction.execute(wanted).scalars())
    return [failure for failure in found if failure is not None]


def put(transaction: Transaction, decision: LinkDecision) -> None:
    """Keep what somebody said about a failure and a deployment; undecided keeps nothing."""
    mine = _l.failure_id == decision.failure_id, _l.deployment_id == decision.deployment_id
    transaction.execute(delete(failure_link_decisions).where(_l.org_id == decision.org_id, *mine))
    if decision.state is not LinkState.UNDECIDED:
        row = {
            "org_id": decision.org_id,
            "failure_id": decision.failure_id,
            "deployment_id": decision.deployment_id,
            "caused": decision.state is LinkState.CAUSED,
            "decided_at": decision.decided_at,
            "decided_by": decision.decided_by,
        }
        transaction.execute(insert(failure_link_decisions).values(row))


def about_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> dict[str, LinkDecision]:
    """Return what was said about a failure, by the id of the deployment."""
    found = _decisions(transaction, org_id, _l.failure_id == failure_id)
    return {one.deployment_id: one for one in found}


def about_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> dict[str, LinkDecision]:
    """Return what was said about a deployment, by the id of the failure."""
    found = _decisions(transaction, org_id, _l.deployment_id == deployment_id)
    return {one.failure_id: one for one in found}


def rename_failure(transaction: Transaction, org_id: OrgId, before: str, now: str) -> None:
    """Let what was said about a failure be about it under another id."""
    mine = _l.org_id == org_id, _l.failure_id == before
    transaction.execute(update(failure_link_decisions).where(*mine).values(failure_id=now))


def forget_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> None:
    """Forget what was said about a failure that is deleted."""
    mine = _l.org_id == org_id, _l.failure_id == failure_id
    transaction.execute(delete(failure_link_decisions).where(*mine))


def forget_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> None:
    """Forget what was said about a deployment that is deleted."""
    mine = _l.org_id == org_id, _l.deployment_id == deployment_id
    transaction.execute(delete(failure_link_decisions).where(*mine))


def _decisions(transaction: Transaction, org_id: OrgId, mine: ColumnElement[bool]) -> Iterable[LinkDecision]:
    for row in transaction.execute(select(failure_link_decisions).where(_l.org_id == org_id, mine)):
        yield LinkDecision(
            org_id=org_id,
            failure_id=row.failure_id,
            deployment_id=row.deployment_id,
            state=LinkState.CAUSED if row.caused else LinkState.NOT_CAUSED,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
        )
