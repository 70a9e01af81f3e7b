"""Repositories and pull requests of Engineering Insights: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import delete, get, put
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import deployments_wire, pulls_listing
from fairlead.dialects.launchdarkly import repositories_wire as wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.repositories_translate import associated, pairs_from, repositories
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.associate_repositories import (
    RepositoriesAssociated,
    RepositoryDissociated,
    associate_repositories,
    dissociate_repositories,
)
from fairlead.usecases.find_pull_requests import find_pull_requests
from fairlead.usecases.find_repositories import find_repositories

_READ, _WRITE = Permission.INSIGHTS_READ, Permission.INSIGHTS_WRITE
_PATH = "/api/v2/engineering-insights/repositories"
_mappings = msgspec.json.Decoder(wire.Mappings)


@get(
    "/api/v2/engineering-insights/pull-requests",
    opt=operation(
        "getPullRequests",
        None,
        deployments_wire.PullRequests,
        query="projectKey! environmentKey applicationKey from to status query sort limit# after before "
        "expand",
    ),
)
async def list_pull_requests(request: AnyRequest) -> Answer:
    """Return a page of the pull requests of a project."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    pulls = pulls_listing.pulls_asked(asked, exchange.org_id, exchange.reception.now())
    wanted = pulls_listing.wanted(asked)
    found = await exchange.reception.read(find_pull_requests, pulls, pulls_listing.page(asked), wanted)
    return exchange.answer(pulls_listing.pull_requests(asked, found, exchange.org_id))


@get(_PATH, opt=operation("getInsightsRepositories", None, wire.Repositories, query="expand"))
async def list_repositories(request: AnyRequest) -> Answer:
    """Return all repositories that anything is known of."""
    exchange = await Exchange.begin(request, _READ)
    wanted = exchange.asked.choices("expand", ["projects"])
    found = await exchange.reception.read(find_repositories, exchange.org_id)
    return exchange.answer(
        repositories(found, exchange.org_id, exchange.asked.here(), with_projects=bool(wanted))
    )


@put(f"{_PATH}/projects", opt=operation("associateRepositoriesAndProjects", wire.Mappings, wire.Associated))
async def associate(request: AnyRequest) -> Answer:
    """Associate repositories with projects, beside what is associated already."""
    exchange = await Exchange.begin(request, _WRITE)
    told = await exchange.told(_mappings)
    fact = RepositoriesAssociated(org_id=exchange.org_id, pairs=pairs_from(told), at=exchange.reception.now())
    await exchange.reception.write(associate_repositories, fact)
    return exchange.answer(associated(told, exchange.asked.here()))


@delete(
    f"{_PATH}/{{repository_key:str}}/projects/{{project_key:str}}",
    status_code=200,
    opt=operation("deleteRepositoryProject", None, None),
)
async def dissociate(request: AnyRequest) -> Answer:
    """End the association of a repository with a project."""
    exchange = await Exchange.begin(request, _WRITE)
    fact = RepositoryDissociated(
        org_id=exchange.org_id,
        repository=exchange.part("repository_key"),
        project_key=exchange.part("project_key"),
        at=exchange.reception.now(),
    )
    await exchange.reception.write(dissociate_repositories, fact)
    return exchange.nothing()


HANDLERS: Sequence[HTTPRouteHandler] = (list_pull_requests, list_repositories, associate, dissociate)
