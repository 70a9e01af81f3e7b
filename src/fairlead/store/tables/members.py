"""Tables of people: members, their sessions, links that work once, and what was done."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

from fairlead.store.tables.frame import characters, instant, metadata

members = Table(
    "members",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("email"),
    characters("name"),
    characters("role"),
    characters("password_hash"),
    characters("subject"),
    instant("created_at"),
    PrimaryKeyConstraint("org_id", "id"),
    UniqueConstraint("org_id", "email", name="members_email_key"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    characters("member_id"),
    instant("created_at"),
    instant("expires_at"),
    PrimaryKeyConstraint("org_id", "digest"),
    Index("sessions_by_member", "org_id", "member_id"),
)

member_links = Table(
    "member_links",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    characters("role"),
    characters("member_id"),
    instant("created_at"),
    characters("created_by"),
    instant("expires_at"),
    PrimaryKeyConstraint("org_id", "digest"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    instant("at"),
    characters("actor"),
    characters("action"),
    characters("subject"),
    characters("detail"),
    PrimaryKeyConstraint("org_id", "id"),
)
