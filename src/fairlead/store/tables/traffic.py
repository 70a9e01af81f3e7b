"""Tables of requests and errors, counted by the minute."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

traffic_series = Table(
    "traffic_series",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # Follows from the five names, so that no process has to ask another for a number.
    Column("id", BigInteger, nullable=False),
    characters("source"),
    characters("service"),
    characters("env"),
    characters("version"),
    characters("resource"),
    # Whole minutes and whole days since the epoch.
    Column("first_minute", BigInteger, nullable=False),
    Column("last_day", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "id"),
    Index("traffic_series_by_service", "org_id", "service", "env", "version"),
)

traffic_counts = Table(
    "traffic_counts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("minute", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "series", "minute"),
    Index("traffic_counts_by_minute", "org_id", "minute"),
    sqlite_with_rowid=False,
)

traffic_faults = Table(
    "traffic_faults",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("series", BigInteger, nullable=False),
    Column("minute", BigInteger, nullable=False),
    characters("error_type"),
    Column("errors", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "series", "minute", "error_type"),
    Index("traffic_faults_by_minute", "org_id", "minute"),
    sqlite_with_rowid=False,
)

# What was delivered a moment ago, so that a delivery that is sent again is not counted again.
traffic_deliveries = Table(
    "traffic_deliveries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    instant("received_at"),
    PrimaryKeyConstraint("org_id", "id"),
    Index("traffic_deliveries_by_time", "org_id", "received_at"),
    sqlite_with_rowid=False,
)

traffic_sources = Table(
    "traffic_sources",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("name"),
    # What was told of it, as JSON.
    characters("told"),
    Column("done_until", BigInteger, nullable=False),
    instant("asked_at", nullable=True),
    characters("failure"),
    PrimaryKeyConstraint("org_id", "name"),
    sqlite_with_rowid=False,
)
