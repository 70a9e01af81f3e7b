"""Tables of monitors, of every state they were in, and of when they were muted."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

monitors = Table(
    "monitors",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("id", BigInteger, nullable=False),
    characters("kind"),
    characters("query"),
    characters("name"),
    characters("message"),
    # Lists and objects as JSON.
    characters("tags"),
    Column("priority", BigInteger, nullable=True),
    characters("options"),
    characters("extras"),
    characters("source"),
    instant("created_at"),
    characters("created_by"),
    characters("created_by_name"),
    instant("updated_at"),
    # What a gate saw of a monitor must still be known when the monitor is gone.
    instant("deleted_at", nullable=True),
    PrimaryKeyConstraint("org_id", "id"),
    Index("monitors_by_name", "org_id", "name"),
)

monitor_states = Table(
    "monitor_states",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("monitor_id", BigInteger, nullable=False),
    # Empty for a monitor without groups.
    characters("group_name"),
    instant("from_at"),
    # Without it: NULL while it lasts.
    instant("until_at", nullable=True),
    characters("state"),
    characters("reason"),
    characters("source"),
    PrimaryKeyConstraint("org_id", "monitor_id", "group_name", "from_at"),
    Index("monitor_states_by_end", "org_id", "until_at", "from_at"),
)

monitor_mutes = Table(
    "monitor_mutes",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("monitor_id", BigInteger, nullable=False),
    characters("group_name"),
    instant("from_at"),
    instant("until_at", nullable=True),
    PrimaryKeyConstraint("org_id", "monitor_id", "group_name", "from_at"),
)
