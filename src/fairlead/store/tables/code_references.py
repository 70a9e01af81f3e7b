"""Tables of code references: repositories, branches, hunks, and what scans counted.

An upload of hunks is written under an id of its own, in as many transactions as it takes, and
becomes the branch's in one; what it replaces goes in the same. What it counted stays, because pull
requests and deployments are told apart by the difference of two counts.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import Characters, characters, instant, metadata

code_repositories = Table(
    "code_repositories",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # The name in lower case.
    characters("key"),
    characters("name"),
    characters("host"),
    characters("source_link"),
    characters("commit_url_template"),
    characters("hunk_url_template"),
    characters("default_branch"),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("org_id", "key"),
)

code_branches = Table(
    "code_branches",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository"),
    characters("name"),
    characters("head"),
    Column("update_sequence_id", BigInteger, nullable=True),
    instant("synced_at"),
    instant("committed_at", nullable=True),
    # Where its hunks are.
    characters("upload"),
    PrimaryKeyConstraint("org_id", "repository", "name"),
)

code_uploads = Table(
    "code_uploads",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # Of an upload that has begun and not ended.
    characters("upload"),
    instant("begun_at"),
    PrimaryKeyConstraint("org_id", "upload"),
)

code_hunks = Table(
    "code_hunks",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("upload"),
    Column("position", BigInteger, nullable=False),
    characters("path"),
    characters("hint"),
    Column("starting_line_number", BigInteger, nullable=False),
    # NULL where the scanner did not tell.
    Column("lines", Characters, nullable=True),
    characters("project_key"),
    characters("flag_key"),
    characters("aliases"),
    PrimaryKeyConstraint("org_id", "upload", "position"),
    Index("code_hunks_by_flag", "org_id", "upload", "project_key", "flag_key", "path"),
)

code_scans = Table(
    "code_scans",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository"),
    characters("branch"),
    # The commit that was scanned, in lower case.
    characters("sha"),
    characters("upload"),
    # The upload to compare with where nothing better is known; empty where there is none.
    characters("before"),
    instant("synced_at"),
    instant("committed_at", nullable=True),
    PrimaryKeyConstraint("org_id", "repository", "branch", "sha"),
    Index("code_scans_by_sha", "org_id", "sha"),
)

code_flag_counts = Table(
    "code_flag_counts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("upload"),
    characters("project_key"),
    characters("flag_key"),
    Column("hunks", BigInteger, nullable=False),
    Column("files", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "upload", "project_key", "flag_key"),
    sqlite_with_rowid=False,
)

code_extinctions = Table(
    "code_extinctions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository"),
    characters("branch"),
    characters("project_key"),
    characters("flag_key"),
    # In lower case.
    characters("revision"),
    characters("message"),
    instant("extinct_at"),
    PrimaryKeyConstraint("org_id", "repository", "branch", "project_key", "flag_key", "revision"),
    Index("code_extinctions_by_revision", "org_id", "revision"),
    Index("code_extinctions_by_time", "org_id", "extinct_at"),
)
