"""Record deployments, as many as arrive together, and ask for what follows from them."""

from collections.abc import Iterable, Sequence

from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.links import Deployed
from fairlead.store import deployments, neighbours, work
from fairlead.store.bulk import told_together
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_alone, hold_together
from fairlead.store.work import Item, Kind
from fairlead.usecases.attach_services import attach_to_deployments
from fairlead.usecases.settle_outcomes import leave


def record_deployments(transaction: Transaction, facts: Sequence[Deployment]) -> list[DeploymentId]:
    """Record each deployment with what the catalogue says about its service.

    One whose id is known replaces the fact, and decisions stay.
    """
    with told_together(transaction):
        hold_together(transaction, [(fact.org_id, fact.repository_id) for fact in facts if fact.commit_sha])
        attached = attach_to_deployments(transaction, facts)
    # Whoever finds its commits asks for its outcome then.
    items = [Item(fact.org_id, Kind.LINK if fact.commit_sha else Kind.DECIDE, fact.id) for fact in facts]
    replaced = deployments.put(transaction, attached, items)
    if replaced:
        places = {(fact.org_id, str(fact.id)): fact.place for fact in facts}
        left = left_behind(transaction, [one for one in replaced if one != places[one.key]])
        work.ask(transaction, left, due_at=max(fact.received_at for fact in facts))
    return [fact.id for fact in facts]


def left_behind(transaction: Transaction, gone: Sequence[Deployed]) -> Iterable[Item]:
    """Yield the work on deployments for which it matters that one is no longer where it was."""
    # One that is being recorded right now may be what comes after: it has to be seen.
    hold_alone(transaction, [(one.org_id, one.repository_id) for one in gone if one.commit_sha])
    for one in gone:
        yield Item(one.org_id, Kind.LINK, one.id)
        for id in leave(transaction, one):
            yield Item(one.org_id, Kind.DECIDE, id)
    after = neighbours.following(transaction, [one for one in gone if one.commit_sha])
    yield from (Item(one.org_id, Kind.LINK, one.id) for one in after.values())
