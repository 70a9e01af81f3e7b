"""The catalogue: entries, how they are related, and kinds of entries that users add."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_catalog_entries()
    _create_catalog_relations()
    _create_catalog_kinds()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _create_catalog_entries() -> None:
    names = ("ref", "id", "kind", "namespace", "name", "name_key", "format", "document", "told")
    derived = ("team", "tags", "source_patterns", "repository_ids", "pagerduty_url")
    op.create_table(
        "catalog_entries",
        _number("org_id"),
        *(_text(name) for name in names),
        *(_number(name) for name in ("created_at", "updated_at")),
        *(_text(name) for name in derived),
        sa.PrimaryKeyConstraint("org_id", "ref", name="catalog_entries_pkey"),
    )
    for index, columns in (("id", ["id"]), ("name", ["name_key", "kind"]), ("team", ["team"])):
        op.create_index(f"catalog_entries_by_{index}", "catalog_entries", ["org_id", *columns])


def _create_catalog_relations() -> None:
    op.create_table(
        "catalog_relations",
        _number("org_id"),
        _text("told_by"),
        _number("position"),
        *(_text(name) for name in ("type", "source", "source_key", "target", "target_key")),
        sa.PrimaryKeyConstraint("org_id", "told_by", "position", name="catalog_relations_pkey"),
        sqlite_with_rowid=False,
    )
    for end in ("source", "target"):
        op.create_index(f"catalog_relations_by_{end}", "catalog_relations", ["org_id", f"{end}_key", "type"])


def _create_catalog_kinds() -> None:
    op.create_table(
        "catalog_kinds",
        _number("org_id"),
        *(_text(name) for name in ("name", "id", "display_name", "description")),
        *(_number(name) for name in ("created_at", "updated_at")),
        sa.PrimaryKeyConstraint("org_id", "name", name="catalog_kinds_pkey"),
    )
