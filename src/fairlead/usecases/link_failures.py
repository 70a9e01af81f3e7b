"""Link failures to the deployments that may have caused them, and keep what people say about that."""

from collections.abc import Sequence

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.failure_links import FailureLink, LinkDecision
from fairlead.domain.links import Deployed
from fairlead.store import deployments, failure_links, failure_rules, failures, links
from fairlead.store.engine import Transaction
from fairlead.usecases.get_deployment import get_deployment
from fairlead.usecases.get_failure import get_failure


def links_of_failure(transaction: Transaction, org_id: OrgId, failure_id: str) -> list[FailureLink]:
    """Return the deployments close to a failure, and those that somebody has tied to it, the latest first.

    Raises:
        NotFound: there is no such failure in this organisation.
    """
    failure = get_failure(transaction, org_id, failure_id)
    window_ns = failure_rules.get(transaction, org_id).failure_window_ns
    close = {one.id: one for one in failure_links.deployments_before(transaction, failure, window_ns)}
    said = failure_links.about_failure(transaction, org_id, failure_id)
    known = close | links.deployed_by_id(transaction, org_id, said.keys() - close.keys())
    return [
        FailureLink(failure=failure, deployment=one, is_close=one.id in close, decision=said.get(one.id))
        for one in sorted(known.values(), key=_latest_first)
    ]


def links_of_deployment(transaction: Transaction, org_id: OrgId, deployment_id: str) -> list[FailureLink]:
    """Return the failures close to a deployment, and those that somebody has tied to it, the earliest first.

    Raises:
        NotFound: there is no such deployment in this organisation.
    """
    fact = get_deployment(transaction, org_id, deployment_id).fact
    window_ns = failure_rules.get(transaction, org_id).failure_window_ns
    close = {
        one.id: one for one in failure_links.failures_after(transaction, fact.place, fact.team, window_ns)
    }
    said = failure_links.about_deployment(transaction, org_id, deployment_id)
    others = (failures.get(transaction, org_id, id) for id in said.keys() - close.keys())
    known = [*close.values(), *(one for one in others if one is not None)]
    return [
        FailureLink(failure=one, deployment=fact.place, is_close=one.id in close, decision=said.get(one.id))
        for one in sorted(known, key=lambda one: (one.started_at, one.id))
    ]


def decide_failure_links(transaction: Transaction, told: Sequence[LinkDecision]) -> list[NotFound | None]:
    """Keep each word on a failure and a deployment; `NotFound` where one of the two is not here."""
    return [_decide(transaction, one) for one in told]


def _decide(transaction: Transaction, one: LinkDecision) -> NotFound | None:
    if failures.get(transaction, one.org_id, one.failure_id) is None:
        return NotFound(f"failure with id {one.failure_id} not found")
    if deployments.get(transaction, one.org_id, one.deployment_id) is None:
        return NotFound(f"deployment with id {one.deployment_id} not found")
    failure_links.put(transaction, one)
    return None


def _latest_first(one: Deployed) -> tuple[int, str]:
    return -one.finished_at, one.id
