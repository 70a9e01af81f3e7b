"""Links from flags to what lies elsewhere. Those of a pull-request scanner tell what it did to a flag.

Not here: what such links are worth beside scans (`flag_references.py`).
"""

import re

from msgspec import Struct, field

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.repositories import repository_id

LONGEST_LINK = 2048
LONGEST_TEXT = 100_000
MOST_METADATA = 100
# GitHub's, GitLab's and Bitbucket's addresses of a pull request.
_PULL_REQUEST = re.compile(
    r"(?P<repository>https?://.+?)(?:/-)?/(?:pull|pull-requests|merge_requests)/(?P<number>\d{1,18})"
)
_ADDED = "flag added"
_GONE = ("flag removed", "flag extinct")


class LinkedPullRequest(Struct, frozen=True, kw_only=True):
    """A pull request that adds a flag to the code or takes it out."""

    repository_id: str
    number: int
    is_added: bool


class FlagLink(Struct, frozen=True, kw_only=True):
    """A link from a flag. Texts are empty where nothing was told."""

    org_id: OrgId
    project_key: str
    flag_key: str
    id: str
    key: str = ""
    """The sender's own; a flag has one link of a key."""
    integration_key: str = ""
    deep_link: str = ""
    title: str = ""
    description: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    at: int
    """The time that the sender wants it shown at."""
    created_at: int

    @property
    def pull_request(self) -> LinkedPullRequest | None:
        """The pull request that it tells of, as `find-code-references-in-pull-request` does; or None."""
        found = _PULL_REQUEST.match(self.deep_link)
        message = self.metadata.get("message", "").lower()
        is_added = message.startswith(_ADDED)
        if found is None or not (is_added or message.startswith(_GONE)):
            return None
        try:
            repository = repository_id(found["repository"], "deepLink")
        except Rejected:
            return None
        return LinkedPullRequest(repository_id=repository, number=int(found["number"]), is_added=is_added)
