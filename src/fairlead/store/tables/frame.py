"""What all tables are made of: the one collection of them, and columns of a kind."""

from sqlalchemy import BigInteger, Column, MetaData, Text

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_%(column_0_N_name)s_key"}
)

# Compared and ordered by byte on both engines. PostgreSQL would otherwise follow the locale that
# its database was created in, and pages would come back in another order than on SQLite.
Characters = Text().with_variant(Text(collation="C"), "postgresql")


def characters(name: str) -> Column[str]:
    """Return a column of text that is empty where nothing is known."""
    return Column(name, Characters, nullable=False, server_default="")


def instant(name: str, *, nullable: bool = False) -> Column[int]:
    """Return a column of nanoseconds since the epoch."""
    return Column(name, BigInteger, nullable=nullable)
