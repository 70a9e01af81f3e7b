"""Match versions to commits: which commit an application's version names, as far as commits are known.

Not here: which of several is meant (`domain.versions`).
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import Series
from fairlead.domain.changes import RepositoryId
from fairlead.domain.versions import Place, chosen, sha_prefix
from fairlead.store import places
from fairlead.store.engine import Transaction


class Repositories(Struct, frozen=True):
    """The repositories of an organisation, and the projects of each."""

    ids: Sequence[RepositoryId]
    projects: Mapping[RepositoryId, Sequence[str]]

    def of_project(self, project_key: str) -> frozenset[str]:
        """Return the repositories that are associated with a project."""
        return frozenset(one for one, mine in self.projects.items() if project_key in mine)


def repositories_of(transaction: Transaction, org_id: OrgId) -> Repositories:
    """Return the repositories of an organisation."""
    return Repositories(places.repositories(transaction, org_id), places.projects_of(transaction, org_id))


def commit_of(transaction: Transaction, series: Series, repositories: Repositories) -> Place | None:
    """Return the commit that a series' version names; None where none is known, or more than one."""
    prefix = sha_prefix(series.version)
    found: list[Place] = []
    if prefix:
        found = places.with_prefix(transaction, series.org_id, repositories.ids, prefix)
    found = found or places.with_tag(transaction, series.org_id, series.version)
    return chosen(found, series.application, repositories.of_project(series.project_key))
