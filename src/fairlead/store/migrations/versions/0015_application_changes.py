"""What people decided about applications, which are otherwise known by what was deployed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "application_changes",
        sa.Column("org_id", sa.BigInteger, nullable=False),
        *(
            sa.Column(name, _CHARACTERS, nullable=False, server_default="")
            for name in ("key", "name", "kind", "description")
        ),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("org_id", "key", name="application_changes_pkey"),
    )
