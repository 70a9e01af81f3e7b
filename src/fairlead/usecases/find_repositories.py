"""Find the repositories that anything is known of, with the projects they are associated with."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId
from fairlead.store import places, territories
from fairlead.store.engine import Transaction


class RepositoryShown(Struct, frozen=True, kw_only=True):
    """A repository."""

    id: RepositoryId
    main_branch: str
    """The branch that pull requests were last merged into; empty where nobody told of any."""
    projects: Sequence[tuple[str, str]]
    """Key and name of each."""


def find_repositories(transaction: Transaction, org_id: OrgId) -> list[RepositoryShown]:
    """Return all repositories, in order of id."""
    ids = places.repositories(transaction, org_id)
    branches = places.main_branches(transaction, org_id)
    associated = places.projects_of(transaction, org_id)
    names = territories.project_names(transaction, org_id)
    return [
        RepositoryShown(
            id=id,
            main_branch=branches.get(id, ""),
            projects=[(key, names.get(key, key)) for key in associated.get(id, ())],
        )
        for id in ids
    ]
