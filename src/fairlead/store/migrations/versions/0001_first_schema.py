"""Everything that the first release keeps.

Written out rather than taken from `tables/`, which goes on changing. There is no way back from
a migration but a backup.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_EVENTFUL = (
    "change_failure OR deployment_type <> 'standard' OR remediation_id <> '' OR remediation_type <> ''"
    " OR recovery_time_ns IS NOT NULL"
)
_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_organisations()
    _create_keys()
    _create_deployments()
    _create_deployment_indexes()
    _create_deployment_kinds()
    _create_entries("deployment_tags", "tag", "finished_at", "deployment_id")
    _create_change_failure_decisions()
    _create_failures()
    _create_failure_indexes()
    _create_entries("failure_tags", "tag", "started_at", "failure_id")
    _create_entries("failure_services", "service", "started_at", "failure_id")
    _create_tool_uses()


def _org_id() -> sa.Column[int]:
    return sa.Column("org_id", sa.BigInteger, nullable=False, autoincrement=False)


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default=default)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")


def _create_organisations() -> None:
    op.create_table(
        "organisations",
        _org_id(),
        _text("name"),
        _text("rate_limit"),
        _instant("created_at"),
        _key("organisations"),
    )


def _create_keys() -> None:
    op.create_table(
        "keys",
        _org_id(),
        _text("id"),
        _text("kind"),
        _text("name"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _text("permissions"),
        _instant("created_at"),
        _instant("revoked_at", nullable=True),
        _key("keys", "id"),
        sa.UniqueConstraint("org_id", "digest", name="keys_digest_key"),
    )


def _create_deployments() -> None:
    op.create_table(
        "deployments",
        _org_id(),
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
        sa.Column("kind", sa.BigInteger, nullable=False),
        _instant("received_at"),
        _text("fact"),
        sa.Column("change_failure", sa.Boolean, nullable=True),
        _text("deployment_type", "standard"),
        _text("remediation_id"),
        _text("remediation_type"),
        _instant("recovery_time_ns", nullable=True),
        _key("deployments", "id"),
    )


def _create_deployment_indexes() -> None:
    ends = ["finished_at", "id"]
    for name, columns in (
        ("end", [*ends, "started_at", "change_failure"]),
        ("start", ["started_at", *ends]),
        ("kind", ["kind", *ends, "started_at", "change_failure", "deployment_type", "version"]),
        ("service", ["service", *ends]),
        ("version", ["version", *ends]),
        ("repository", ["repository_id", "commit_sha", *ends]),
    ):
        op.create_index(f"deployments_by_{name}", "deployments", ["org_id", *columns])
    eventful = sa.text(_EVENTFUL)
    op.create_index(
        "deployments_eventful",
        "deployments",
        ["org_id", *ends],
        sqlite_where=eventful,
        postgresql_where=eventful,
    )


def _create_deployment_kinds() -> None:
    op.create_table(
        "deployment_kinds",
        _org_id(),
        sa.Column("kind", sa.BigInteger, nullable=False),
        *(_text(name) for name in ("service", "env", "team", "source", "repository_id", "words")),
        _key("deployment_kinds", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deployment_kind_tags",
        _org_id(),
        _text("tag"),
        sa.Column("kind", sa.BigInteger, nullable=False),
        _key("deployment_kind_tags", "tag", "kind"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deployment_versions",
        _org_id(),
        _text("version"),
        _text("words"),
        _key("deployment_versions", "version"),
        sqlite_with_rowid=False,
    )


def _create_entries(table: str, word: str, at: str, owner: str) -> None:
    """Create a table that is nothing but its own index."""
    op.create_table(
        table,
        _org_id(),
        _text(word),
        _instant(at),
        _text(owner),
        _key(table, word, at, owner),
        sqlite_with_rowid=False,
    )


def _create_change_failure_decisions() -> None:
    op.create_table(
        "change_failure_decisions",
        _org_id(),
        _text("deployment_id"),
        _instant("decided_at"),
        _text("decided_by"),
        sa.Column("change_failure", sa.Boolean, nullable=False),
        _text("remediation_id"),
        _text("remediation_version"),
        _text("remediation_type"),
        _key("change_failure_decisions", "deployment_id", "decided_at"),
    )


def _create_failures() -> None:
    op.create_table(
        "failures",
        _org_id(),
        _text("id"),
        sa.Column("named_by_caller", sa.Boolean, nullable=False),
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
        _key("failures", "id"),
    )


def _create_failure_indexes() -> None:
    starts = ["started_at", "id"]
    for name, columns in (
        ("start", starts),
        ("end", ["finished_at", "id"]),
        ("parts", ["same_failure_key"]),
        ("env", ["env", *starts]),
        ("team", ["team", *starts]),
        ("severity", ["severity", *starts]),
    ):
        op.create_index(f"failures_by_{name}", "failures", ["org_id", *columns])


def _create_tool_uses() -> None:
    op.create_table(
        "tool_uses",
        _org_id(),
        _text("user_email"),
        _text("day"),
        _text("tool"),
        sa.Column("is_active", sa.Boolean, nullable=False),
        _text("models"),
        _instant("received_at"),
        _key("tool_uses", "user_email", "day", "tool"),
    )
