"""Attach to events what the catalogue says about their services: a team, languages and tags.

It is stored with the event, so that a later change of the catalogue rewrites nothing.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Service, attached
from fairlead.domain.deployments import Deployment
from fairlead.domain.failures import Failure
from fairlead.store import catalog
from fairlead.store.engine import Transaction


def attach_to_deployments(transaction: Transaction, facts: Sequence[Deployment]) -> list[Deployment]:
    """Return the deployments with what their services add: one statement for each organisation."""
    names: dict[OrgId, set[str]] = {}
    for fact in facts:
        names.setdefault(fact.org_id, set()).add(fact.service)
    known = {org_id: catalog.services(transaction, org_id, wanted) for org_id, wanted in names.items()}
    return [_with_service(fact, known[fact.org_id].get(fact.service.lower())) for fact in facts]


def attach_to_failure(transaction: Transaction, failure: Failure) -> Failure:
    """Return a failure with what its services add; of several the first with a team names it."""
    known = catalog.services(transaction, failure.org_id, failure.services)
    services = [known[name.lower()] for name in failure.services if name.lower() in known]
    team = failure.team or next((service.team for service in services if service.team), "")
    tags = attached(failure.tags, (tag for service in services for tag in service.tags))
    return replace(failure, team=team, tags=tags)


def _with_service(fact: Deployment, service: Service | None) -> Deployment:
    if service is None:
        return fact
    team, tags = fact.team or service.team, attached(fact.tags, service.tags)
    return msgspec.structs.replace(fact, team=team, tags=tags)
