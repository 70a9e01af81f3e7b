"""Versions known to have failed: by a change failure, or because a gate detected it. The one statement.

Not here: what makes a change failure, and what a gate found.
"""

from sqlalchemy import func, select, union

from fairlead.domain.access import OrgId
from fairlead.domain.evaluations import Status
from fairlead.domain.gates import RuleKind
from fairlead.store import kinds
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import by_way_of
from fairlead.store.tables import deployments, gate_evaluations, gate_rule_evaluations

_d, _e, _r = deployments.c, gate_evaluations.c, gate_rule_evaluations.c


def of(transaction: Transaction, org_id: OrgId, service: str, env: str) -> set[str]:
    """Return the versions of a service that failed in an environment."""
    failed = select(_d.version).where(
        _d.org_id == org_id,
        _d.kind.in_(kinds.any_of_services(org_id, {service, service.lower()})),
        func.lower(_d.env) == env.lower(),
        _d.change_failure.is_(True),
    )
    deployed = by_way_of("deployments_by_kind", deployments, failed)
    mine = (_r.org_id == _e.org_id) & (_r.evaluation_id == _e.id)
    stopped = (
        select(_e.version)
        .select_from(gate_evaluations.join(gate_rule_evaluations, mine))
        .where(_e.org_id == org_id, _e.service == service, _e.env == env)
        # A monitor that alerts says nothing about the version.
        .where(_r.kind == RuleKind.FAULTY_DEPLOYMENT.value, _r.status == Status.FAIL.value)
    )
    return {version for (version,) in transaction.execute(union(deployed, stopped)) if version}
