"""Create, change, delete and find projects and their environments."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Conflict, FairleadError, NotFound, Rejected
from fairlead.domain.flags import DEFAULT_PROJECT, Environment, Project
from fairlead.store import projects
from fairlead.store.engine import Transaction


class ProjectFound(Struct, frozen=True, kw_only=True):
    """A project with its environments."""

    project: Project
    environments: tuple[Environment, ...]


class ProjectChange(Struct, frozen=True, kw_only=True):
    """What a project is to become."""

    org_id: OrgId
    key: str
    changed: Callable[[Project], Project]
    """Raises a `FairleadError` where the change is not acceptable."""
    at: int


class EnvironmentChange(Struct, frozen=True, kw_only=True):
    """What an environment is to become."""

    org_id: OrgId
    project_key: str
    key: str
    changed: Callable[[Environment], Environment]
    """Raises a `FairleadError` where the change is not acceptable."""
    at: int


class PlaceNamed(Struct, frozen=True, kw_only=True):
    """A project, or an environment of it."""

    org_id: OrgId
    project_key: str
    environment_key: str = ""


def find_projects(transaction: Transaction, org_id: OrgId) -> list[ProjectFound]:
    """Return an organisation's projects, by key."""
    return [_found(transaction, one) for one in projects.every_project(transaction, org_id)]


def find_project(transaction: Transaction, org_id: OrgId, key: str) -> ProjectFound:
    """Return a project.

    Raises:
        NotFound: there is none of that key.
    """
    one = projects.get_project(transaction, org_id, key)
    if one is None:
        raise NotFound(f'there is no project "{key}"')
    return _found(transaction, one)


def find_environment(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> Environment:
    """Return an environment.

    Raises:
        NotFound: there is no such project, or no such environment in it.
    """
    for one in find_project(transaction, org_id, project_key).environments:
        if one.key == key:
            return one
    raise _no_environment(project_key, key)


def create_projects(
    transaction: Transaction, told: Sequence[ProjectFound]
) -> list[ProjectFound | FairleadError]:
    """Keep each project with its environments, or return `Conflict` where there is one of that key."""
    return [_create(transaction, one) for one in told]


def create_environments(
    transaction: Transaction, told: Sequence[Environment]
) -> list[Environment | FairleadError]:
    """Keep each environment, or return `Conflict` where its project has one of that key."""
    results: list[Environment | FairleadError] = []
    for one in told:
        if projects.hold(transaction, one.org_id, one.project_key) is None:
            results.append(NotFound(f'there is no project "{one.project_key}"'))
        elif _environment(transaction, one.org_id, one.project_key, one.key) is not None:
            results.append(Conflict(f'there is an environment "{one.key}" already'))
        else:
            projects.put_environments(transaction, [one])
            results.append(one)
    return results


def change_projects(
    transaction: Transaction, changes: Sequence[ProjectChange]
) -> list[ProjectFound | FairleadError]:
    """Change each project and return it."""
    return [_change_project(transaction, one) for one in changes]


def change_environments(
    transaction: Transaction, changes: Sequence[EnvironmentChange]
) -> list[Environment | FairleadError]:
    """Change each environment and return it."""
    return [_change_environment(transaction, one) for one in changes]


def delete_projects(transaction: Transaction, named: Sequence[PlaceNamed]) -> list[FairleadError | None]:
    """Delete each project with all flags in it; the default project stays."""
    results: list[FairleadError | None] = []
    for one in named:
        if one.project_key == DEFAULT_PROJECT:
            results.append(Rejected(f'the project "{DEFAULT_PROJECT}" cannot be deleted', field="projectKey"))
        elif projects.hold(transaction, one.org_id, one.project_key) is None:
            results.append(NotFound(f'there is no project "{one.project_key}"'))
        else:
            projects.remove_project(transaction, one.org_id, one.project_key)
            results.append(None)
    return results


def delete_environments(transaction: Transaction, named: Sequence[PlaceNamed]) -> list[FairleadError | None]:
    """Delete each environment, unless it is the last of its project."""
    return [_delete_environment(transaction, one) for one in named]


def _create(transaction: Transaction, told: ProjectFound) -> ProjectFound | FairleadError:
    one = told.project
    if projects.hold(transaction, one.org_id, one.key) is not None:
        return Conflict(f'there is a project "{one.key}" already')
    projects.put_project(transaction, one)
    projects.put_environments(transaction, told.environments)
    return told


def _change_project(transaction: Transaction, wanted: ProjectChange) -> ProjectFound | FairleadError:
    known = projects.hold(transaction, wanted.org_id, wanted.key)
    if known is None:
        return NotFound(f'there is no project "{wanted.key}"')
    try:
        changed = replace(wanted.changed(known), updated_at=wanted.at)
    except FairleadError as refused:
        return refused
    projects.put_project(transaction, changed)
    return _found(transaction, changed)


def _change_environment(transaction: Transaction, wanted: EnvironmentChange) -> Environment | FairleadError:
    where = wanted.org_id, wanted.project_key
    if projects.hold(transaction, *where) is None:
        return NotFound(f'there is no project "{wanted.project_key}"')
    known = _environment(transaction, *where, wanted.key)
    if known is None:
        return _no_environment(wanted.project_key, wanted.key)
    try:
        changed = replace(wanted.changed(known), updated_at=wanted.at)
    except FairleadError as refused:
        return refused
    projects.put_environments(transaction, [changed])
    return changed


def _delete_environment(transaction: Transaction, one: PlaceNamed) -> FairleadError | None:
    where = one.org_id, one.project_key
    if projects.hold(transaction, *where) is None:
        return NotFound(f'there is no project "{one.project_key}"')
    known = [environment.key for environment in projects.every_environment(transaction, *where)]
    if one.environment_key not in known:
        return _no_environment(one.project_key, one.environment_key)
    if len(known) == 1:
        return Rejected("the last environment of a project cannot be deleted", field="environmentKey")
    projects.remove_environment(transaction, *where, one.environment_key)
    return None


def _environment(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> Environment | None:
    found = projects.every_environment(transaction, org_id, project_key)
    return next((one for one in found if one.key == key), None)


def _no_environment(project_key: str, key: str) -> NotFound:
    return NotFound(f'there is no environment "{key}" in the project "{project_key}"')


def _found(transaction: Transaction, one: Project) -> ProjectFound:
    environments = projects.every_environment(transaction, one.org_id, one.key)
    return ProjectFound(project=one, environments=tuple(environments))
