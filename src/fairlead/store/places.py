"""Places of commits: found by a part of a SHA or by a tag; repositories, and the projects of each.

Not here: which of several commits a version means (`domain.versions`).
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.versions import Place
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import (
    commits,
    deployment_kinds,
    pull_requests,
    repository_projects,
    repository_tags,
)

_c = commits.c
_g = repository_tags.c
_p = repository_projects.c
_k = deployment_kinds.c
_r = pull_requests.c
_tags = BulkInsert(repository_tags, [column.name for column in repository_tags.columns], replaces=True)
_new = BulkInsert(
    repository_projects, [column.name for column in repository_projects.columns], replaces=False
)
_decided = BulkInsert(
    repository_projects, [column.name for column in repository_projects.columns], replaces=True
)
# Behind every hexadecimal digit.
_AFTER_HEX = "g"
_REPOSITORIES_A_STATEMENT = 200
_ENOUGH = 2


def repositories(transaction: Transaction, org_id: OrgId) -> list[RepositoryId]:
    """Return every repository that anything is known of, in order of name.

    Commits and pull requests are many and their repositories few, so both tables are skipped through
    from one repository to the next.
    """
    found = set(transaction.execute(_skipping(org_id, _c.org_id, _c.repository_id)).scalars())
    found |= set(transaction.execute(_skipping(org_id, _r.org_id, _r.repository_id)).scalars())
    mine = _k.org_id == org_id, _k.repository_id != ""
    found |= set(transaction.execute(select(_k.repository_id).where(*mine).distinct()).scalars())
    found |= set(transaction.execute(select(_p.repository_id).where(_p.org_id == org_id)).scalars())
    return [RepositoryId(str(one)) for one in sorted(found - {""})]


def main_branches(transaction: Transaction, org_id: OrgId) -> dict[RepositoryId, str]:
    """Return for each repository the branch that its pull request of the highest number went to."""
    last = select(_r.repository_id, func.max(_r.number).label("number"))
    last_of = (
        last.where(_r.org_id == org_id, _r.base_branch != "").group_by(_r.repository_id).subquery("last")
    )
    same = and_(_r.repository_id == last_of.c.repository_id, _r.number == last_of.c.number)
    wanted = select(_r.repository_id, _r.base_branch).where(_r.org_id == org_id)
    rows = transaction.execute(wanted.select_from(last_of.join(pull_requests, same)))
    return {RepositoryId(repository): branch for repository, branch in rows}


def with_prefix(
    transaction: Transaction, org_id: OrgId, repository_ids: Sequence[RepositoryId], prefix: str
) -> list[Place]:
    """Return the commits of `repository_ids` whose SHA begins with `prefix`; at most a few of each lot."""
    found: list[Place] = []
    for part in _parts(repository_ids):
        mine = _c.org_id == org_id, _c.repository_id.in_(part)
        near = _c.sha >= prefix, _c.sha < prefix + _AFTER_HEX
        wanted = select(_c.repository_id, _c.sha).where(*mine, *near).limit(len(part) * _ENOUGH)
        found += ((RepositoryId(repository), Sha(sha)) for repository, sha in transaction.execute(wanted))
    return found


def with_tag(transaction: Transaction, org_id: OrgId, name: str) -> list[Place]:
    """Return the commits that have a tag of that name."""
    wanted = select(_g.repository_id, _g.sha).where(_g.org_id == org_id, _g.name == name)
    return [(RepositoryId(repository), Sha(sha)) for repository, sha in transaction.execute(wanted)]


def tags_of(transaction: Transaction, org_id: OrgId, repository_id: RepositoryId) -> set[str]:
    """Return the names of a repository's tags."""
    wanted = select(_g.name).where(_g.org_id == org_id, _g.repository_id == repository_id)
    return set(transaction.execute(wanted).scalars())


def put_tags(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, tags: Mapping[str, Sha]
) -> None:
    """Keep which commit each tag of a repository names."""
    _tags.run(transaction, [(org_id, repository_id, name, tags[name]) for name in sorted(tags)])


def projects_of(transaction: Transaction, org_id: OrgId) -> dict[RepositoryId, list[str]]:
    """Return the projects of each repository that has any, both in order of name."""
    wanted = select(_p.repository_id, _p.project_key).where(_p.org_id == org_id, _p.ended.is_(False))
    found: dict[RepositoryId, list[str]] = {}
    for repository, project in transaction.execute(wanted.order_by(_p.repository_id, _p.project_key)):
        found.setdefault(RepositoryId(repository), []).append(project)
    return found


def associate(
    transaction: Transaction,
    org_id: OrgId,
    pairs: Iterable[tuple[RepositoryId, str]],
    at: int,
    *,
    by_hand: bool,
) -> None:
    """Associate repositories with projects; what somebody ended by hand begins anew only by hand."""
    rows = [(org_id, repository, project, at, False) for repository, project in sorted(set(pairs))]
    (_decided if by_hand else _new).run(transaction, rows)


def dissociate(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, project_key: str, at: int
) -> bool:
    """End an association; False where there is none."""
    if project_key not in projects_of(transaction, org_id).get(repository_id, []):
        return False
    _decided.run(transaction, [(org_id, repository_id, project_key, at, True)])
    return True


def _skipping(org_id: OrgId, owner: ColumnElement[int], name: ColumnElement[str]) -> Select[tuple[str]]:
    """Return the distinct values of `name`, each found by one look into the index that begins with it."""
    first = select(name.label("name")).where(owner == org_id).order_by(name).limit(1)
    seen = first.subquery().select().cte("seen", recursive=True)
    after = select(name).where(owner == org_id, name > seen.c.name).order_by(name).limit(1)
    following = select(after.scalar_subquery().label("name")).where(seen.c.name.is_not(None))
    every = seen.union_all(following)
    return select(every.c.name).where(every.c.name.is_not(None))


def _parts(values: Sequence[RepositoryId]) -> Iterable[Sequence[RepositoryId]]:
    size = _REPOSITORIES_A_STATEMENT
    return (values[at : at + size] for at in range(0, len(values), size))
