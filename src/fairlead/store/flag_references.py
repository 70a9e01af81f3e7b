"""What deployments and pull requests have to do with scanned commits: statements across both.

However many are asked about, the number of statements is the same. Not here: what follows from it
(`usecases.find_flag_references`).
"""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, select

from fairlead.domain.access import OrgId
from fairlead.store import links, neighbours
from fairlead.store.engine import SQLITE, Transaction
from fairlead.store.tables import (
    code_extinctions,
    code_scans,
    deployment_commits,
    deployments,
    flag_links,
    pull_requests,
)

_d = deployments.c
_c = deployment_commits.c
_p = pull_requests.c
_l = flag_links.c

PullRequestKey = tuple[str, int]
"""The id of a repository, and a number in it."""


class Ends(Struct, frozen=True, kw_only=True):
    """The commits that something lies between; empty where unknown."""

    repository_id: str
    before: str
    after: str
    merge: str = ""
    """Of a pull request: what the merge put on the base branch."""


class Brought(Struct, frozen=True, kw_only=True):
    """What commits of a deployment are known for: SHAs, and pull requests by number."""

    scanned: frozenset[str] = frozenset()
    extinguishing: frozenset[str] = frozenset()
    pull_requests: frozenset[int] = frozenset()


def deployment_ends(transaction: Transaction, org_id: OrgId, ids: Collection[str]) -> dict[str, Ends]:
    """Return the commit of each deployment, and that of the one before it in the same place."""
    known = links.deployed_by_id(transaction, org_id, ids).values()
    with_git = [one for one in known if one.commit_sha]
    before = neighbours.previous(transaction, with_git)
    return {
        one.id: Ends(
            repository_id=one.repository_id,
            before=before[one.key].commit_sha if one.key in before else "",
            after=one.commit_sha,
        )
        for one in with_git
    }


def brought(transaction: Transaction, org_id: OrgId, ids: Collection[str]) -> dict[str, Brought]:
    """Return what the commits of each deployment are known for."""
    scanned, extinguishing, pulls = (
        _by_deployment(transaction, wanted) for wanted in _of_commits(org_id, ids)
    )
    return {
        one: Brought(
            scanned=frozenset(map(str, scanned.get(one, ()))),
            extinguishing=frozenset(map(str, extinguishing.get(one, ()))),
            pull_requests=frozenset(map(int, pulls.get(one, ()))),
        )
        for one in ids
    }


def _of_commits(org_id: OrgId, ids: Collection[str]) -> Iterator[Select[Any]]:
    """Yield what is asked about the commits of deployments: the scanned, the extinguishing, their pulls."""
    mine = _c.org_id == org_id, _c.deployment_id.in_(sorted(ids))
    for table, sha in ((code_scans, code_scans.c.sha), (code_extinctions, code_extinctions.c.revision)):
        both = deployment_commits.join(table, (table.c.org_id == _c.org_id) & (sha == _c.sha))
        yield _by_key(select(_c.deployment_id, _c.sha).select_from(both).where(*mine).distinct())
    yield _by_key(select(_c.deployment_id, _c.pull_request).where(*mine).distinct())


def _by_key(wanted: Select[Any]) -> Select[Any]:
    """Have SQLite look commits up by deployment; it would walk through all of the organisation's."""
    return wanted.with_hint(deployment_commits, "INDEXED BY sqlite_autoindex_deployment_commits_1", SQLITE)


def _by_deployment(transaction: Transaction, wanted: Select[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for deployment_id, value in transaction.execute(wanted):
        if value is not None:
            found.setdefault(deployment_id, []).append(value)
    return found


def pull_request_ends(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullRequestKey]
) -> dict[PullRequestKey, Ends]:
    """Return the base and the head of each pull request that is there, and what its merge put there."""
    wanted = set(keys)
    repositories, numbers = {key[0] for key in wanted}, {key[1] for key in wanted}
    columns = _p.repository_id, _p.number, _p.base_sha, _p.head_sha, _p.merge_sha
    mine = _p.org_id == org_id, _p.repository_id.in_(sorted(repositories)), _p.number.in_(sorted(numbers))
    rows = transaction.execute(select(*columns).where(*mine))
    return {
        (row.repository_id, row.number): Ends(
            repository_id=row.repository_id, before=row.base_sha, after=row.head_sha, merge=row.merge_sha
        )
        for row in rows
        if (row.repository_id, row.number) in wanted
    }


def linked_flags(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullRequestKey]
) -> dict[PullRequestKey, list[tuple[str, str, bool]]]:
    """Return project, flag and whether it was added, as links of each pull request tell it."""
    wanted = set(keys)
    repositories, numbers = {key[0] for key in wanted}, {key[1] for key in wanted}
    mine = (
        _l.org_id == org_id,
        _l.repository_id.in_(sorted(repositories)),
        _l.pull_request.in_(sorted(numbers)),
    )
    found: dict[PullRequestKey, list[tuple[str, str, bool]]] = {}
    columns = _l.repository_id, _l.pull_request, _l.project_key, _l.flag_key, _l.is_added
    for row in transaction.execute(select(*columns).where(*mine).order_by(_l.created_at, _l.id)):
        key = (row.repository_id, row.pull_request)
        if key in wanted:
            found.setdefault(key, []).append((row.project_key, row.flag_key, row.is_added))
    return found
