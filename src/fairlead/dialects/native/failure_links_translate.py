"""Between links of failures in Fairlead's own API and links, both ways."""

from fairlead.dialects.native import failure_links_wire as wire
from fairlead.domain.errors import Rejected
from fairlead.domain.failure_links import FailureLink, LinkDecision, LinkState
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.intake.callers import Caller


def decision_from(told: wire.LinkDecided, caller: Caller, now: int) -> LinkDecision:
    """Return what somebody says about a failure and a deployment.

    Raises:
        Rejected: the state is not one of the known.
    """
    if told.state not in set(LinkState):
        raise Rejected(f'attribute "state" must be one of {" ".join(LinkState)}', field="state")
    return LinkDecision(
        org_id=caller.org_id,
        failure_id=told.failure_id,
        deployment_id=told.deployment_id,
        state=LinkState(told.state),
        decided_at=now,
        decided_by=caller.key_id,
    )


def link_seen(one: FailureLink) -> wire.LinkSeen:
    """Return the shape of a link."""
    failure, deployment, decision = one.failure, one.deployment, one.decision
    return wire.LinkSeen(
        failure_id=failure.id,
        failure_name=failure.name or None,
        failure_started_at=to_rfc3339(failure.started_at),
        failure_finished_at=None if failure.finished_at is None else to_rfc3339(failure.finished_at),
        deployment_id=deployment.id,
        service=deployment.service,
        env=deployment.env or None,
        version=deployment.version or None,
        deployment_finished_at=to_rfc3339(deployment.finished_at),
        state=one.state.value,
        decided_by=None if decision is None else decision.decided_by,
        decided_at=None if decision is None else to_rfc3339(decision.decided_at),
        within_window=one.is_close,
        same_version=one.same_version,
        seconds_between=(failure.started_at - deployment.finished_at) / NS_PER_S,
    )
