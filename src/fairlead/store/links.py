"""Links: which commits a deployment brought, as they were worked out.

All of it is a cache that can be thrown away. Not here: working it out (`usecases`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, delete, select, tuple_, update

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Exclusion, Sha
from fairlead.domain.deployments import Deployment
from fairlead.domain.links import Brought, Deployed, Lead, Link, LinkedCommit
from fairlead.domain.measured import Noun
from fairlead.store import kinds, segments, spoken
from fairlead.store.bulk import BulkInsert, BulkUpdate
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import by_way_of
from fairlead.store.segments import day_at
from fairlead.store.tables import (
    BROUGHT_COLUMNS,
    LEAD_TIME_COLUMNS,
    deployment_commits,
    deployment_kinds,
    deployments,
    work,
)
from fairlead.store.work import Kind

_d = deployments.c
_c = deployment_commits.c
_w = work.c
_k = deployment_kinds.c
_commits = BulkInsert(
    deployment_commits, [column.name for column in deployment_commits.columns], replaces=True
)
_summaries = BulkUpdate(
    deployments,
    (
        *("lead_time_reason", "number_of_commits", "number_of_pull_requests"),
        *LEAD_TIME_COLUMNS,
        *BROUGHT_COLUMNS,
    ),
)
CHAIN_COLUMNS = (
    _d.org_id,
    _d.id,
    _d.service,
    _d.env,
    _d.repository_id,
    _d.commit_sha,
    _d.started_at,
    _d.finished_at,
    _d.version,
)
_CHAIN = ", ".join(column.name for column in CHAIN_COLUMNS)
_KEYS_A_STATEMENT = 500
_T = TypeVar("_T")
Key = tuple[OrgId, str]
"""Names a deployment."""


def deployed(transaction: Transaction, keys: Iterable[Key]) -> list[Deployed]:
    """Return the deployments of those organisations and ids that are there."""
    return [
        deployed_from(row)
        for mine in _those(keys)
        for row in transaction.execute(select(*CHAIN_COLUMNS).where(*mine))
    ]


def deployed_by_id(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> dict[str, Deployed]:
    """Return those of an organisation's deployments that are there, by id."""
    found: dict[str, Deployed] = {}
    for part in _parts(sorted(ids)):
        where = f"org_id = ? AND id IN {spoken.places(len(part))}"
        statement = f"SELECT {_CHAIN} FROM deployments WHERE {where}"  # noqa: S608 — our own names.
        found |= {row.id: deployed_from(row) for row in spoken.rows(transaction, statement, (org_id, *part))}
    return found


def deployed_from(row: Any) -> Deployed:
    """Return the deployment of a row that has `CHAIN_COLUMNS`."""
    return Deployed(
        org_id=OrgId(row.org_id),
        id=row.id,
        service=row.service,
        env=row.env,
        repository_id=row.repository_id,
        commit_sha=Sha(row.commit_sha),
        started_at=row.started_at,
        finished_at=row.finished_at,
        version=row.version,
    )


def brought_from(values: Sequence[int | None]) -> Brought:
    """Return what is told by the values of `BROUGHT_COLUMNS`, none of which is there before it is linked."""
    contributors, lines_added, lines_deleted, opened_at, merged_at = values
    return Brought(
        contributors=contributors or 0,
        lines_added=lines_added or 0,
        lines_deleted=lines_deleted or 0,
        opened_at=opened_at,
        merged_at=merged_at,
    )


def ended_between(
    transaction: Transaction, org_id: OrgId, from_at: int, until_at: int, *, most: int
) -> list[Deployed]:
    """Return the deployments that ended from one instant until another, the latest first."""
    mine = _d.org_id == org_id, _d.finished_at >= from_at, _d.finished_at < until_at
    order = _d.finished_at.desc(), _d.id.desc()
    wanted = select(*CHAIN_COLUMNS).where(*mine).order_by(*order).limit(most)
    return [deployed_from(row) for row in transaction.execute(wanted)]


def ids_from(
    transaction: Transaction, org_id: OrgId, after: tuple[int, str], most: int
) -> list[tuple[int, str]]:
    """Return end and id of the deployments that come after an end and an id, in that order."""
    mine = _d.org_id == org_id, _d.finished_at >= after[0], tuple_(_d.finished_at, _d.id) > tuple_(*after)
    order = _d.finished_at, _d.id
    wanted = select(_d.finished_at, _d.id).where(*mine).order_by(*order).limit(most)
    return [(row.finished_at, row.id) for row in transaction.execute(wanted)]


def first_after(transaction: Transaction, one: Deployed, version: str) -> Deployed | None:
    """Return the first deployment of a version after `one` to the same service and environment."""
    mine = select(*CHAIN_COLUMNS).where(
        _d.org_id == one.org_id, _d.service == one.service, _d.env == one.env, _d.version == version
    )
    return _nearest(transaction, one, by_way_of("deployments_by_version", deployments, mine), before=False)


def deployments_of_repository(transaction: Transaction, org_id: OrgId, repository_id: str) -> list[str]:
    """Return the ids of all deployments from a repository."""
    mine = _d.org_id == org_id, _d.repository_id == repository_id
    return list(transaction.execute(select(_d.id).where(*mine)).scalars())


def deployments_of_service(transaction: Transaction, org_id: OrgId, service: str) -> list[str]:
    """Return the ids of all deployments of a service that have git, whatever the case of its letters."""
    names = select(_k.service).where(_k.org_id == org_id).distinct()
    spelled = [name for name in transaction.execute(names).scalars() if name.lower() == service.lower()]
    theirs = _d.kind.in_(kinds.any_of_services(org_id, spelled))
    mine = select(_d.id).where(_d.org_id == org_id, theirs, _d.commit_sha != "")
    return list(transaction.execute(by_way_of("deployments_by_kind", deployments, mine)).scalars())


def deployments_at(
    transaction: Transaction, org_id: OrgId, repository_id: str, shas: Sequence[Sha]
) -> list[str]:
    """Return the ids of the deployments that put one of `shas` into an environment."""
    found: list[str] = []
    for part in _parts(shas):
        where = f"org_id = ? AND repository_id = ? AND commit_sha {spoken.ONE_OF}"
        statement = f"SELECT id FROM deployments WHERE {where}"  # noqa: S608 — our own names.
        asked = org_id, repository_id, spoken.listed(part)
        found += (row.id for row in spoken.rows(transaction, statement, asked))
    return found


def deployments_with(transaction: Transaction, org_id: OrgId, shas: Sequence[Sha]) -> list[str]:
    """Return the ids of the deployments that brought one of `shas`, measured or not."""
    found: list[str] = []
    for part in _parts(shas):
        where = f"org_id = ? AND sha {spoken.ONE_OF}"
        statement = f"SELECT DISTINCT deployment_id FROM deployment_commits WHERE {where}"  # noqa: S608 — our own names.
        asked = org_id, spoken.listed(part)
        found += (row.deployment_id for row in spoken.rows(transaction, statement, asked))
    return found


def deployments_of_pull_request(
    transaction: Transaction, org_id: OrgId, repository_id: str, number: int
) -> list[str]:
    """Return the ids of the deployments that are known to have brought commits of a pull request."""
    mine = _c.org_id == org_id, _c.pull_request == number, _d.repository_id == repository_id
    both = deployment_commits.join(deployments, (_d.org_id == _c.org_id) & (_d.id == _c.deployment_id))
    wanted = select(_c.deployment_id).select_from(both).where(*mine).distinct()
    return list(transaction.execute(wanted).scalars())


def deployments_in_hand(transaction: Transaction, org_id: OrgId, repository_id: str) -> list[str]:
    """Return the ids of the deployments from a repository that somebody is working on just now.

    What is kept about them says nothing of what is about to be.
    """
    taken = _w.org_id == org_id, _w.kind == Kind.LINK.value, _w.attempts > 0
    both = work.join(deployments, (_d.org_id == _w.org_id) & (_d.id == _w.key))
    wanted = select(_d.id).select_from(both).where(*taken, _d.repository_id == repository_id)
    return list(transaction.execute(wanted).scalars())


def put(transaction: Transaction, links: Sequence[Link]) -> None:
    """Replace what was worked out before about the deployments of `links`, which must be there.

    Commits outside the paths of a service are not kept: in a repository of many services they would
    be nearly all, for each of them.
    """
    forget(transaction, [link.deployment.key for link in links])
    kinds = _kinds_of(transaction, (link.deployment.key for link in links if link.commits))
    _commits.run(transaction, [row for link in links for row in _commit_rows(link, kinds)])
    _summaries.run(transaction, [_summary_row(link) for link in links])
    places = (link.deployment for link in links)
    segments.mark(transaction, [day_at(one.org_id, Noun.DEPLOYMENTS, one.finished_at) for one in places])


def hold(transaction: Transaction, keys: Iterable[Key]) -> set[Key]:
    """Return which deployments are there; nobody else changes them until the transaction ends."""
    found: set[Key] = set()
    for mine in _those(keys):
        wanted = select(_d.org_id, _d.id).where(*mine).order_by(_d.org_id, _d.id)
        rows = transaction.execute(wanted.with_for_update())
        found.update((OrgId(org_id), deployment_id) for org_id, deployment_id in rows)
    return found


def forget(transaction: Transaction, keys: Iterable[Key]) -> None:
    """Remove the commits that were linked to deployments."""
    for org_id, group in groupby(sorted(keys), key=itemgetter(0)):
        for part in _parts([deployment_id for _, deployment_id in group]):
            mine = _c.org_id == org_id, _c.deployment_id.in_(part)
            transaction.execute(delete(deployment_commits).where(*mine))


def move(transaction: Transaction, kinds: Mapping[Key, int]) -> None:
    """Say of the commits of deployments which kind these are of now."""
    for (org_id, id), kind in sorted(kinds.items()):
        mine = _c.org_id == org_id, _c.deployment_id == id
        transaction.execute(update(deployment_commits).where(*mine).values(kind=kind))


def commits_of(transaction: Transaction, org_id: OrgId, deployment_id: str) -> list[LinkedCommit]:
    """Return the commits that came with a deployment, newest first."""
    mine = _c.org_id == org_id, _c.deployment_id == deployment_id
    wanted = select(deployment_commits).where(*mine).order_by(_c.position)
    return [_linked(row) for row in transaction.execute(wanted)]


def _nearest(
    transaction: Transaction, one: Deployed | Deployment, mine: Select[Any], *, before: bool
) -> Deployed | None:
    here = tuple_(_d.finished_at, _d.started_at, _d.id)
    there = tuple_(one.finished_at, one.started_at, one.id)
    order = (_d.finished_at, _d.started_at, _d.id)
    wanted = (
        # Implied by the next condition; said apart because it is what an index can begin with.
        mine.where(_d.finished_at <= one.finished_at if before else _d.finished_at >= one.finished_at)
        .where(here < there if before else here > there)
        .order_by(*(column.desc() if before else column for column in order))
        .limit(1)
    )
    row = transaction.execute(wanted).first()
    return None if row is None else deployed_from(row)


def _summary_row(link: Link) -> tuple[object, ...]:
    one, lead = link.deployment, link.lead
    counts = link.number_of_commits, link.number_of_pull_requests
    averages = lead.average_ns, lead.shortest_ns, lead.longest_ns, *lead.stages_ns
    came = link.brought
    brought = came.contributors, came.lines_added, came.lines_deleted, came.opened_at, came.merged_at
    return one.org_id, one.id, link.reason or "", *counts, *averages, *brought


def _those(keys: Iterable[Key]) -> Iterable[tuple[ColumnElement[bool], ...]]:
    """Yield conditions that together mean the deployments of `keys`, always in the same order."""
    for org_id, group in groupby(sorted(keys), key=itemgetter(0)):
        for part in _parts([deployment_id for _, deployment_id in group]):
            yield _d.org_id == org_id, _d.id.in_(part)


def _parts(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[at : at + _KEYS_A_STATEMENT] for at in range(0, len(values), _KEYS_A_STATEMENT))


def _kinds_of(transaction: Transaction, keys: Iterable[Key]) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for org_id, group in groupby(sorted(keys), key=itemgetter(0)):
        for part in _parts([deployment_id for _, deployment_id in group]):
            where = f"org_id = ? AND id {spoken.ONE_OF}"
            statement = f"SELECT id, kind FROM deployments WHERE {where}"  # noqa: S608 — our own names.
            asked = org_id, spoken.listed(part)
            found |= {(org_id, row.id): row.kind for row in spoken.rows(transaction, statement, asked)}
    return found


def _commit_rows(link: Link, kinds: Mapping[Key, int]) -> Iterable[tuple[object, ...]]:
    one = link.deployment
    kept = (commit for commit in link.commits if commit.exclusion is not Exclusion.OUTSIDE_PATHS)
    for position, commit in enumerate(kept):
        lead = (None,) * 6 if commit.lead is None else (commit.lead.lead_time_ns, *commit.lead.stages_ns)
        told = commit.sha, commit.exclusion or "", commit.pull_request, *lead
        yield (one.org_id, one.id, position, *told, kinds[one.key])


def _linked(row: Row[tuple[object, ...]]) -> LinkedCommit:
    values: tuple[Any, ...] = tuple(row)
    exclusion = Exclusion(row.exclusion) if row.exclusion else None
    return LinkedCommit(
        sha=Sha(row.sha),
        exclusion=exclusion,
        pull_request=row.pull_request,
        lead=None if exclusion is not None else Lead(lead_time_ns=row.lead_time_ns, stages_ns=values[7:12]),
    )
