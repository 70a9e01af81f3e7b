"""The table of what is still to be worked out."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

work = Table(
    "work",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("kind"),
    characters("key"),
    # Changes whenever the work is asked for again, so that nobody ticks off what they did not see.
    Column("ticket", BigInteger, nullable=False),
    instant("due_at"),
    instant("leased_until"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("org_id", "kind", "key"),
    Index("work_by_due", "due_at"),
    sqlite_with_rowid=False,
)
