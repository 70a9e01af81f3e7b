"""Associate repositories with projects by hand, and end that again."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.store import places, territories
from fairlead.store.engine import Transaction


class RepositoriesAssociated(Struct, frozen=True, kw_only=True):
    """Which repositories belong to which projects, beside what is associated already."""

    org_id: OrgId
    pairs: Sequence[tuple[str, str]]
    """Repositories as `owner/name` or `host/owner/name`, each with the key of a project."""
    at: int


class RepositoryDissociated(Struct, frozen=True, kw_only=True):
    """Which association has ended."""

    org_id: OrgId
    repository: str
    project_key: str
    at: int


def associate_repositories(
    transaction: Transaction, told: Sequence[RepositoriesAssociated]
) -> list[FairleadError | None]:
    """Associate what was told, all of it or nothing; `NotFound` where one or the other is not known."""
    return [_associate(transaction, one) for one in told]


def dissociate_repositories(
    transaction: Transaction, told: Sequence[RepositoryDissociated]
) -> list[FairleadError | None]:
    """End associations; `NotFound` where there is none. Deployments that arrive later begin it no more."""
    return [_dissociate(transaction, one) for one in told]


def _associate(transaction: Transaction, told: RepositoriesAssociated) -> FairleadError | None:
    names = _names(transaction, told.org_id)
    projects = territories.project_names(transaction, told.org_id)
    pairs: list[tuple[RepositoryId, str]] = []
    for repository, project in told.pairs:
        found = names.get(repository, [])
        refusal = _refusal(repository, found)
        if refusal is not None:
            return refusal
        if project not in projects:
            return NotFound(f"there is no project {project}")
        pairs.append((found[0], project))
    places.associate(transaction, told.org_id, pairs, told.at, by_hand=True)
    return None


def _dissociate(transaction: Transaction, told: RepositoryDissociated) -> FairleadError | None:
    found = _names(transaction, told.org_id).get(told.repository, [])
    refusal = _refusal(told.repository, found)
    if refusal is not None:
        return refusal
    if places.dissociate(transaction, told.org_id, found[0], told.project_key, told.at):
        return None
    return NotFound(f"{told.repository} is not associated with {told.project_key}")


def _names(transaction: Transaction, org_id: OrgId) -> Mapping[str, list[RepositoryId]]:
    """Return repositories by every name they go by: whole, and without the host."""
    found: dict[str, list[RepositoryId]] = {}
    for id in places.repositories(transaction, org_id):
        for name in (id, id.partition("/")[2]):
            found.setdefault(name, []).append(id)
    return found


def _refusal(name: str, found: Sequence[RepositoryId]) -> FairleadError | None:
    if not found:
        return NotFound(f"there is no repository {name}")
    if len(found) > 1:
        detail = f'attribute "repositoryKey" may mean {" or ".join(found)}: name the host too'
        return Rejected(detail, field="repositoryKey")
    return None
