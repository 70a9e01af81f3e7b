"""Territories: which projects, environments and applications an organisation has.

An environment is known where somebody created it, or where any deployment went to it; an application
where somebody told of it, or any deployment is of the service of that name. Not here: what a project or
an environment is (`domain.flags`).
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.flags import DEFAULT_PROJECT, default_environments
from fairlead.domain.insights import Territory
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import (
    applications,
    attempts,
    deployment_kinds,
    environments,
    projects,
    repository_projects,
)

_k = deployment_kinds.c
_p = repository_projects.c
_new = BulkInsert(applications, [column.name for column in applications.columns], replaces=False)


class Application(Struct, frozen=True, kw_only=True):
    """What is deployed: the same as a service, in other words."""

    org_id: OrgId
    key: str
    name: str
    kind: str
    """`server`, `browser` or `mobile`."""
    created_at: int


def project_names(transaction: Transaction, org_id: OrgId) -> dict[str, str]:
    """Return the names of all projects by their keys; there is always a default one."""
    known = transaction.execute(select(projects.c.key, projects.c.name).where(projects.c.org_id == org_id))
    return {DEFAULT_PROJECT: "Default Project"} | {row.key: row.name for row in known}


def environment_keys(transaction: Transaction, org_id: OrgId, project_key: str) -> set[str]:
    """Return the keys of a project's environments, and of those that deployments went to."""
    e = environments.c
    told = select(e.key).where(e.org_id == org_id, e.project_key == project_key)
    found = set(transaction.execute(told).scalars())
    if not found and project_key == DEFAULT_PROJECT:
        found = {one.key for one in default_environments(org_id, project_key)}
    reached = select(_k.env).where(_k.org_id == org_id, _k.env != "").distinct()
    return found | set(transaction.execute(reached).scalars())


def note_applications(transaction: Transaction, told: Iterable[Application]) -> None:
    """Keep applications that are new."""
    first: dict[tuple[OrgId, str], Application] = {}
    for one in told:
        first.setdefault((one.org_id, one.key), one)
    rows = [(one.org_id, one.key, one.name, one.kind, one.created_at) for one in first.values()]
    _new.run(transaction, sorted(rows))


def repositories_of_applications(transaction: Transaction, territory: Territory) -> set[str]:
    """Return the repositories that a territory's applications were deployed from, to any environment."""
    mine = _k.org_id == territory.org_id, _k.service.in_(territory.applications), _k.repository_id != ""
    return set(transaction.execute(select(_k.repository_id).where(*mine).distinct()).scalars())


def kinds_in(territory: Territory) -> ColumnElement[bool]:
    """Return which entries of `deployment_kinds` have their deployments in a territory."""
    conditions = [_k.org_id == territory.org_id]
    if territory.env:
        conditions.append(_k.env == territory.env)
    if territory.applications:
        conditions.append(_k.service.in_(territory.applications))
    if territory.project_key:
        conditions.append(_is_of_project(territory.org_id, territory.project_key))
    return and_(*conditions)


def kind_numbers(transaction: Transaction, territory: Territory) -> Sequence[int]:
    """Return the numbers of the kinds whose deployments are in a territory."""
    wanted = select(_k.kind).where(kinds_in(territory)).order_by(_k.kind)
    return transaction.execute(wanted).scalars().all()


def tries_in(territory: Territory) -> list[ColumnElement[bool]]:
    """Return what is asked of a row of `attempts` to be in a territory."""
    t = attempts.c
    conditions = [t.org_id == territory.org_id]
    if territory.env:
        conditions.append(t.env == territory.env)
    if territory.project_key:
        conditions.append(t.project_key == territory.project_key)
    if territory.applications:
        conditions.append(t.application.in_(territory.applications))
    return conditions


def with_project(column: ColumnElement[str], org_id: OrgId, project_key: str) -> ColumnElement[bool]:
    """Return whether the repository in `column` belongs to a project: by association, else the default."""
    associated = select(_p.repository_id).where(_p.org_id == org_id, _p.ended.is_(False))
    mine = column.in_(associated.where(_p.project_key == project_key))
    return or_(mine, column.not_in(associated)) if project_key == DEFAULT_PROJECT else mine


def _is_of_project(org_id: OrgId, project_key: str) -> ColumnElement[bool]:
    by_repository = and_(_k.project == "", with_project(_k.repository_id, org_id, project_key))
    return or_(_k.project == project_key, by_repository)
