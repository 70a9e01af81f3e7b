"""How strictly versions are judged."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "detections",
        sa.Column("org_id", sa.BigInteger, nullable=False),
        sa.Column("service", _CHARACTERS, nullable=False, server_default=""),
        sa.Column("parameters", _CHARACTERS, nullable=False, server_default=""),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "service", name="detections_pkey"),
        sqlite_with_rowid=False,
    )
