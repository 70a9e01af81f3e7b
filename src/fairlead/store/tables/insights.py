"""Tables of attempts to deploy, the applications they are about, and projects' repositories."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

attempt_events = Table(
    "attempt_events",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("series"),
    instant("happened_at"),
    characters("type"),
    # Of all that was told, so that the same event told again is known.
    characters("digest"),
    characters("told"),
    instant("received_at"),
    PrimaryKeyConstraint("org_id", "series", "happened_at", "type", "digest"),
)

attempt_corrections = Table(
    "attempt_corrections",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("attempt_id"),
    instant("corrected_at"),
    characters("corrected_by"),
    characters("told"),
    PrimaryKeyConstraint("org_id", "attempt_id", "corrected_at"),
)

# Derived from the two above; and a row for each deployment told elsewhere that somebody corrected.
attempts = Table(
    "attempts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # Of the deployment, where it finished.
    characters("id"),
    # Empty for a deployment told elsewhere.
    characters("series"),
    Column("ordinal", BigInteger, nullable=False),
    characters("project_key"),
    characters("env"),
    characters("application"),
    characters("version"),
    characters("version_name"),
    characters("status"),
    # Empty where it follows from what became of the deployment.
    characters("kind"),
    instant("started_at"),
    instant("ended_at", nullable=True),
    # Its end, or its start while it runs.
    instant("listed_at"),
    characters("metadata"),
    Column("archived", Boolean, nullable=False),
    # The commit that its version names; empty while none is known.
    characters("repository_id"),
    characters("commit_sha"),
    PrimaryKeyConstraint("org_id", "id"),
    Index("attempts_by_series", "org_id", "series", "ordinal"),
    Index("attempts_by_status", "org_id", "env", "status", "listed_at", "id"),
    Index("attempts_by_kind", "org_id", "env", "kind", "listed_at", "id"),
    Index("attempts_by_commit", "org_id", "repository_id", "version"),
)

# Ids of deployments that are no UUIDs, by the UUIDs that stand for them.
deployment_uuids = Table(
    "deployment_uuids",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("uuid"),
    characters("deployment_id"),
    PrimaryKeyConstraint("org_id", "uuid"),
    sqlite_with_rowid=False,
)

applications = Table(
    "applications",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("key"),
    characters("name"),
    characters("kind"),
    instant("created_at"),
    PrimaryKeyConstraint("org_id", "key"),
)

repository_projects = Table(
    "repository_projects",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    characters("project_key"),
    instant("associated_at"),
    # Somebody ended it by hand: what arrives later does not begin it again.
    Column("ended", Boolean, nullable=False),
    PrimaryKeyConstraint("org_id", "repository_id", "project_key"),
    sqlite_with_rowid=False,
)

repository_tags = Table(
    "repository_tags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("repository_id"),
    characters("name"),
    characters("sha"),
    PrimaryKeyConstraint("org_id", "repository_id", "name"),
    Index("repository_tags_by_name", "org_id", "name", "repository_id"),
)

insight_groups = Table(
    "insight_groups",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("key"),
    characters("name"),
    characters("project_key"),
    characters("environment_key"),
    # JSON; null for all applications.
    characters("application_keys"),
    instant("created_at"),
    PrimaryKeyConstraint("org_id", "key"),
    Index("insight_groups_by_name", "org_id", "name", "key"),
)
