"""Links to a folder of a repository, as Git hosts make them.

Read by shape and not by host, so that a host of one's own is understood too: GitHub's
`/owner/name/tree/<branch>/<folder>`, GitLab's `/group/…/name/-/tree/<branch>/<folder>`, and Azure
DevOps' `/…/_git/name?path=/<folder>`. A branch is taken to be one segment; nothing in a link tells
where a branch with a slash in its name ends. Not here: which link of a catalogue entry counts
(`domain.catalog`).
"""

from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.globs import literal
from fairlead.domain.repositories import LONGEST_URL, repository_id

_GITLAB = "/-/tree/"
_AZURE = "_git"
_GITHUB_TREE_AT = 2


class Folder(Struct, frozen=True):
    """A folder of a repository."""

    repository_id: str
    path: str
    """Without slashes at either end; never empty."""

    @property
    def pattern(self) -> str:
        """The glob of everything below it."""
        return f"{literal(self.path)}/**"


def folder_of(url: str) -> Folder | None:
    """Return the folder that a link leads to; None for the root, and for anything else."""
    if len(url) > LONGEST_URL:
        return None
    try:
        parts = urlsplit(url.strip())
        repository, path = _split(parts.path, parts.query)
        if not repository or parts.scheme not in ("http", "https"):
            return None
        folder = "/".join(segment for segment in unquote(path).split("/") if segment)
        address = f"{parts.scheme}://{parts.netloc}{repository}"
        return Folder(repository_id(address), folder) if folder else None
    except (ValueError, Rejected):
        return None


def _split(path: str, query: str) -> tuple[str, str]:
    """Return the paths of repository and folder; both empty where the shape is none of the three."""
    segments = path.strip("/").split("/")
    if _GITLAB in path:
        repository, _, rest = path.partition(_GITLAB)
        return repository, rest.partition("/")[2]
    if _AZURE in segments[:-1]:
        return path, (parse_qs(query).get("path") or [""])[0].replace("%", "%25")
    if len(segments) > _GITHUB_TREE_AT and segments[_GITHUB_TREE_AT] == "tree":
        return "/" + "/".join(segments[:_GITHUB_TREE_AT]), "/".join(segments[_GITHUB_TREE_AT + 2 :])
    return "", ""
