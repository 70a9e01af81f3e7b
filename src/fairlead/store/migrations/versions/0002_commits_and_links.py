"""Commits, which of them a deployment brought, and the work that keeps such answers up to date."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_STAGES = ("time_to_pr_ready_ns", "review_time_ns", "merge_time_ns", "time_to_deploy_ns", "deploy_time_ns")


def upgrade() -> None:
    _add_to_deployments()
    _create_commits()
    _create_missing_parents()
    _create_deployment_commits()
    _create_work()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _add_to_deployments() -> None:
    op.add_column("deployments", _text("lead_time_reason"))
    averages = ("change_lead_time_ns", "shortest_lead_time_ns", "longest_lead_time_ns", *_STAGES)
    for name in ("number_of_commits", "number_of_pull_requests", *averages):
        op.add_column("deployments", _number(name, nullable=True))


def _create_commits() -> None:
    op.create_table(
        "commits",
        _number("org_id"),
        _text("repository_id"),
        _text("sha"),
        _number("ordinal"),
        _text("parents"),
        sa.Column("parents_exact", sa.Boolean, nullable=False),
        _text("author_name"),
        _text("author_email"),
        _number("authored_at"),
        _text("committer_name"),
        _text("committer_email"),
        _number("committed_at"),
        _text("subject"),
        sa.Column("paths", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "repository_id", "sha", name="commits_pkey"),
    )
    op.create_index("commits_by_ordinal", "commits", ["org_id", "repository_id", "ordinal"])


def _create_missing_parents() -> None:
    key = ("org_id", "repository_id", "parent_sha", "child_sha")
    op.create_table(
        "missing_parents",
        _number("org_id"),
        *(_text(name) for name in key[1:]),
        sa.PrimaryKeyConstraint(*key, name="missing_parents_pkey"),
        sqlite_with_rowid=False,
    )


def _create_deployment_commits() -> None:
    op.create_table(
        "deployment_commits",
        _number("org_id"),
        _text("deployment_id"),
        _number("position"),
        _text("sha"),
        _text("exclusion"),
        *(_number(name, nullable=True) for name in ("pull_request", "lead_time_ns", *_STAGES)),
        sa.PrimaryKeyConstraint("org_id", "deployment_id", "position", name="deployment_commits_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("deployment_commits_by_sha", "deployment_commits", ["org_id", "sha", "deployment_id"])
    op.create_index(
        "deployment_commits_by_pull_request",
        "deployment_commits",
        ["org_id", "pull_request", "deployment_id"],
        sqlite_where=sa.text("pull_request IS NOT NULL"),
        postgresql_where=sa.text("pull_request IS NOT NULL"),
    )


def _create_work() -> None:
    op.create_table(
        "work",
        _number("org_id"),
        _text("kind"),
        _text("key"),
        _number("ticket"),
        _number("due_at"),
        _number("leased_until"),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("org_id", "kind", "key", name="work_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("work_by_due", "work", ["due_at"])
