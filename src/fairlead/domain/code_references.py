"""Code references: where in which repository's branch a feature flag is named, and when it vanished.

A repository here is what `ld-find-code-refs` calls one: a bare name, and a link to where its source
is kept. That link is what ties it to the repositories of deployments and pull requests. Not here:
which deployment or pull request added or removed references (`flag_references.py`).
"""

import re
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text

CodeRepositoryKey = NewType("CodeRepositoryKey", str)
"""The name in lower case: names differ by more than the case of their letters."""

DEFAULT_BRANCH = "main"
LONGEST_NAME = 200
LONGEST_LINK = 2048
LONGEST_PATH = 4096
MOST_HUNKS = 100_000
"""In one upload; `ld-find-code-refs` stops after 25 000."""
MOST_FILES = 100_000
"""In one upload; `ld-find-code-refs` stops after 10 000."""
MOST_ALIASES = 1000
_NAME = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


class Host(StrEnum):
    """Who keeps a repository's source, which says how links into it look."""

    BITBUCKET = "bitbucket"
    CUSTOM = "custom"
    GITHUB = "github"
    GITLAB = "gitlab"


class CodeRepository(Struct, frozen=True, kw_only=True):
    """A repository whose branches are scanned. Texts are empty where nothing was told."""

    org_id: OrgId
    name: str
    host: Host = Host.CUSTOM
    source_link: str = ""
    commit_url_template: str = ""
    """A link to a commit with `${branchName}` and `${sha}` in it."""
    hunk_url_template: str = ""
    """A link to a line with `${sha}`, `${filePath}` and `${lineNumber}` in it."""
    default_branch: str = DEFAULT_BRANCH
    enabled: bool = True
    """`ld-find-code-refs` stops where this is false."""
    version: int = 1
    """One more with each change."""
    created_at: int
    updated_at: int

    def __post_init__(self) -> None:
        require_text(self.name, "name", longest=LONGEST_NAME)
        if not _NAME.fullmatch(self.name) or self.name in (".", ".."):
            detail = 'attribute "name" must be letters, digits, ".", "_" and "-"'
            raise Rejected(detail, field="name")
        require_text(self.source_link, "sourceLink", longest=LONGEST_LINK)
        require_text(self.commit_url_template, "commitUrlTemplate", longest=LONGEST_LINK)
        require_text(self.hunk_url_template, "hunkUrlTemplate", longest=LONGEST_LINK)
        require_text(self.default_branch, "defaultBranch")
        if not self.default_branch:
            raise Rejected('attribute "defaultBranch" must not be empty', field="defaultBranch")

    @property
    def key(self) -> CodeRepositoryKey:
        """What it is found by."""
        return code_repository_key(self.name)

    @property
    def repository_id(self) -> str:
        """`host/owner/name` of the same repository elsewhere; empty where the link names none."""
        try:
            return repository_id(self.source_link, "sourceLink") if self.source_link else ""
        except Rejected:
            return ""


class Branch(Struct, frozen=True, kw_only=True):
    """A branch as it was last scanned."""

    org_id: OrgId
    repository: CodeRepositoryKey
    name: str
    head: str
    """The commit that was scanned, as it was told."""
    update_sequence_id: int | None = None
    """An upload that gives one must give a higher one than the last that did."""
    synced_at: int
    """When it was scanned, by the scanner's clock."""
    committed_at: int | None = None
    """When that commit was written, by its author's clock."""

    def __post_init__(self) -> None:
        for text, name in ((self.name, "name"), (self.head, "head")):
            require_text(text, name)
            if not text:
                raise Rejected(f'attribute "{name}" must not be empty', field=name)


class Hunk(Struct, frozen=True, kw_only=True):
    """Some lines of a file that name a flag. A struct because an upload has tens of thousands."""

    path: str
    hint: str = ""
    """The language of the file."""
    starting_line_number: int
    """From 1, and counting the lines around."""
    lines: str | None = None
    """None where the scanner kept them to itself."""
    project_key: str = ""
    flag_key: str = ""
    aliases: tuple[str, ...] = ()
    """Other names that the flag was found by."""


class Extinction(Struct, frozen=True, kw_only=True):
    """A commit that removed the last references to a flag from a branch."""

    org_id: OrgId
    repository: CodeRepositoryKey
    branch: str
    project_key: str
    flag_key: str
    revision: str
    message: str
    extinct_at: int
    """The commit's own time."""


class FlagCount(Struct, frozen=True, kw_only=True):
    """How often one flag is named in one scan of a branch."""

    project_key: str
    flag_key: str
    hunks: int
    files: int


def code_repository_key(name: str) -> CodeRepositoryKey:
    """Return the key of the repository of that name, however its letters are cased."""
    return CodeRepositoryKey(name.lower())


def is_same_repository(code: CodeRepository, repository: str) -> bool:
    """Tell whether a scanned repository is the one that deployments call `repository`.

    By its link where that names one; otherwise by its bare name, which is all that is known of it.
    """
    if code.repository_id:
        return code.repository_id.lower() == repository.lower()
    return repository.rpartition("/")[2].lower() == code.key
