"""Tables of who may do what: organisations and keys."""

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from fairlead.store.tables.frame import characters, instant, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("org_id", BigInteger, nullable=False, autoincrement=False),
    characters("name"),
    characters("rate_limit"),
    instant("created_at"),
    PrimaryKeyConstraint("org_id"),
)

keys = Table(
    "keys",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("kind"),
    characters("name"),
    Column("digest", LargeBinary, nullable=False),
    characters("permissions"),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    PrimaryKeyConstraint("org_id", "id"),
    UniqueConstraint("org_id", "digest", name="keys_digest_key"),
)
