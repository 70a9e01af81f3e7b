"""Tables of day segments: what was measured on a day, in columns, and what their codes stand for."""

from sqlalchemy import BigInteger, Column, LargeBinary, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, metadata

day_segments = Table(
    "day_segments",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("noun"),
    # Days of UTC since 1970.
    Column("day", BigInteger, nullable=False),
    # Another one whenever the block is another one.
    Column("revision", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    # Keys of tags that the block is without, as a JSON list: they have too many values.
    characters("left_out"),
    # An Arrow file; last, because a row is read up to the column that is asked for.
    Column("block", LargeBinary, nullable=False),
    PrimaryKeyConstraint("org_id", "noun", "day"),
)

# Codes are given out once and mean the same for ever.
segment_texts = Table(
    "segment_texts",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("aspect"),
    Column("code", BigInteger, nullable=False),
    characters("text"),
    PrimaryKeyConstraint("org_id", "aspect", "code"),
    sqlite_with_rowid=False,
)
