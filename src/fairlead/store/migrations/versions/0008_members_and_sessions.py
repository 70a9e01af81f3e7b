"""People who sign in: members, sessions, links that work once, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "members",
        _number("org_id"),
        *(_text(name) for name in ("id", "email", "name", "role", "password_hash", "subject")),
        _number("created_at"),
        _key("members", "id"),
        sa.UniqueConstraint("org_id", "email", name="members_email_key"),
    )
    op.create_table(
        "sessions",
        _number("org_id"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _text("member_id"),
        _number("created_at"),
        _number("expires_at"),
        _key("sessions", "digest"),
    )
    op.create_index("sessions_by_member", "sessions", ["org_id", "member_id"])
    _create_links_and_log()


def _create_links_and_log() -> None:
    op.create_table(
        "member_links",
        _number("org_id"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        *(_text(name) for name in ("role", "member_id")),
        _number("created_at"),
        _text("created_by"),
        _number("expires_at"),
        _key("member_links", "digest"),
    )
    op.create_table(
        "audit_entries",
        _number("org_id"),
        _text("id"),
        _number("at"),
        *(_text(name) for name in ("actor", "action", "subject", "detail")),
        _key("audit_entries", "id"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")
