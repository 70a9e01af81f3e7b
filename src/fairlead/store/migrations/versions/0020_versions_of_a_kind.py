"""An index of the versions of each kind, so that a service's are found without those of others."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index(
        "deployments_by_kind_and_version", "deployments", ["org_id", "kind", "version", "finished_at", "id"]
    )
