"""Territories: which projects, environments and applications an organisation has.

An environment is known where somebody created it, or where any deployment went to it; an application
where somebody told of it, or any deployment is of the service of that name. Not here: what a project or
an environment is (`domain.flags`).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, exists, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.flags import DEFAULT_PROJECT, default_environments
from fairlead.domain.insights import Territory
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.engine_sql import array_of, is_one_of
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
_e = environments.c
_t = attempts.c
_new = BulkInsert(applications, [column.name for column in applications.columns], replaces=False)


OF_ORG: Final = bindparam("of_org", type_=BigInteger())
OF_PROJECT: Final = bindparam("of_project", type_=Text())
OF_ENV: Final = bindparam("of_env", type_=Text())
OF_APPLICATIONS: Final = array_of("of_applications")
"""What statements that are made once call the parts of a territory."""
_encode = msgspec.json.Encoder().encode


class Shape(NamedTuple):
    """Which parts of a territory are named: questions about those of one shape differ in values alone."""

    project: bool
    default_project: bool
    env: bool
    applications: bool


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
    told = select(_e.key).where(_e.org_id == org_id, _e.project_key == project_key)
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


def knows(transaction: Transaction, territory: Territory) -> tuple[bool, bool]:
    """Tell whether a territory's project and its environment are there; one that it does not name is."""
    org_id, project, env = territory.org_id, territory.project_key, territory.env
    row = transaction.execute(_known, {"of_org": org_id, "of_project": project, "of_env": env}).one()
    is_usual = project == DEFAULT_PROJECT and not row.has_environments
    usual = {one.key for one in default_environments(org_id, project)} if is_usual else ()
    return (
        not project or project == DEFAULT_PROJECT or row.is_project,
        not env or row.is_environment or row.is_reached or env in usual,
    )


def kind_numbers(transaction: Transaction, territory: Territory) -> Sequence[int]:
    """Return the numbers of the kinds whose deployments are in a territory."""
    return transaction.execute(_kinds_in(shape(territory)), values(territory)).scalars().all()


def shape(territory: Territory) -> Shape:
    """Return which parts of a territory are named."""
    project = territory.project_key
    return Shape(bool(project), project == DEFAULT_PROJECT, bool(territory.env), bool(territory.applications))


def values(territory: Territory) -> dict[str, Any]:
    """Return the values of a territory's parts, by what statements call them."""
    return {
        "of_org": territory.org_id,
        "of_project": territory.project_key,
        "of_env": territory.env,
        "of_applications": _encode(territory.applications).decode(),
    }


def tries_in(shape: Shape) -> list[ColumnElement[bool]]:
    """Return what is asked of a row of `attempts` to be in a territory of this shape."""
    conditions: list[ColumnElement[bool]] = [_t.org_id == OF_ORG]
    if shape.env:
        conditions.append(_t.env == OF_ENV)
    if shape.project:
        conditions.append(_t.project_key == OF_PROJECT)
    if shape.applications:
        conditions.append(is_one_of(_t.application, OF_APPLICATIONS))
    return conditions


def with_project(
    column: ColumnElement[str],
    org_id: OrgId | ColumnElement[int],
    project_key: str | ColumnElement[str],
    *,
    is_default: bool,
) -> ColumnElement[bool]:
    """Return whether the repository in `column` belongs to a project: by association, else the default."""
    associated = select(_p.repository_id).where(_p.org_id == org_id, _p.ended.is_(False))
    mine = column.in_(associated.where(_p.project_key == project_key))
    return or_(mine, column.not_in(associated)) if is_default else mine


@cache
def _kinds_in(shape: Shape) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [_k.org_id == OF_ORG]
    if shape.env:
        conditions.append(_k.env == OF_ENV)
    if shape.applications:
        conditions.append(is_one_of(_k.service, OF_APPLICATIONS))
    if shape.project:
        mine = with_project(_k.repository_id, OF_ORG, OF_PROJECT, is_default=shape.default_project)
        conditions.append(or_(_k.project == OF_PROJECT, and_(_k.project == "", mine)))
    return select(_k.kind).where(*conditions).order_by(_k.kind)


_told = _e.org_id == OF_ORG, _e.project_key == OF_PROJECT
_known = select(
    exists().where(projects.c.org_id == OF_ORG, projects.c.key == OF_PROJECT).label("is_project"),
    exists().where(*_told).label("has_environments"),
    exists().where(*_told, _e.key == OF_ENV).label("is_environment"),
    exists().where(_k.org_id == OF_ORG, _k.env == OF_ENV).label("is_reached"),
)
