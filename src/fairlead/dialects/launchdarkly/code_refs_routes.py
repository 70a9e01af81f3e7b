"""The operations of the Code References API: decode, call one thing, encode."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import code_refs_wire as wire
from fairlead.dialects.launchdarkly.code_refs_translate import (
    HERE,
    branch_from,
    branch_rep,
    branches_link,
    changed_by,
    extinctions_by_flag,
    extinctions_from,
    repository_from,
    repository_rep,
    statistics_by_flag,
    statistics_link,
)
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.errors import SequenceConflict
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.access import Permission
from fairlead.domain.code_references import CodeRepository, CodeRepositoryKey, code_repository_key
from fairlead.domain.errors import Conflict, Rejected
from fairlead.domain.texts import require_text
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.add_code_repositories import add_code_repositories
from fairlead.usecases.change_code_repositories import CodeRepositoryChange, change_code_repositories
from fairlead.usecases.delete_code_repositories import (
    BranchesNamed,
    delete_code_branches,
    delete_code_repositories,
)
from fairlead.usecases.find_code_references import (
    BranchFound,
    ExtinctionsAsked,
    RepositoryAsked,
    RepositoryFound,
    extinctions_found,
    find_code_branch,
    find_code_branches,
    find_code_repositories,
    find_code_repository,
    flag_uses,
    projects_named,
)
from fairlead.usecases.keep_projects import find_project
from fairlead.usecases.put_references import put_references
from fairlead.usecases.record_extinctions import ExtinctionsOf, record_extinctions

READ = (Permission.INSIGHTS_READ, Permission.CODE_REFS_WRITE)
WRITE = (Permission.CODE_REFS_WRITE,)
MOST_NAMES = 10_000
_REPOSITORIES = f"{HERE}/repositories"
_REPOSITORY = f"{_REPOSITORIES}/{{repo:str}}"
_BRANCHES = f"{_REPOSITORY}/branches"
_BRANCH = f"{_BRANCHES}/{{branch:str}}"
_CHANCE_BYTES = 10
_repository_told = msgspec.json.Decoder(wire.RepositoryTold)
_names = msgspec.json.Decoder(list[str])
_extinctions_told = msgspec.json.Decoder(list[wire.ExtinctionTold])


@get(
    _REPOSITORIES,
    opt=operation(
        "getRepositories",
        None,
        wire.RepositoryCollectionRep,
        query="withBranches withReferencesForDefaultBranch projKey flagKey",
    ),
)
async def list_repositories(request: AnyRequest) -> Answer:
    """Return all repositories; any value of `withBranches` and its like switches it on."""
    exchange = await Exchange.begin(request, *READ)
    asked = RepositoryAsked(
        with_branches=bool(exchange.asked.text("withBranches")),
        with_references=bool(exchange.asked.text("withReferencesForDefaultBranch")),
        project_key=exchange.asked.text("projKey"),
        flag_key=exchange.asked.text("flagKey"),
    )
    found = await exchange.reception.read(find_code_repositories, exchange.org_id, asked)
    items = [repository_rep(one) for one in found]
    return exchange.answer(wire.RepositoryCollectionRep(items, {"self": Link(_REPOSITORIES)}))


@post(
    _REPOSITORIES,
    status_code=HTTPStatus.OK,
    opt=operation("postRepository", wire.RepositoryTold, wire.RepositoryRep),
)
async def create_repository(request: AnyRequest) -> Answer:
    """Make a repository known."""
    exchange = await Exchange.begin(request, *WRITE)
    told = await exchange.told(_repository_told)
    wanted = repository_from(told, exchange.org_id, exchange.reception.now())
    kept: CodeRepository = await exchange.reception.write(add_code_repositories, wanted)
    return exchange.answer(repository_rep(RepositoryFound(repository=kept)))


@get(_REPOSITORY, opt=operation("getRepository", None, wire.RepositoryRep))
async def fetch_repository(request: AnyRequest) -> Answer:
    """Return one repository."""
    exchange = await Exchange.begin(request, *READ)
    found = await exchange.reception.read(find_code_repository, exchange.org_id, _key(exchange))
    return exchange.answer(repository_rep(RepositoryFound(repository=found)))


@patch(_REPOSITORY, opt=operation("patchRepository", dict, wire.RepositoryRep))
async def change_repository(request: AnyRequest) -> Answer:
    """Change a repository, by a JSON patch or a merge patch."""
    exchange = await Exchange.begin(request, *WRITE)
    wanted = CodeRepositoryChange(
        org_id=exchange.org_id,
        key=_key(exchange),
        changed=changed_by(change_from(await exchange.body())),
        at=exchange.reception.now(),
    )
    kept: CodeRepository = await exchange.reception.write(change_code_repositories, wanted)
    return exchange.answer(repository_rep(RepositoryFound(repository=kept)))


@delete(_REPOSITORY, status_code=HTTPStatus.OK, opt=operation("deleteRepository", None, None))
async def delete_repository(request: AnyRequest) -> Answer:
    """Forget a repository with all that was scanned of it."""
    exchange = await Exchange.begin(request, *WRITE)
    named = BranchesNamed(org_id=exchange.org_id, key=_key(exchange))
    await exchange.reception.write(delete_code_repositories, named)
    return exchange.nothing()


@post(
    f"{_REPOSITORY}/branch-delete-tasks",
    status_code=HTTPStatus.OK,
    opt=operation("deleteBranches", list[str], None),
)
async def delete_branches(request: AnyRequest) -> Answer:
    """Forget branches; they are gone with the answer, though the vendor takes its time."""
    exchange = await Exchange.begin(request, *WRITE)
    names = [require_text(name, "body") for name in await exchange.told(_names)]
    if len(names) > MOST_NAMES:
        raise Rejected(f"the body names more than {MOST_NAMES} branches", field="body")
    named = BranchesNamed(org_id=exchange.org_id, key=_key(exchange), names=tuple(names))
    await exchange.reception.write(delete_code_branches, named)
    return exchange.nothing(HTTPStatus.OK)


@get(_BRANCHES, opt=operation("getBranches", None, wire.BranchCollectionRep))
async def list_branches(request: AnyRequest) -> Answer:
    """Return the branches of a repository, without their references."""
    exchange = await Exchange.begin(request, *READ)
    name = exchange.part("repo")
    found = await exchange.reception.read(find_code_branches, exchange.org_id, _key(exchange))
    items = [branch_rep(BranchFound(branch=one), name) for one in found]
    return exchange.answer(wire.BranchCollectionRep(items, {"self": branches_link(name)}))


@get(_BRANCH, opt=operation("getBranch", None, wire.BranchRep, query="projKey flagKey"))
async def fetch_branch(request: AnyRequest) -> Answer:
    """Return one branch with its references."""
    exchange = await Exchange.begin(request, *READ)
    asked = RepositoryAsked(
        project_key=exchange.asked.text("projKey"), flag_key=exchange.asked.text("flagKey")
    )
    found = await exchange.reception.read(
        find_code_branch, exchange.org_id, _key(exchange), exchange.part("branch"), asked
    )
    return exchange.answer(branch_rep(found, exchange.part("repo")))


@put(_BRANCH, opt=operation("putBranch", wire.BranchShown, None))
async def put_branch(request: AnyRequest) -> Answer:
    """Replace all that is known of a branch by a new scan of it."""
    exchange = await Exchange.begin(request, *WRITE)
    reception = exchange.reception
    body = await exchange.body(reception.settings.max_references_body_bytes)
    now, chance = reception.now(), reception.chance(_CHANCE_BYTES)

    def keep() -> None:
        told, hunks = branch_from(body, exchange.org_id, _key(exchange), exchange.part("branch"))
        put_references(reception.ledger, told, hunks, now=now, chance=chance)

    try:
        await asyncio.to_thread(keep)
    except Conflict as error:
        raise SequenceConflict(str(error)) from error
    return exchange.nothing(HTTPStatus.OK)


@post(
    f"{_BRANCH}/extinction-events",
    status_code=HTTPStatus.OK,
    opt=operation("postExtinction", list[wire.ExtinctionTold], None),
)
async def create_extinctions(request: AnyRequest) -> Answer:
    """Record that commits removed the last references to flags; told again it is one."""
    exchange = await Exchange.begin(request, *WRITE)
    where = exchange.org_id, _key(exchange), exchange.part("branch")
    extinctions = extinctions_from(await exchange.told(_extinctions_told), *where)
    org_id, repository, branch = where
    told = ExtinctionsOf(org_id=org_id, repository=repository, branch=branch, extinctions=extinctions)
    await exchange.reception.write(record_extinctions, told)
    return exchange.nothing(HTTPStatus.OK)


@get(
    f"{HERE}/extinctions",
    opt=operation(
        "getExtinctions",
        None,
        wire.ExtinctionCollectionRep,
        query="repoName branchName projKey flagKey from to",
    ),
)
async def list_extinctions(request: AnyRequest) -> Answer:
    """Return extinctions by flag, of default branches unless a branch is named."""
    exchange = await Exchange.begin(request, *READ)
    asked = exchange.asked
    for one, other in (("from", "to"), ("to", "from")):
        if asked.text(one) and not asked.text(other):
            raise Rejected(f'query parameter "{other}" must be present where "{one}" is', field=other)
    wanted = ExtinctionsAsked(
        repository=code_repository_key(asked.text("repoName")),
        branch=asked.text("branchName"),
        project_key=asked.text("projKey"),
        flag_key=asked.text("flagKey"),
        from_at=asked.instant("from", 0) if asked.text("from") else None,
        until_at=asked.instant("to", 0) if asked.text("to") else None,
    )
    found = await exchange.reception.read(extinctions_found, exchange.org_id, wanted)
    flags = extinctions_by_flag(found)
    return exchange.answer(wire.ExtinctionCollectionRep(flags, {"self": exchange.asked.here()}))


@get(f"{HERE}/statistics", opt=operation("getRootStatistic", None, wire.StatisticsRoot))
async def list_statistics(request: AnyRequest) -> Answer:
    """Return links to the statistics of all projects whose flags are named anywhere."""
    exchange = await Exchange.begin(request, *READ)
    found = await exchange.reception.read(projects_named, exchange.org_id)
    return exchange.answer(wire.StatisticsRoot([statistics_link(key) for key in found], statistics_link()))


@get(
    f"{HERE}/statistics/{{projectKey:str}}",
    opt=operation("getStatistics", None, wire.StatisticCollectionRep, query="flagKey"),
)
async def fetch_statistics(request: AnyRequest) -> Answer:
    """Return how often the flags of a project are named on default branches."""
    exchange = await Exchange.begin(request, *READ)
    project = exchange.part("projectKey")
    flag = exchange.asked.text("flagKey")
    found = await exchange.reception.read(flag_uses, exchange.org_id, project, flag)
    if not found:
        # Nothing is named of it, or there is no such project.
        await exchange.reception.read(find_project, exchange.org_id, project)
    flags = statistics_by_flag(found)
    return exchange.answer(wire.StatisticCollectionRep(flags, {"self": statistics_link(project)}))


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_repositories,
    create_repository,
    fetch_repository,
    change_repository,
    delete_repository,
    delete_branches,
    list_branches,
    fetch_branch,
    put_branch,
    create_extinctions,
    list_extinctions,
    list_statistics,
    fetch_statistics,
)


def _key(exchange: Exchange) -> CodeRepositoryKey:
    return code_repository_key(exchange.part("repo"))
