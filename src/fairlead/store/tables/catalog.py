"""Tables of the catalogue."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

catalog_entries = Table(
    "catalog_entries",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # `kind:namespace/name` in lower case, which is what is compared and ordered.
    characters("ref"),
    characters("id"),
    characters("kind"),
    characters("namespace"),
    characters("name"),
    characters("name_key"),
    characters("format"),
    characters("document"),
    characters("told"),
    instant("created_at"),
    instant("updated_at"),
    # What follows is derived from the document.
    characters("team"),
    characters("tags"),
    characters("source_patterns"),
    characters("repository_ids"),
    characters("pagerduty_url"),
    PrimaryKeyConstraint("org_id", "ref"),
    Index("catalog_entries_by_id", "org_id", "id"),
    Index("catalog_entries_by_name", "org_id", "name_key", "kind"),
    Index("catalog_entries_by_team", "org_id", "team"),
)

catalog_relations = Table(
    "catalog_relations",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # The entry whose document says it; both directions of what it says are rows.
    characters("told_by"),
    Column("position", BigInteger, nullable=False),
    characters("type"),
    characters("source"),
    characters("source_key"),
    characters("target"),
    characters("target_key"),
    PrimaryKeyConstraint("org_id", "told_by", "position"),
    Index("catalog_relations_by_source", "org_id", "source_key", "type"),
    Index("catalog_relations_by_target", "org_id", "target_key", "type"),
    sqlite_with_rowid=False,
)

catalog_kinds = Table(
    "catalog_kinds",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("name"),
    characters("id"),
    characters("display_name"),
    characters("description"),
    instant("created_at"),
    instant("updated_at"),
    PrimaryKeyConstraint("org_id", "name"),
)
