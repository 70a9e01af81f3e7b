"""A service's deployments are found by its kinds, which need no index of their own in the large table."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.drop_index("deployments_by_service", "deployments")
    op.create_index("deployment_kinds_by_service", "deployment_kinds", ["org_id", "service"])
