"""The table of how strictly versions are judged."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

detections = Table(
    "detections",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # In lower case; empty is for every service that has none of its own.
    characters("service"),
    # What was told, as JSON.
    characters("parameters"),
    instant("updated_at"),
    PrimaryKeyConstraint("org_id", "service"),
    sqlite_with_rowid=False,
)
