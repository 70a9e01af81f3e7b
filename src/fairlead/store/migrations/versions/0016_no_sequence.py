"""Organisations of failure rules are named, not counted: a sequence cannot be distributed."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE failure_rules ALTER COLUMN org_id DROP DEFAULT")
        op.execute("DROP SEQUENCE IF EXISTS failure_rules_org_id_seq")
