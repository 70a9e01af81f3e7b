"""What deployments and pull requests have to do with scanned commits: statements across both.

However many are asked about, the number of statements is the same. Not here: what follows from it
(`usecases.find_flag_references`).
"""

from collections.abc import Collection
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, Select, Table, Text, bindparam, select

from fairlead.domain.access import OrgId
from fairlead.store import links, neighbours
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, by_way_of
from fairlead.store.engine_sql import array_of, is_one_of, pairs_in
from fairlead.store.tables import (
    code_extinctions,
    code_scans,
    deployment_commits,
    flag_links,
    pull_requests,
)

_c = deployment_commits.c
_p = pull_requests.c
_l = flag_links.c
_encode = msgspec.json.Encoder().encode

# The statements here are asked for every page, and therefore made once.
_OF_ORG: Final = bindparam("of_org", type_=BigInteger())
_IDS: Final = array_of("ids")
_KEYS: Final = pairs_in(array_of("keys"), Text(), BigInteger()).alias("keys")

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
    asked = {"of_org": org_id, "ids": _listed(ids)}
    scanned, extinguishing, pulls = (_by_deployment(transaction, one, asked) for one in _of_commits)
    return {
        one: Brought(
            scanned=frozenset(map(str, scanned.get(one, ()))),
            extinguishing=frozenset(map(str, extinguishing.get(one, ()))),
            pull_requests=frozenset(map(int, pulls.get(one, ()))),
        )
        for one in ids
    }


def pull_request_ends(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullRequestKey]
) -> dict[PullRequestKey, Ends]:
    """Return the base and the head of each pull request that is there, and what its merge put there."""
    rows = transaction.execute(_pull_request_ends, {"of_org": org_id, "keys": _pairs(keys)}).all()
    return {
        (repository_id, number): Ends(repository_id=repository_id, before=before, after=after, merge=merge)
        for repository_id, number, before, after, merge in rows
    }


def linked_flags(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullRequestKey]
) -> dict[PullRequestKey, list[tuple[str, str, bool]]]:
    """Return project, flag and whether it was added, as links of each pull request tell it."""
    found: dict[PullRequestKey, list[tuple[str, str, bool]]] = {}
    rows = transaction.execute(_linked_flags, {"of_org": org_id, "keys": _pairs(keys)}).all()
    for repository_id, number, project_key, flag_key, is_added in rows:
        found.setdefault((repository_id, number), []).append((project_key, flag_key, is_added))
    return found


def _by_deployment(
    transaction: Transaction, wanted: Select[Any], asked: dict[str, Any]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for deployment_id, value in transaction.execute(wanted, asked).all():
        found.setdefault(deployment_id, []).append(value)
    return found


def _listed(ids: Collection[str]) -> str:
    return _encode(sorted(ids)).decode()


def _pairs(keys: Collection[PullRequestKey]) -> str:
    return _encode(sorted(set(keys))).decode()


def _commits_of(column: ColumnElement[Any], known: Table | None, *which: ColumnElement[bool]) -> Select[Any]:
    """Return what is asked about the commits of deployments; those that are in another table, if any.

    SQLite is told to look them up by deployment: it would walk through all of the organisation's.
    """
    rows = deployment_commits if known is None else InThisOrder(deployment_commits, known)
    wanted = select(_c.deployment_id, column).select_from(rows).distinct()
    wanted = wanted.where(_c.org_id == _OF_ORG, is_one_of(_c.deployment_id, _IDS), *which)
    return by_way_of("sqlite_autoindex_deployment_commits_1", deployment_commits, wanted)


# The scanned, the extinguishing, and their pull requests.
_of_commits: Final = (
    _commits_of(_c.sha, code_scans, code_scans.c.org_id == _OF_ORG, code_scans.c.sha == _c.sha),
    _commits_of(
        _c.sha, code_extinctions, code_extinctions.c.org_id == _OF_ORG, code_extinctions.c.revision == _c.sha
    ),
    _commits_of(_c.pull_request, None, _c.pull_request.is_not(None)),
)
_pull_request_ends: Final = (
    select(_p.repository_id, _p.number, _p.base_sha, _p.head_sha, _p.merge_sha)
    .select_from(InThisOrder(_KEYS, pull_requests))
    .where(_p.org_id == _OF_ORG, _p.repository_id == _KEYS.c.first, _p.number == _KEYS.c.second)
)
_linked_flags: Final = (
    select(_l.repository_id, _l.pull_request, _l.project_key, _l.flag_key, _l.is_added)
    .select_from(InThisOrder(_KEYS, flag_links))
    .where(_l.org_id == _OF_ORG, _l.repository_id == _KEYS.c.first, _l.pull_request == _KEYS.c.second)
    .order_by(_l.created_at, _l.id)
)
