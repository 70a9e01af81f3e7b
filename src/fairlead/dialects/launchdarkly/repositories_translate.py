"""From repositories to their shape in lists, and from mappings to pairs."""

from collections.abc import Iterable

from fairlead.dialects.launchdarkly import repositories_wire as wire
from fairlead.dialects.launchdarkly.wire import Link, SelfLink
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.flags import hex_id
from fairlead.domain.insights import repository_uuid
from fairlead.domain.texts import require_text
from fairlead.usecases.find_repositories import RepositoryShown

MOST_MAPPINGS = 1000
_TYPES = (("github", "github"), ("gitlab", "gitlab"), ("bitbucket", "bitbucket"))


def repositories(
    found: Iterable[RepositoryShown], org_id: OrgId, here: Link, *, with_projects: bool
) -> wire.Repositories:
    """Return repositories as they are shown."""
    items = [_repository(one, org_id, with_projects=with_projects) for one in found]
    return wire.Repositories(len(items), items, SelfLink(here))


def pairs_from(told: wire.Mappings) -> list[tuple[str, str]]:
    """Return what is to be associated.

    Raises:
        Rejected: a name is empty or too long, or there are too many.
    """
    if len(told.mappings) > MOST_MAPPINGS:
        raise Rejected(f'attribute "mappings" holds more than {MOST_MAPPINGS} mappings', field="mappings")
    return [
        (_name(one.repository_key, "repositoryKey"), _name(one.project_key, "projectKey"))
        for one in told.mappings
    ]


def associated(told: wire.Mappings, here: Link) -> wire.Associated:
    """Return what was associated."""
    return wire.Associated(len(told.mappings), told.mappings, SelfLink(here))


def _repository(one: RepositoryShown, org_id: OrgId, *, with_projects: bool) -> wire.Repository:
    host, _, key = one.id.partition("/")
    projects = [_project(org_id, *project) for project in one.projects]
    return wire.Repository(
        id=repository_uuid(org_id, one.id),
        version=1,
        key=key or host,
        type=next((type for word, type in _TYPES if word in host), "custom"),
        url=f"https://{one.id}",
        main_branch=one.main_branch or "main",
        projects=wire.Projects(len(projects), projects) if with_projects else None,
    )


def _project(org_id: OrgId, key: str, name: str) -> wire.Project:
    link = SelfLink(Link(f"/api/v2/projects/{key}"))
    return wire.Project(id=hex_id(org_id, key), links=link, key=key, name=name)


def _name(text: str, field: str) -> str:
    if not text.strip():
        raise Rejected(f'attribute "{field}" must not be empty', field=field)
    return require_text(text, field)
