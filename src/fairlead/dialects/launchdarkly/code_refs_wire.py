"""The shapes of the Code References API, letter for letter.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0, and what `ld-find-code-refs` 2.17 was
recorded to send. An array that may be large is left undecoded (`Raw`) and read item by item.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field

from fairlead.dialects.launchdarkly.wire import Link

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Instant = int | str
"""Milliseconds since 1970; the vendor's own examples put them in quotes."""


class RepositoryTold(Struct, rename="camel"):
    """A new repository, or all that may change of one. An empty text stands for none."""

    name: str
    type: Literal["bitbucket", "custom", "github", "gitlab", ""] | None = None
    source_link: str | None = None
    commit_url_template: str | None = None
    hunk_url_template: str | None = None
    default_branch: str | None = None
    enabled: bool = True


class BranchTold(Struct, rename="camel"):
    name: str
    head: str
    sync_time: Instant
    update_sequence_id: Int64 | None = None
    commit_time: Instant | None = None
    references: Raw | UnsetType = UNSET
    """Left out where nothing was found, which clears the branch."""


class ReferenceTold(Struct):
    path: str
    hunks: Raw
    hint: str | None = None


class HunkTold(Struct, rename="camel"):
    starting_line_number: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    lines: str | None = None
    proj_key: str | None = None
    flag_key: str | None = None
    aliases: list[str] | None = None


class ExtinctionTold(Struct, rename="camel"):
    revision: str
    message: str
    time: Instant
    flag_key: str
    proj_key: str


class HunkRep(Struct, rename="camel", omit_defaults=True):
    starting_line_number: int
    lines: str | None = None
    proj_key: str = ""
    flag_key: str = ""
    aliases: list[str] | None = None


class ReferenceRep(Struct, omit_defaults=True):
    path: str
    hunks: list[HunkRep]
    hint: str = ""


class BranchRep(Struct, omit_defaults=True):
    name: str
    head: str
    sync_time: int = field(name="syncTime")
    links: dict[str, Link] = field(name="_links")
    update_sequence_id: int | None = field(default=None, name="updateSequenceId")
    references: list[ReferenceRep] | None = None


class BranchShown(Struct, rename="camel"):
    """What `BranchTold` is as a whole, for those who read the description."""

    name: str
    head: str
    sync_time: int
    update_sequence_id: int | None = None
    commit_time: int | None = None
    references: list[ReferenceRep] | None = None


class BranchCollectionRep(Struct):
    items: list[BranchRep]
    links: dict[str, Link] = field(name="_links")


class RepositoryRep(Struct, omit_defaults=True):
    name: str
    type: str
    default_branch: str = field(name="defaultBranch")
    enabled: bool
    version: int
    links: dict[str, Link] = field(name="_links")
    source_link: str | None = field(default=None, name="sourceLink")
    commit_url_template: str | None = field(default=None, name="commitUrlTemplate")
    hunk_url_template: str | None = field(default=None, name="hunkUrlTemplate")
    branches: list[BranchRep] | None = None


class RepositoryCollectionRep(Struct):
    items: list[RepositoryRep]
    links: dict[str, Link] = field(name="_links")


class ExtinctionRep(Struct, rename="camel"):
    revision: str
    message: str
    time: int
    flag_key: str
    proj_key: str


class ExtinctionCollectionRep(Struct):
    items: dict[str, list[ExtinctionRep]]
    """By flag key, the latest first."""
    links: dict[str, Link] = field(name="_links")


class StatisticRep(Struct, omit_defaults=True):
    name: str
    type: str
    source_link: str = field(name="sourceLink")
    default_branch: str = field(name="defaultBranch")
    enabled: bool
    version: int
    hunk_count: int = field(name="hunkCount")
    file_count: int = field(name="fileCount")
    links: dict[str, Link] = field(name="_links")
    latest_commit_time: int | None = field(default=None, name="latestCommitTime")


class StatisticCollectionRep(Struct):
    flags: dict[str, list[StatisticRep]]
    """By flag key."""
    links: dict[str, Link] = field(name="_links")


class StatisticsRoot(Struct):
    projects: list[Link]
    self: Link
