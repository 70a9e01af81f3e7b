"""When a flag was last turned on or off, apart from when anything else about it changed."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("flag_settings", sa.Column("switched_at", sa.BigInteger, nullable=True))
