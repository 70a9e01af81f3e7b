"""The index of commits by pull request is a quarter as large without the ids of deployments."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_HAS_PULL_REQUEST = sa.text("pull_request IS NOT NULL")


def upgrade() -> None:
    op.drop_index("deployment_commits_by_pull_request", "deployment_commits")
    op.create_index(
        "deployment_commits_by_pull_request",
        "deployment_commits",
        ["org_id", "pull_request", "kind"],
        sqlite_where=_HAS_PULL_REQUEST,
        postgresql_where=_HAS_PULL_REQUEST,
    )
