"""Tables of webhooks and what they delivered."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

hooks = Table(
    "hooks",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("vendor"),
    characters("secret"),
    characters("deploys"),
    instant("created_at"),
    Column("deliveries", BigInteger, nullable=False, server_default="0"),
    instant("last_delivery_at", nullable=True),
    characters("ignored"),
    PrimaryKeyConstraint("org_id", "id"),
)

hook_deliveries = Table(
    "hook_deliveries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("hook_id"),
    characters("delivery_id"),
    characters("event"),
    instant("received_at"),
    characters("headers"),
    # The body as zstd; empty where it is of no use.
    Column("body", LargeBinary, nullable=False),
    characters("outcome"),
    characters("reason"),
    PrimaryKeyConstraint("org_id", "hook_id", "delivery_id"),
    Index("hook_deliveries_by_time", "org_id", "hook_id", "received_at", "delivery_id"),
)
