"""Tables of commits and pull requests, and of which deployment brought which."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, text

from fairlead.store.tables.deliveries import STAGE_COLUMNS
from fairlead.store.tables.frame import characters, instant, metadata

commits = Table(
    "commits",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    characters("sha"),
    # Every commit's number is greater than those of its parents; beyond that it means nothing.
    Column("ordinal", BigInteger, nullable=False),
    characters("parents"),
    Column("parents_exact", Boolean, nullable=False),
    characters("author_name"),
    characters("author_email"),
    instant("authored_at"),
    characters("committer_name"),
    characters("committer_email"),
    instant("committed_at"),
    characters("subject"),
    # The paths as zlib, each ended by NUL; NULL where nobody told.
    Column("paths", LargeBinary, nullable=True),
    PrimaryKeyConstraint("org_id", "repository_id", "sha"),
    Index("commits_by_ordinal", "org_id", "repository_id", "ordinal"),
)

missing_parents = Table(
    "missing_parents",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    characters("parent_sha"),
    characters("child_sha"),
    PrimaryKeyConstraint("org_id", "repository_id", "parent_sha", "child_sha"),
    sqlite_with_rowid=False,
)

deployment_commits = Table(
    "deployment_commits",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("deployment_id"),
    Column("position", BigInteger, nullable=False),
    characters("sha"),
    characters("exclusion"),
    Column("pull_request", BigInteger, nullable=True),
    Column("lead_time_ns", BigInteger, nullable=True),
    *(Column(name, BigInteger, nullable=True) for name in STAGE_COLUMNS),
    # The deployment's own, so that where a pull request went is told without looking at each deployment.
    Column("kind", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("org_id", "deployment_id", "position"),
    Index("deployment_commits_by_sha", "org_id", "sha", "deployment_id"),
    Index(
        "deployment_commits_by_pull_request",
        "org_id",
        # No id of a deployment: without it the entries of a pull request take hardly more than one.
        "pull_request",
        "kind",
        sqlite_where=text("pull_request IS NOT NULL"),
        postgresql_where=text("pull_request IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

pull_requests = Table(
    "pull_requests",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    Column("number", BigInteger, nullable=False),
    characters("title"),
    characters("url"),
    characters("author"),
    characters("state"),
    characters("base_branch"),
    characters("head_branch"),
    characters("labels"),
    instant("opened_at"),
    instant("closed_at", nullable=True),
    instant("merged_at", nullable=True),
    characters("base_sha"),
    characters("head_sha"),
    characters("merge_sha"),
    Column("commits", BigInteger, nullable=True),
    Column("lines_added", BigInteger, nullable=True),
    Column("lines_deleted", BigInteger, nullable=True),
    Column("files_changed", BigInteger, nullable=True),
    instant("drafted_at", nullable=True),
    instant("marked_ready_at", nullable=True),
    instant("updated_at"),
    # The clocks of facts that the latest report did not tell, by column.
    characters("told_earlier"),
    PrimaryKeyConstraint("org_id", "repository_id", "number"),
    Index("pull_requests_by_merge", "org_id", "repository_id", "merge_sha"),
    Index("pull_requests_by_head", "org_id", "repository_id", "head_sha"),
    # What lists show it by: its merge, or its opening while it is not merged.
    # The rest is there so that they can be counted without the row.
    Index(
        "pull_requests_by_end",
        *("org_id", text("coalesce(merged_at, opened_at)"), "repository_id", "number", "state"),
    ),
)

pull_request_reviews = Table(
    "pull_request_reviews",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    Column("number", BigInteger, nullable=False),
    characters("reviewer"),
    instant("reviewed_at"),
    characters("opinion"),
    PrimaryKeyConstraint("org_id", "repository_id", "number", "reviewer", "reviewed_at"),
)
