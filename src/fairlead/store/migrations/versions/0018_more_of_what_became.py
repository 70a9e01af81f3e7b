"""The index of deployments of which something became knows their kinds and what it was."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_EVENTFUL = sa.text(
    "change_failure OR deployment_type <> 'standard' OR remediation_id <> '' OR remediation_type <> ''"
    " OR recovery_time_ns IS NOT NULL"
)


def upgrade() -> None:
    op.drop_index("deployments_eventful", "deployments")
    op.create_index(
        "deployments_eventful",
        "deployments",
        ["org_id", "finished_at", "id", "kind", "change_failure", "deployment_type"],
        sqlite_where=_EVENTFUL,
        postgresql_where=_EVENTFUL,
    )
    if op.get_bind().dialect.name == "postgresql":
        # It knows nothing about the durations that 0017 put into an index before it counts them, and
        # would rather read the table.
        op.execute("ANALYZE deployments")
