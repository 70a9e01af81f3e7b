"""The tables. Every one begins with `org_id`, and every key contains it.

That is the tenant wall: no statement reaches across it, and PostgreSQL can spread each table
over many machines by that one column. Absent texts are empty, never NULL, so that both engines
order and compare them alike. Not here: statements (one file per noun) and the history of the
schema (`migrations/`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_N_name)s_key"}
)

# Compared and ordered by byte on both engines. PostgreSQL would otherwise follow the locale that
# its database was created in, and pages would come back in another order than on SQLite.
Characters = Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str) -> Column[str]:
    return Column(name, Characters, nullable=False, server_default="")


def _instant(name: str, *, nullable: bool = False) -> Column[int]:
    """Nanoseconds since the epoch."""
    return Column(name, BigInteger, nullable=nullable)


LEAD_TIME_COLUMNS = (
    "change_lead_time_ns",
    "shortest_lead_time_ns",
    "longest_lead_time_ns",
    "time_to_pr_ready_ns",
    "review_time_ns",
    "merge_time_ns",
    "time_to_deploy_ns",
    "deploy_time_ns",
)
"""Of a deployment: the averages over its commits, save for the shortest and the longest."""
STAGE_COLUMNS = LEAD_TIME_COLUMNS[3:]

organisations = Table(
    "organisations",
    metadata,
    Column("org_id", BigInteger, nullable=False, autoincrement=False),
    _text("name"),
    _text("rate_limit"),
    _instant("created_at"),
    PrimaryKeyConstraint("org_id"),
)

keys = Table(
    "keys",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("id"),
    _text("kind"),
    _text("name"),
    Column("digest", LargeBinary, nullable=False),
    _text("permissions"),
    _instant("created_at"),
    _instant("revoked_at", nullable=True),
    PrimaryKeyConstraint("org_id", "id"),
    UniqueConstraint("org_id", "digest", name="keys_digest_key"),
)

EVENTFUL = (
    "change_failure OR deployment_type <> 'standard' OR remediation_id <> '' OR remediation_type <> ''"
    " OR recovery_time_ns IS NOT NULL"
)
"""Of a deployment: something became of it. Few have it, so an index of them alone is small."""

deployments = Table(
    "deployments",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("id"),
    _text("service"),
    _text("env"),
    _text("team"),
    _text("version"),
    _text("repository_id"),
    _text("commit_sha"),
    _instant("started_at"),
    _instant("finished_at"),
    _text("tags"),
    _text("words"),
    _text("source"),
    # Which entry of `deployment_kinds` it belongs to.
    Column("kind", BigInteger, nullable=False),
    _instant("received_at"),
    _text("fact"),
    # What follows is derived or decided, and is kept when the fact above is sent again.
    Column("change_failure", Boolean, nullable=True),
    Column("deployment_type", Characters, nullable=False, server_default="standard"),
    _text("remediation_id"),
    _text("remediation_type"),
    Column("recovery_time_ns", BigInteger, nullable=True),
    # Empty: there is a lead time, or it is still to be worked out (`number_of_commits` NULL).
    _text("lead_time_reason"),
    Column("number_of_commits", BigInteger, nullable=True),
    Column("number_of_pull_requests", BigInteger, nullable=True),
    *(Column(name, BigInteger, nullable=True) for name in LEAD_TIME_COLUMNS),
    PrimaryKeyConstraint("org_id", "id"),
    # Columns after `id` are there so that a search can look at them without the row.
    Index("deployments_by_end", "org_id", "finished_at", "id", "started_at", "change_failure"),
    Index("deployments_by_start", "org_id", "started_at", "finished_at", "id"),
    Index(
        "deployments_by_kind",
        *("org_id", "kind", "finished_at", "id"),
        *("started_at", "change_failure", "deployment_type", "version"),
    ),
    Index("deployments_by_service", "org_id", "service", "finished_at", "id"),
    Index("deployments_by_version", "org_id", "version", "finished_at", "id"),
    Index("deployments_by_repository", "org_id", "repository_id", "commit_sha", "finished_at", "id"),
    Index(
        "deployments_eventful",
        *("org_id", "finished_at", "id"),
        sqlite_where=text(EVENTFUL),
        postgresql_where=text(EVENTFUL),
    ),
)
FACT_COLUMNS = tuple(column.name for column in deployments.columns)[:16]
"""The columns that a sender fills; the rest of the row is derived or decided."""

deployment_tags = Table(
    "deployment_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("tag"),
    _instant("finished_at"),
    _text("deployment_id"),
    PrimaryKeyConstraint("org_id", "tag", "finished_at", "deployment_id"),
    sqlite_with_rowid=False,
)

# What deployments have in common, for searches that would otherwise look at every one of them. An
# entry outlives its last deployment: taking it away could overtake somebody who just used it.
deployment_kinds = Table(
    "deployment_kinds",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # A digest of the five texts.
    Column("kind", BigInteger, nullable=False),
    _text("service"),
    _text("env"),
    _text("team"),
    _text("source"),
    _text("repository_id"),
    # Of service, team and environment: the beginning of each deployment's own.
    _text("words"),
    PrimaryKeyConstraint("org_id", "kind"),
    sqlite_with_rowid=False,
)

deployment_kind_tags = Table(
    "deployment_kind_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("tag"),
    Column("kind", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "tag", "kind"),
    sqlite_with_rowid=False,
)

deployment_versions = Table(
    "deployment_versions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("version"),
    # Of the version alone: the rest of each deployment's own.
    _text("words"),
    PrimaryKeyConstraint("org_id", "version"),
    sqlite_with_rowid=False,
)

change_failure_decisions = Table(
    "change_failure_decisions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("deployment_id"),
    _instant("decided_at"),
    _text("decided_by"),
    Column("change_failure", Boolean, nullable=False),
    _text("remediation_id"),
    _text("remediation_version"),
    _text("remediation_type"),
    PrimaryKeyConstraint("org_id", "deployment_id", "decided_at"),
)

failures = Table(
    "failures",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("id"),
    Column("named_by_caller", Boolean, nullable=False),
    _text("same_failure_key"),
    _text("services"),
    _text("env"),
    _text("team"),
    _text("version"),
    _text("name"),
    _text("severity"),
    _text("repository_id"),
    _text("repository_url"),
    _text("commit_sha"),
    _instant("started_at"),
    _instant("finished_at", nullable=True),
    _text("tags"),
    _text("words"),
    _text("source"),
    _instant("received_at"),
    _text("fact"),
    PrimaryKeyConstraint("org_id", "id"),
    Index("failures_by_start", "org_id", "started_at", "id"),
    Index("failures_by_end", "org_id", "finished_at", "id"),
    Index("failures_by_parts", "org_id", "same_failure_key"),
    Index("failures_by_env", "org_id", "env", "started_at", "id"),
    Index("failures_by_team", "org_id", "team", "started_at", "id"),
    Index("failures_by_severity", "org_id", "severity", "started_at", "id"),
)

failure_tags = Table(
    "failure_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("tag"),
    _instant("started_at"),
    _text("failure_id"),
    PrimaryKeyConstraint("org_id", "tag", "started_at", "failure_id"),
    sqlite_with_rowid=False,
)

failure_services = Table(
    "failure_services",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("service"),
    _instant("started_at"),
    _text("failure_id"),
    PrimaryKeyConstraint("org_id", "service", "started_at", "failure_id"),
    sqlite_with_rowid=False,
)

tool_uses = Table(
    "tool_uses",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("user_email"),
    _text("day"),
    _text("tool"),
    Column("is_active", Boolean, nullable=False),
    _text("models"),
    _instant("received_at"),
    PrimaryKeyConstraint("org_id", "user_email", "day", "tool"),
)


commits = Table(
    "commits",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("repository_id"),
    _text("sha"),
    # Every commit's number is greater than those of its parents; beyond that it means nothing.
    Column("ordinal", BigInteger, nullable=False),
    _text("parents"),
    Column("parents_exact", Boolean, nullable=False),
    _text("author_name"),
    _text("author_email"),
    _instant("authored_at"),
    _text("committer_name"),
    _text("committer_email"),
    _instant("committed_at"),
    _text("subject"),
    # The paths as zlib, each ended by NUL; NULL where nobody told.
    Column("paths", LargeBinary, nullable=True),
    PrimaryKeyConstraint("org_id", "repository_id", "sha"),
    Index("commits_by_ordinal", "org_id", "repository_id", "ordinal"),
)

missing_parents = Table(
    "missing_parents",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("repository_id"),
    _text("parent_sha"),
    _text("child_sha"),
    PrimaryKeyConstraint("org_id", "repository_id", "parent_sha", "child_sha"),
    sqlite_with_rowid=False,
)

deployment_commits = Table(
    "deployment_commits",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("deployment_id"),
    Column("position", BigInteger, nullable=False),
    _text("sha"),
    _text("exclusion"),
    Column("pull_request", BigInteger, nullable=True),
    Column("lead_time_ns", BigInteger, nullable=True),
    *(Column(name, BigInteger, nullable=True) for name in STAGE_COLUMNS),
    PrimaryKeyConstraint("org_id", "deployment_id", "position"),
    Index("deployment_commits_by_sha", "org_id", "sha", "deployment_id"),
    Index(
        "deployment_commits_by_pull_request",
        "org_id",
        "pull_request",
        "deployment_id",
        sqlite_where=text("pull_request IS NOT NULL"),
        postgresql_where=text("pull_request IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

work = Table(
    "work",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("kind"),
    _text("key"),
    # Changes whenever the work is asked for again, so that nobody ticks off what they did not see.
    Column("ticket", BigInteger, nullable=False),
    _instant("due_at"),
    _instant("leased_until"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("org_id", "kind", "key"),
    Index("work_by_due", "due_at"),
    sqlite_with_rowid=False,
)

pull_requests = Table(
    "pull_requests",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("repository_id"),
    Column("number", BigInteger, nullable=False),
    _text("title"),
    _text("url"),
    _text("author"),
    _text("state"),
    _text("base_branch"),
    _text("head_branch"),
    _text("labels"),
    _instant("opened_at"),
    _instant("closed_at", nullable=True),
    _instant("merged_at", nullable=True),
    _text("base_sha"),
    _text("head_sha"),
    _text("merge_sha"),
    Column("commits", BigInteger, nullable=True),
    Column("lines_added", BigInteger, nullable=True),
    Column("lines_deleted", BigInteger, nullable=True),
    Column("files_changed", BigInteger, nullable=True),
    _instant("drafted_at", nullable=True),
    _instant("marked_ready_at", nullable=True),
    _instant("updated_at"),
    # The clocks of facts that the latest report did not tell, by column.
    _text("told_earlier"),
    PrimaryKeyConstraint("org_id", "repository_id", "number"),
    Index("pull_requests_by_merge", "org_id", "repository_id", "merge_sha"),
    Index("pull_requests_by_head", "org_id", "repository_id", "head_sha"),
    Index("pull_requests_by_end", "org_id", "merged_at"),
)

pull_request_reviews = Table(
    "pull_request_reviews",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("repository_id"),
    Column("number", BigInteger, nullable=False),
    _text("reviewer"),
    _instant("reviewed_at"),
    _text("opinion"),
    PrimaryKeyConstraint("org_id", "repository_id", "number", "reviewer", "reviewed_at"),
)

deployment_starts = Table(
    "deployment_starts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("deployment_id"),
    _instant("started_at"),
    PrimaryKeyConstraint("org_id", "deployment_id"),
)

hooks = Table(
    "hooks",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("id"),
    _text("vendor"),
    _text("secret"),
    _text("deploys"),
    _instant("created_at"),
    Column("deliveries", BigInteger, nullable=False, server_default="0"),
    _instant("last_delivery_at", nullable=True),
    _text("ignored"),
    PrimaryKeyConstraint("org_id", "id"),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("hook_id"),
    _text("delivery_id"),
    _text("event"),
    _instant("received_at"),
    _text("headers"),
    # The body as zstd; empty where it is of no use.
    Column("body", LargeBinary, nullable=False),
    _text("outcome"),
    _text("reason"),
    PrimaryKeyConstraint("org_id", "hook_id", "delivery_id"),
    Index("hook_deliveries_by_time", "org_id", "hook_id", "received_at", "delivery_id"),
)

catalog_entries = Table(
    "catalog_entries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # `kind:namespace/name` in lower case, which is what is compared and ordered.
    _text("ref"),
    _text("id"),
    _text("kind"),
    _text("namespace"),
    _text("name"),
    _text("name_key"),
    _text("format"),
    _text("document"),
    _text("told"),
    _instant("created_at"),
    _instant("updated_at"),
    # What follows is derived from the document.
    _text("team"),
    _text("tags"),
    _text("source_patterns"),
    _text("repository_ids"),
    _text("pagerduty_url"),
    PrimaryKeyConstraint("org_id", "ref"),
    Index("catalog_entries_by_id", "org_id", "id"),
    Index("catalog_entries_by_name", "org_id", "name_key", "kind"),
    Index("catalog_entries_by_team", "org_id", "team"),
)

catalog_relations = Table(
    "catalog_relations",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # The entry whose document says it; both directions of what it says are rows.
    _text("told_by"),
    Column("position", BigInteger, nullable=False),
    _text("type"),
    _text("source"),
    _text("source_key"),
    _text("target"),
    _text("target_key"),
    PrimaryKeyConstraint("org_id", "told_by", "position"),
    Index("catalog_relations_by_source", "org_id", "source_key", "type"),
    Index("catalog_relations_by_target", "org_id", "target_key", "type"),
    sqlite_with_rowid=False,
)

catalog_kinds = Table(
    "catalog_kinds",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    _text("name"),
    _text("id"),
    _text("display_name"),
    _text("description"),
    _instant("created_at"),
    _instant("updated_at"),
    PrimaryKeyConstraint("org_id", "name"),
)
