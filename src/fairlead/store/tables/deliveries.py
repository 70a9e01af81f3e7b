"""Tables of deployments and failures, and of what was decided about them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, text

from fairlead.store.tables.frame import Characters, characters, instant, metadata

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
BROUGHT_COLUMNS = (
    "number_of_contributors",
    "lines_added",
    "lines_deleted",
    "first_opened_at",
    "first_merged_at",
)
"""Of a deployment: what its measured commits come to; the last two of the first one's pull request."""

EVENTFUL = (
    "change_failure OR deployment_type <> 'standard' OR remediation_id <> '' OR remediation_type <> ''"
    " OR recovery_time_ns IS NOT NULL"
)
"""Of a deployment: something became of it. Few have it, so an index of them alone is small."""

deployments = Table(
    "deployments",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("service"),
    characters("env"),
    characters("team"),
    characters("version"),
    characters("repository_id"),
    characters("commit_sha"),
    instant("started_at"),
    instant("finished_at"),
    characters("tags"),
    characters("words"),
    characters("source"),
    # Which entry of `deployment_kinds` it belongs to.
    Column("kind", BigInteger, nullable=False),
    instant("received_at"),
    characters("fact"),
    # The project that the sender named; empty where it follows from the repository.
    characters("project"),
    # What follows is derived or decided, and is kept when the fact above is sent again.
    Column("change_failure", Boolean, nullable=True),
    Column("deployment_type", Characters, nullable=False, server_default="standard"),
    characters("remediation_id"),
    characters("remediation_type"),
    Column("recovery_time_ns", BigInteger, nullable=True),
    # Empty: there is a lead time, or it is still to be worked out (`number_of_commits` NULL).
    characters("lead_time_reason"),
    Column("number_of_commits", BigInteger, nullable=True),
    Column("number_of_pull_requests", BigInteger, nullable=True),
    *(Column(name, BigInteger, nullable=True) for name in (*LEAD_TIME_COLUMNS, *BROUGHT_COLUMNS)),
    PrimaryKeyConstraint("org_id", "id"),
    # Columns after `id` are there so that a search can look at them without the row.
    Index("deployments_by_end", "org_id", "finished_at", "id", "started_at", "change_failure"),
    Index("deployments_by_start", "org_id", "started_at", "finished_at", "id"),
    Index(
        "deployments_by_kind",
        *("org_id", "kind", "finished_at", "id"),
        *("started_at", "change_failure", "deployment_type", "version"),
    ),
    Index("deployments_by_kind_and_version", "org_id", "kind", "version", "finished_at", "id"),
    Index(
        "deployments_by_duration",
        *("org_id", text("(finished_at - started_at)"), "finished_at", "id", "started_at", "kind"),
    ),
    Index("deployments_by_version", "org_id", "version", "finished_at", "id", "kind"),
    Index("deployments_by_repository", "org_id", "repository_id", "commit_sha", "finished_at", "id"),
    Index(
        "deployments_eventful",
        *("org_id", "finished_at", "id"),
        *("kind", "change_failure", "deployment_type", "started_at", "recovery_time_ns"),
        sqlite_where=text(EVENTFUL),
        postgresql_where=text(EVENTFUL),
    ),
)
FACT_COLUMNS = tuple(column.name for column in deployments.columns)[:17]
"""The columns that a sender fills; the rest of the row is derived or decided."""

deployment_tags = Table(
    "deployment_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("tag"),
    instant("finished_at"),
    characters("deployment_id"),
    PrimaryKeyConstraint("org_id", "tag", "finished_at", "deployment_id"),
    sqlite_with_rowid=False,
)

# What deployments have in common, for searches that would otherwise look at every one of them. An
# entry outlives its last deployment: taking it away could overtake somebody who just used it.
deployment_kinds = Table(
    "deployment_kinds",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # A digest of the five texts, and of the project where there is one.
    Column("kind", BigInteger, nullable=False),
    characters("service"),
    characters("env"),
    characters("team"),
    characters("source"),
    characters("repository_id"),
    # Of service, team and environment: the beginning of each deployment's own.
    characters("words"),
    characters("project"),
    PrimaryKeyConstraint("org_id", "kind"),
    Index("deployment_kinds_by_service", "org_id", "service"),
    sqlite_with_rowid=False,
)

deployment_kind_tags = Table(
    "deployment_kind_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("tag"),
    Column("kind", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "tag", "kind"),
    sqlite_with_rowid=False,
)

deployment_versions = Table(
    "deployment_versions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("version"),
    # Of the version alone: the rest of each deployment's own.
    characters("words"),
    PrimaryKeyConstraint("org_id", "version"),
    sqlite_with_rowid=False,
)

deployment_starts = Table(
    "deployment_starts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("deployment_id"),
    instant("started_at"),
    PrimaryKeyConstraint("org_id", "deployment_id"),
)

change_failure_decisions = Table(
    "change_failure_decisions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("deployment_id"),
    instant("decided_at"),
    characters("decided_by"),
    Column("change_failure", Boolean, nullable=False),
    characters("remediation_id"),
    characters("remediation_version"),
    characters("remediation_type"),
    PrimaryKeyConstraint("org_id", "deployment_id", "decided_at"),
    Index("change_failure_decisions_by_remediation", "org_id", "remediation_id"),
    Index("change_failure_decisions_by_version", "org_id", "remediation_version"),
)

failures = Table(
    "failures",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    Column("named_by_caller", Boolean, nullable=False),
    characters("same_failure_key"),
    characters("services"),
    characters("env"),
    characters("team"),
    characters("version"),
    characters("name"),
    characters("severity"),
    characters("repository_id"),
    characters("repository_url"),
    characters("commit_sha"),
    instant("started_at"),
    instant("finished_at", nullable=True),
    characters("tags"),
    characters("words"),
    characters("source"),
    instant("received_at"),
    characters("fact"),
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
    characters("tag"),
    instant("started_at"),
    characters("failure_id"),
    PrimaryKeyConstraint("org_id", "tag", "started_at", "failure_id"),
    sqlite_with_rowid=False,
)

failure_services = Table(
    "failure_services",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("service"),
    instant("started_at"),
    characters("failure_id"),
    PrimaryKeyConstraint("org_id", "service", "started_at", "failure_id"),
    sqlite_with_rowid=False,
)

tool_uses = Table(
    "tool_uses",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("user_email"),
    characters("day"),
    characters("tool"),
    Column("is_active", Boolean, nullable=False),
    characters("models"),
    instant("received_at"),
    PrimaryKeyConstraint("org_id", "user_email", "day", "tool"),
)
