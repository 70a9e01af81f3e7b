"""What people decided about applications, which are otherwise known by what was deployed."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

application_changes = Table(
    "application_changes",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("key"),
    characters("name"),
    characters("kind"),
    characters("description"),
    Column("version", BigInteger, nullable=False),
    # Hidden since then, until it is deployed again.
    instant("deleted_at", nullable=True),
    PrimaryKeyConstraint("org_id", "key"),
)
