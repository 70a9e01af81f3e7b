"""What is in deployments: every statement that counts it for a page of them.

Each function takes a whole page and asks once. Not here: which deployments are on the page.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import PullRequestState
from fairlead.domain.insights import Contents, Listed, Pull, PullDeployed, PullKey, lead_stages
from fairlead.store.engine import Transaction
from fairlead.store.tables import commits, deployment_commits, deployment_kinds, deployments, pull_requests

_d = deployments.c
_c = deployment_commits.c
_p = pull_requests.c
_k = deployment_kinds.c
_brought = deployment_commits.join(deployments, and_(_d.org_id == _c.org_id, _d.id == _c.deployment_id))
_pull = and_(_p.org_id == _d.org_id, _p.repository_id == _d.repository_id, _p.number == _c.pull_request)


def contents(transaction: Transaction, org_id: OrgId, page: Sequence[Listed]) -> dict[str, Contents]:
    """Return what each deployment of a page brought, by its id; without git that is nothing."""
    with_git = [one for one in page if one.lead_time_ns is not None]
    ids = [one.id for one in with_git]
    if not ids:
        return {}
    sums = {row.deployment_id: row for row in transaction.execute(_sums(org_id, ids))}
    people = {row[0]: row[1] for row in transaction.execute(_people(org_id, ids))}
    firsts: dict[str, Row[Any]] = {}
    for row in transaction.execute(_firsts(org_id, ids)):
        firsts.setdefault(row.deployment_id, row)
    return {
        one.id: _contents(one, sums.get(one.id), people.get(one.id, 0), firsts.get(one.id))
        for one in with_git
    }


def active(transaction: Transaction, org_id: OrgId, page: Iterable[Listed]) -> set[str]:
    """Return the ids of the deployments that are the latest of their application and environment.

    Of those on the page, that is; by one look into an index for each kind.
    """
    applications = {one.application for one in page}
    envs = {one.env for one in page}
    if not applications:
        return set()
    mine = _d.org_id == _k.org_id, _d.kind == _k.kind
    last = select(_d.id).where(*mine).order_by(_d.finished_at.desc(), _d.id.desc()).limit(1)
    kinds = select(_k.service, _k.env, last.scalar_subquery().label("id"))
    kinds = kinds.where(_k.org_id == org_id, _k.service.in_(applications), _k.env.in_(envs))
    lasts = kinds.subquery("lasts")
    wanted = select(lasts.c.service, lasts.c.env, _d.finished_at, _d.id)
    rows = transaction.execute(
        wanted.select_from(lasts.join(deployments, and_(_d.org_id == org_id, _d.id == lasts.c.id)))
    )
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    for service, env, finished_at, id in rows:
        latest[service, env] = max(latest.get((service, env), (0, "")), (finished_at, id))
    return {id for _, id in latest.values()}


def pulls_in(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> dict[str, list[PullKey]]:
    """Return the pull requests that each of a page of deployments brought, in order of number."""
    wanted = (
        select(_c.deployment_id, _d.repository_id, _c.pull_request)
        .select_from(_brought)
        .where(_c.org_id == org_id, _c.deployment_id.in_(ids), _c.pull_request.is_not(None))
        .where(_c.exclusion == "")
        .distinct()
    )
    found: dict[str, list[PullKey]] = {}
    for id, repository_id, number in transaction.execute(wanted):
        found.setdefault(id, []).append(PullKey(repository_id, number))
    return {id: sorted(keys) for id, keys in found.items()}


def pulls(transaction: Transaction, org_id: OrgId, keys: Collection[PullKey]) -> dict[PullKey, Pull]:
    """Return the pull requests of a page."""
    if not keys:
        return {}
    rows = transaction.execute(select(pull_requests).where(_p.org_id == org_id, _any_of(keys)))
    return {one.key: one for one in map(pull_from, rows)}


def reached(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullKey], env: str
) -> dict[PullKey, list[PullDeployed]]:
    """Return where the pull requests of a page were deployed, the earliest first; an empty `env` is any."""
    if not keys:
        return {}
    numbers = {key.number for key in keys}
    repositories = {key.repository_id for key in keys}
    wanted = (
        select(
            _d.repository_id,
            _c.pull_request,
            _d.id,
            _d.started_at,
            _d.finished_at,
            func.max(_c.lead_time_ns).label("lead_time_ns"),
        )
        .select_from(_brought)
        .where(_c.org_id == org_id, _c.pull_request.in_(numbers), _d.repository_id.in_(repositories))
        .where(_c.exclusion == "", _c.lead_time_ns.is_not(None))
        .group_by(_d.repository_id, _c.pull_request, _d.id, _d.started_at, _d.finished_at)
        .order_by(_d.finished_at, _d.id)
    )
    if env:
        wanted = wanted.where(_d.env == env)
    found: dict[PullKey, list[PullDeployed]] = {}
    for repository_id, number, id, started_at, finished_at, lead_time_ns in transaction.execute(wanted):
        key = PullKey(repository_id, number)
        if key in keys:
            one = PullDeployed(
                key=key,
                deployment_id=id,
                started_at=started_at,
                finished_at=finished_at,
                lead_time_ns=lead_time_ns,
            )
            found.setdefault(key, []).append(one)
    return found


def pull_from(row: Any) -> Pull:
    """Return the pull request of a row that has all columns."""
    return Pull(
        key=PullKey(row.repository_id, row.number),
        title=row.title,
        state=PullRequestState(row.state),
        author=row.author,
        url=row.url,
        opened_at=row.opened_at,
        merged_at=row.merged_at,
        base_sha=row.base_sha,
        head_sha=row.head_sha,
        merge_sha=row.merge_sha,
        files_changed=row.files_changed or 0,
        lines_added=row.lines_added or 0,
        lines_deleted=row.lines_deleted or 0,
    )


def _sums(org_id: OrgId, ids: Sequence[str]) -> Any:
    """Ask how many pull requests each deployment brought, and how many lines these changed."""
    each = (
        select(_c.org_id, _c.deployment_id, _d.repository_id, _c.pull_request)
        .select_from(_brought)
        .where(_c.org_id == org_id, _c.deployment_id.in_(ids), _c.pull_request.is_not(None))
        .where(_c.exclusion == "")
        .distinct()
        .subquery("each")
    )
    same = and_(
        _p.org_id == each.c.org_id,
        _p.repository_id == each.c.repository_id,
        _p.number == each.c.pull_request,
    )
    return (
        select(
            each.c.deployment_id,
            func.count().label("pull_requests"),
            func.coalesce(func.sum(_p.lines_added), 0).label("lines_added"),
            func.coalesce(func.sum(_p.lines_deleted), 0).label("lines_deleted"),
        )
        .select_from(each.join(pull_requests, same))
        .group_by(each.c.deployment_id)
    )


def _people(org_id: OrgId, ids: Sequence[str]) -> Any:
    """Ask how many people wrote the measured commits of each deployment."""
    same = and_(
        commits.c.org_id == _d.org_id,
        commits.c.repository_id == _d.repository_id,
        commits.c.sha == _c.sha,
    )
    return (
        select(_c.deployment_id, func.count(func.lower(commits.c.author_email).distinct()))
        .select_from(_brought.join(commits, same))
        .where(_c.org_id == org_id, _c.deployment_id.in_(ids), _c.exclusion == "")
        .group_by(_c.deployment_id)
    )


def _firsts(org_id: OrgId, ids: Sequence[str]) -> Any:
    """Ask for the pull requests of the first commits of each deployment."""
    return (
        select(_c.deployment_id, _p.opened_at, _p.merged_at)
        .select_from(_brought.join(pull_requests, _pull))
        .where(_c.org_id == org_id, _c.deployment_id.in_(ids), _c.lead_time_ns == _d.longest_lead_time_ns)
        .order_by(_c.deployment_id, _c.position.desc())
    )


def _contents(one: Listed, sums: Row[Any] | None, people: int, first: Row[Any] | None) -> Contents:
    assert one.ended_at is not None  # noqa: S101 — what has a lead time has ended.
    assert one.lead_time_ns is not None  # noqa: S101 — as above.
    opened_at, merged_at = (None, None) if first is None else (first.opened_at, first.merged_at)
    first_at = one.ended_at - one.lead_time_ns
    return Contents(
        pull_requests=0 if sums is None else sums.pull_requests,
        contributors=people,
        # A sum of 64-bit numbers is a decimal on PostgreSQL.
        lines_added=0 if sums is None else int(sums.lines_added),
        lines_deleted=0 if sums is None else int(sums.lines_deleted),
        stages=lead_stages(first_at, opened_at, merged_at, one.started_at, one.ended_at),
    )


def _any_of(keys: Collection[PullKey]) -> ColumnElement[bool]:
    by_repository: dict[str, list[int]] = {}
    for key in keys:
        by_repository.setdefault(key.repository_id, []).append(key.number)
    return or_(
        *(
            and_(_p.repository_id == repository_id, _p.number.in_(numbers))
            for repository_id, numbers in sorted(by_repository.items())
        )
    )
