"""Deployments are found by how long they took, and pull requests by what lists show them by."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(
        "deployments_by_duration", "deployments", ["org_id", sa.text("(finished_at - started_at)")]
    )
    op.drop_index("pull_requests_by_end", "pull_requests")
    op.create_index(
        "pull_requests_by_end", "pull_requests", ["org_id", sa.text("coalesce(merged_at, opened_at)")]
    )
