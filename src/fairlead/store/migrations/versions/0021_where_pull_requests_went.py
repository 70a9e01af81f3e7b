"""Commits of a deployment know its kind, and two indexes tell which pull requests went where without rows."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_HAS_PULL_REQUEST = sa.text("pull_request IS NOT NULL")


def upgrade() -> None:
    kind = sa.Column("kind", sa.BigInteger, nullable=False, server_default=sa.text("0"))
    op.add_column("deployment_commits", kind)
    # Dropped before every row is written anew, and made when that is done.
    op.drop_index("deployment_commits_by_pull_request", "deployment_commits")
    op.execute(
        "UPDATE deployment_commits SET kind = coalesce((SELECT d.kind FROM deployments AS d"
        " WHERE d.org_id = deployment_commits.org_id AND d.id = deployment_commits.deployment_id), 0)"
    )
    op.create_index(
        "deployment_commits_by_pull_request",
        "deployment_commits",
        ["org_id", "pull_request", "deployment_id", "kind"],
        sqlite_where=_HAS_PULL_REQUEST,
        postgresql_where=_HAS_PULL_REQUEST,
    )
    op.drop_index("pull_requests_by_end", "pull_requests")
    op.create_index(
        "pull_requests_by_end",
        "pull_requests",
        ["org_id", sa.text("coalesce(merged_at, opened_at)"), "repository_id", "number", "state"],
    )
    if op.get_bind().dialect.name == "postgresql":
        # As for 0018: nothing is known about either before it is counted anew.
        op.execute("ANALYZE deployment_commits, pull_requests")
