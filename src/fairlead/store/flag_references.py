"""What deployments and pull requests have to do with scanned commits: statements across both.

However many are asked about, the number of statements is the same. Not here: what follows from it
(`usecases.find_flag_references`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select, tuple_

from fairlead.domain.access import OrgId
from fairlead.store.engine import Transaction
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The commits that something lies between; empty where unknown."""

    repository_id: str
    before: str
    after: str
    merge: str = ""
    """Of a pull request: what the merge put on the base branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What commits of a deployment are known for: SHAs, and pull requests by number."""

    scanned: frozenset[str] = frozenset()
    extinguishing: frozenset[str] = frozenset()
    pull_requests: frozenset[int] = frozenset()


def deployment_ends(transaction: Transaction, org_id: OrgId, ids: Collection[str]) -> dict[str, Ends]:
    """Return the commit of each deployment, and that of the one before it in the same place."""
    earlier = deployments.alias("earlier")
    e = earlier.c
    before = (
        select(e.commit_sha)
        .where(e.org_id == _d.org_id, e.service == _d.service, e.env == _d.env)
        .where(e.repository_id == _d.repository_id, e.commit_sha != "")
        # Implied by the next condition; said apart because it is what an index can end with.
        .where(e.finished_at <= _d.finished_at)
        .where(tuple_(e.finished_at, e.started_at, e.id) < tuple_(_d.finished_at, _d.started_at, _d.id))
        .order_by(e.finished_at.desc(), e.started_at.desc(), e.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    mine = _d.org_id == org_id, _d.id.in_(sorted(ids)), _d.commit_sha != ""
    rows = transaction.execute(
        select(_d.id, _d.repository_id, _d.commit_sha, before.label("before")).where(*mine)
    )
    return {
        row.id: Ends(repository_id=row.repository_id, before=row.before or "", after=row.commit_sha)
        for row in rows
    }


def brought(transaction: Transaction, org_id: OrgId, ids: Collection[str]) -> dict[str, Brought]:
    """Return what the commits of each deployment are known for."""
    mine = _c.org_id == org_id, _c.deployment_id.in_(sorted(ids))
    pulls = select(_c.deployment_id, _c.pull_request).where(*mine, _c.pull_request.is_not(None)).distinct()
    found: dict[str, tuple[set[str], set[str], set[int]]] = {one: (set(), set(), set()) for one in ids}
    for row in transaction.execute(pulls):
        found[row.deployment_id][2].add(row.pull_request)
    for place, (table, column) in enumerate(
        ((code_scans, code_scans.c.sha), (code_extinctions, code_extinctions.c.revision))
    ):
        both = deployment_commits.join(table, (table.c.org_id == _c.org_id) & (column == _c.sha))
        wanted = select(_c.deployment_id, _c.sha).select_from(both).where(*mine).distinct()
        for row in transaction.execute(wanted):
            shas = found[row.deployment_id][place]
            assert isinstance(shas, set)  # noqa: S101 — the two first are sets of SHAs.
            shas.add(row.sha)
    return {
        one: Brought(
            scanned=frozenset(scanned), extinguishing=frozenset(extinct), pull_requests=frozenset(numbers)
        )
        for one, (scanned, extinct, numbers) in found.items()
    }


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
