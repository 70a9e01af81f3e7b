"""Where, beside spans, counts of requests come from."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "traffic_sources",
        sa.Column("org_id", sa.BigInteger, nullable=False),
        sa.Column("name", _CHARACTERS, nullable=False, server_default=""),
        sa.Column("told", _CHARACTERS, nullable=False, server_default=""),
        sa.Column("done_until", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=True),
        sa.Column("failure", _CHARACTERS, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("org_id", "name", name="traffic_sources_pkey"),
        sqlite_with_rowid=False,
    )
