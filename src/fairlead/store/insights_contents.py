"""What is in deployments: every statement that looks it up for a page of them.

Each function takes a whole page and asks once. Not here: which deployments are on the page, and what
is counted when they are linked (`links.py`).
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Select, Text, bindparam, func, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import PullRequestState
from fairlead.domain.insights import Listed, Pull, PullDeployed, PullKey
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, by_way_of
from fairlead.store.engine_sql import array_of, is_one_of, pairs_in
from fairlead.store.tables import deployment_commits, deployment_kinds, deployments, pull_requests

_d = deployments.c
_c = deployment_commits.c
_p = pull_requests.c
_k = deployment_kinds.c
_PULL_COLUMNS: Final = (
    *("repository_id", "number", "title", "state", "author", "url", "opened_at", "merged_at"),
    *("base_sha", "head_sha", "merge_sha", "files_changed", "lines_added", "lines_deleted"),
)
_encode = msgspec.json.Encoder().encode

# The statements here are asked for every page, and therefore made once.
_OF_ORG: Final = bindparam("of_org", type_=BigInteger())
_IDS: Final = array_of("ids")
_KEYS: Final = pairs_in(array_of("keys"), Text(), BigInteger()).alias("keys")
# Beginning with the deployments: what they share with their commits is read once for each of them.
_brought = InThisOrder(deployments, deployment_commits)
_of_page = (
    _d.org_id == _OF_ORG,
    is_one_of(_d.id, _IDS),
    _c.org_id == _OF_ORG,
    _c.deployment_id == _d.id,
)


def active(transaction: Transaction, org_id: OrgId, page: Iterable[Listed]) -> set[str]:
    """Return the ids of the deployments that are the latest of their application and environment.

    Of those on the page, that is; by one look into an index for each kind.
    """
    applications = {one.application for one in page}
    envs = {one.env for one in page}
    if not applications:
        return set()
    asked = {"applications": _encode(sorted(applications)).decode(), "envs": _encode(sorted(envs)).decode()}
    rows = transaction.execute(_lasts, {"of_org": org_id} | asked).all()
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    for service, env, finished_at, id in rows:
        latest[service, env] = max(latest.get((service, env), (0, "")), (finished_at, id))
    return {id for _, id in latest.values()}


def pulls_in(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> dict[str, list[PullKey]]:
    """Return the pull requests that each of a page of deployments brought, in order of number."""
    found: dict[str, list[PullKey]] = {}
    asked = {"of_org": org_id, "ids": _encode(ids).decode()}
    for id, repository_id, number in transaction.execute(_pulls_in, asked).all():
        found.setdefault(id, []).append(PullKey(repository_id, number))
    return {id: sorted(keys) for id, keys in found.items()}


def pulls(transaction: Transaction, org_id: OrgId, keys: Collection[PullKey]) -> dict[PullKey, Pull]:
    """Return the pull requests of a page."""
    if not keys:
        return {}
    rows = transaction.execute(_pulls, {"of_org": org_id, "keys": _pairs(keys)}).all()
    return {one.key: one for one in map(_pull_from, rows)}


def reached(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullKey], env: str
) -> dict[PullKey, list[PullDeployed]]:
    """Return where the pull requests of a page were deployed, the earliest first; an empty `env` is any."""
    if not keys:
        return {}
    asked = {"of_org": org_id, "keys": _pairs(keys), "of_env": env}
    found: dict[PullKey, list[PullDeployed]] = {}
    for row in transaction.execute(_reached, asked).all():
        key = PullKey(row.repository_id, row.number)
        one = PullDeployed(
            key=key,
            deployment_id=row.id,
            started_at=row.started_at,
            finished_at=row.finished_at,
            lead_time_ns=row.lead_time_ns,
        )
        found.setdefault(key, []).append(one)
    return found


def _pull_from(row: Sequence[Any]) -> Pull:
    """Return the pull request of a row that has `_PULL_COLUMNS`; names are looked up more slowly."""
    repository_id, number, title, state, author, url, opened_at, merged_at, *told = row
    base_sha, head_sha, merge_sha, files_changed, lines_added, lines_deleted = told
    return Pull(
        key=PullKey(repository_id, number),
        title=title,
        state=PullRequestState(state),
        author=author,
        url=url,
        opened_at=opened_at,
        merged_at=merged_at,
        base_sha=base_sha,
        head_sha=head_sha,
        merge_sha=merge_sha,
        files_changed=files_changed or 0,
        lines_added=lines_added or 0,
        lines_deleted=lines_deleted or 0,
    )


def _pairs(keys: Iterable[PullKey]) -> str:
    return _encode([(key.repository_id, key.number) for key in keys]).decode()


def _by_key(wanted: Select[Any]) -> Select[Any]:
    """Return a statement about the commits of a page by way of the ids on it.

    SQLite would go through all deployments or commits of the organisation, in a smaller index.
    """
    by_id = by_way_of("sqlite_autoindex_deployments_1", deployments, wanted)
    return by_way_of("sqlite_autoindex_deployment_commits_1", deployment_commits, by_id)


_each = _by_key(
    select(_d.id, _d.repository_id, _c.pull_request)
    .select_from(_brought)
    .where(*_of_page, _c.pull_request.is_not(None), _c.exclusion == "")
    .distinct()
).subquery("each")
_pulls_in: Final = select(_each.c.id, _each.c.repository_id, _each.c.pull_request)

_pulls: Final = (
    select(*(_p[name] for name in _PULL_COLUMNS))
    .select_from(InThisOrder(_KEYS, pull_requests))
    .where(_p.org_id == _OF_ORG, _p.repository_id == _KEYS.c.first, _p.number == _KEYS.c.second)
)

_reached: Final = by_way_of(
    "deployment_commits_by_pull_request",
    deployment_commits,
    select(
        _d.repository_id,
        _c.pull_request.label("number"),
        _d.id,
        _d.started_at,
        _d.finished_at,
        func.max(_c.lead_time_ns).label("lead_time_ns"),
    )
    .select_from(InThisOrder(InThisOrder(_KEYS, deployment_commits), deployments))
    .where(_c.org_id == _OF_ORG, _c.pull_request == _KEYS.c.second, _c.pull_request.is_not(None))
    .where(_d.org_id == _OF_ORG, _d.id == _c.deployment_id, _d.repository_id == _KEYS.c.first)
    .where(_c.exclusion == "", _c.lead_time_ns.is_not(None))
    .where(or_(_d.env == bindparam("of_env", type_=Text()), bindparam("of_env", type_=Text()) == ""))
    .group_by(_d.repository_id, _c.pull_request, _d.id, _d.started_at, _d.finished_at)
    .order_by(_d.finished_at, _d.id),
)

_last = (
    select(_d.id)
    .where(_d.org_id == _k.org_id, _d.kind == _k.kind)
    .order_by(_d.finished_at.desc(), _d.id.desc())
    .limit(1)
    .scalar_subquery()
)
_kinds = (
    select(_k.service, _k.env, _last.label("id"))
    .where(_k.org_id == _OF_ORG)
    .where(is_one_of(_k.service, array_of("applications")), is_one_of(_k.env, array_of("envs")))
    .subquery("lasts")
)
# What finished last of every kind; several kinds may be of one application and environment.
_lasts: Final = (
    select(_kinds.c.service, _kinds.c.env, _d.finished_at, _d.id)
    .select_from(InThisOrder(_kinds, deployments))
    .where(_d.org_id == _OF_ORG, _d.id == _kinds.c.id)
)
