"""Projects and environments, as far as Fairlead keeps them: decode, call one thing, encode."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import offsets
from fairlead.dialects.launchdarkly import projects_wire as wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.dialects.launchdarkly.projects_translate import (
    HERE,
    environment_changed_by,
    environment_from,
    environment_rep,
    environments_rep,
    project_changed_by,
    project_from,
    project_link,
    project_rep,
)
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.access import Permission
from fairlead.domain.flags import Environment
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.keep_projects import (
    EnvironmentChange,
    PlaceNamed,
    ProjectChange,
    ProjectFound,
    change_environments,
    change_projects,
    create_environments,
    create_projects,
    delete_environments,
    delete_projects,
    find_environment,
    find_project,
    find_projects,
)

READ = (Permission.INSIGHTS_READ, Permission.INSIGHTS_WRITE, Permission.CODE_REFS_WRITE)
WRITE = (Permission.INSIGHTS_WRITE,)
_PROJECT = f"{HERE}/{{projectKey:str}}"
_ENVIRONMENTS = f"{_PROJECT}/environments"
_ENVIRONMENT = f"{_ENVIRONMENTS}/{{environmentKey:str}}"
_PROJECT_ORDERS: Mapping[str, Callable[[ProjectFound], str]] = {
    "name": lambda one: one.project.name.lower(),
    "createdOn": lambda one: f"{one.project.created_at:020}",
}
_ENVIRONMENT_ORDERS: Mapping[str, Callable[[Environment], str]] = {
    "createdOn": lambda one: f"{one.created_at:020}",
    "critical": lambda one: str(one.critical),
    "name": lambda one: one.name.lower(),
}
_project_told = msgspec.json.Decoder(wire.ProjectTold)
_environment_told = msgspec.json.Decoder(wire.EnvironmentTold)


@get(HERE, opt=operation("getProjects", None, wire.ProjectsRep, query="limit# offset# filter sort expand"))
async def list_projects(request: AnyRequest) -> Answer:
    """Return one page of projects, by name unless `sort` says otherwise."""
    exchange = await Exchange.begin(request, *READ)
    asked = exchange.asked
    here, told = offsets.page(asked), offsets.filters(asked, ("query", "tags", "keys"))
    sort, descending = offsets.order(asked, _PROJECT_ORDERS, "name")
    expands = bool(asked.choices("expand", ("environments",)))
    found = [one for one in await exchange.reception.read(find_projects, exchange.org_id) if _fits(one, told)]
    found.sort(key=_PROJECT_ORDERS[sort], reverse=descending)
    items = [_project(one, expands=expands) for one in here.of(found)]
    return exchange.answer(wire.ProjectsRep(offsets.links(asked, here, len(found)), len(found), items))


@post(HERE, status_code=HTTPStatus.CREATED, opt=operation("postProject", wire.ProjectTold, wire.ProjectRep))
async def create_project(request: AnyRequest) -> Answer:
    """Create a project with its environments."""
    exchange = await Exchange.begin(request, *WRITE)
    told = await exchange.told(_project_told)
    wanted = project_from(told, exchange.org_id, exchange.reception.now())
    kept: ProjectFound = await exchange.reception.write(create_projects, wanted)
    rep = project_rep(kept)
    rep.environments = [environment_rep(one) for one in kept.environments]
    return exchange.answer(rep, HTTPStatus.CREATED)


@get(_PROJECT, opt=operation("getProject", None, wire.ProjectRep, query="expand"))
async def fetch_project(request: AnyRequest) -> Answer:
    """Return one project, with its environments where they are to be expanded."""
    exchange = await Exchange.begin(request, *READ)
    expands = bool(exchange.asked.choices("expand", ("environments",)))
    found = await exchange.reception.read(find_project, exchange.org_id, exchange.part("projectKey"))
    return exchange.answer(_project(found, expands=expands))


@patch(_PROJECT, opt=operation("patchProject", dict, wire.ProjectRep))
async def change_project(request: AnyRequest) -> Answer:
    """Change a project."""
    exchange = await Exchange.begin(request, *WRITE)
    wanted = ProjectChange(
        org_id=exchange.org_id,
        key=exchange.part("projectKey"),
        changed=project_changed_by(change_from(await exchange.body())),
        at=exchange.reception.now(),
    )
    kept: ProjectFound = await exchange.reception.write(change_projects, wanted)
    rep = project_rep(kept)
    rep.environments = [environment_rep(one) for one in kept.environments]
    return exchange.answer(rep)


@delete(_PROJECT, status_code=HTTPStatus.OK, opt=operation("deleteProject", None, None))
async def delete_project(request: AnyRequest) -> Answer:
    """Delete a project with its flags."""
    exchange = await Exchange.begin(request, *WRITE)
    named = PlaceNamed(org_id=exchange.org_id, project_key=exchange.part("projectKey"))
    await exchange.reception.write(delete_projects, named)
    return exchange.nothing()


@get(
    _ENVIRONMENTS,
    opt=operation("getEnvironmentsByProject", None, wire.EnvironmentsRep, query="limit# offset# filter sort"),
)
async def list_environments(request: AnyRequest) -> Answer:
    """Return one page of the environments of a project, the oldest first."""
    exchange = await Exchange.begin(request, *READ)
    asked = exchange.asked
    here, told = offsets.page(asked), offsets.filters(asked, ("query", "tags"))
    sort, descending = offsets.order(asked, _ENVIRONMENT_ORDERS, "createdOn")
    project = await exchange.reception.read(find_project, exchange.org_id, exchange.part("projectKey"))
    found = [one for one in project.environments if offsets.fits(f"{one.key}\n{one.name}", one.tags, told)]
    found.sort(key=_ENVIRONMENT_ORDERS[sort], reverse=descending)
    listed = environments_rep(here.of(found), len(found), offsets.links(asked, here, len(found)))
    return exchange.answer(listed)


@post(
    _ENVIRONMENTS,
    status_code=HTTPStatus.CREATED,
    opt=operation("postEnvironment", wire.EnvironmentTold, wire.EnvironmentRep),
)
async def create_environment(request: AnyRequest) -> Answer:
    """Create an environment."""
    exchange = await Exchange.begin(request, *WRITE)
    told = await exchange.told(_environment_told)
    project, now = exchange.part("projectKey"), exchange.reception.now()
    wanted = environment_from(told, exchange.org_id, project, now)
    kept: Environment = await exchange.reception.write(create_environments, wanted)
    return exchange.answer(environment_rep(kept), HTTPStatus.CREATED)


@get(_ENVIRONMENT, opt=operation("getEnvironment", None, wire.EnvironmentRep))
async def fetch_environment(request: AnyRequest) -> Answer:
    """Return one environment."""
    exchange = await Exchange.begin(request, *READ)
    where = exchange.org_id, exchange.part("projectKey"), exchange.part("environmentKey")
    return exchange.answer(environment_rep(await exchange.reception.read(find_environment, *where)))


@patch(_ENVIRONMENT, opt=operation("patchEnvironment", dict, wire.EnvironmentRep))
async def change_environment(request: AnyRequest) -> Answer:
    """Change an environment."""
    exchange = await Exchange.begin(request, *WRITE)
    wanted = EnvironmentChange(
        org_id=exchange.org_id,
        project_key=exchange.part("projectKey"),
        key=exchange.part("environmentKey"),
        changed=environment_changed_by(change_from(await exchange.body())),
        at=exchange.reception.now(),
    )
    kept: Environment = await exchange.reception.write(change_environments, wanted)
    return exchange.answer(environment_rep(kept))


@delete(_ENVIRONMENT, status_code=HTTPStatus.OK, opt=operation("deleteEnvironment", None, None))
async def delete_environment(request: AnyRequest) -> Answer:
    """Delete an environment, unless it is the last."""
    exchange = await Exchange.begin(request, *WRITE)
    named = PlaceNamed(
        org_id=exchange.org_id,
        project_key=exchange.part("projectKey"),
        environment_key=exchange.part("environmentKey"),
    )
    await exchange.reception.write(delete_environments, named)
    return exchange.nothing()


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_projects,
    create_project,
    fetch_project,
    change_project,
    delete_project,
    list_environments,
    create_environment,
    fetch_environment,
    change_environment,
    delete_environment,
)


def _fits(one: ProjectFound, told: Mapping[str, str]) -> bool:
    keys = told.get("keys")
    named = keys is None or one.project.key in keys.split("|")
    words = f"{one.project.key}\n{one.project.name}"
    return named and offsets.fits(words, one.project.tags, told)


def _project(one: ProjectFound, *, expands: bool) -> wire.ProjectRep:
    if not expands:
        return project_rep(one)
    place = Link(f"{project_link(one.project.key).href}/environments")
    found = one.environments
    return project_rep(one, environments_rep(found, len(found), {"self": place}))
