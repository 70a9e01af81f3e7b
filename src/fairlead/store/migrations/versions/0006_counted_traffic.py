"""Requests and errors of services, counted by the minute."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_series()
    _create_counts()
    _create_deliveries()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")


def _create_series() -> None:
    names = ("source", "service", "env", "version", "resource")
    op.create_table(
        "traffic_series",
        _number("org_id"),
        _number("id"),
        *(_text(name) for name in names),
        _number("first_minute"),
        _number("last_day"),
        _key("traffic_series", "id"),
    )
    op.create_index("traffic_series_by_service", "traffic_series", ["org_id", "service", "env", "version"])


def _create_counts() -> None:
    op.create_table(
        "traffic_counts",
        *(_number(name) for name in ("org_id", "series", "minute", "requests", "errors")),
        _key("traffic_counts", "series", "minute"),
        sqlite_with_rowid=False,
    )
    op.create_index("traffic_counts_by_minute", "traffic_counts", ["org_id", "minute"])
    op.create_table(
        "traffic_faults",
        *(_number(name) for name in ("org_id", "series", "minute")),
        _text("error_type"),
        _number("errors"),
        _key("traffic_faults", "series", "minute", "error_type"),
        sqlite_with_rowid=False,
    )
    op.create_index("traffic_faults_by_minute", "traffic_faults", ["org_id", "minute"])


def _create_deliveries() -> None:
    op.create_table(
        "traffic_deliveries",
        _number("org_id"),
        _text("id"),
        _number("received_at"),
        _key("traffic_deliveries", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("traffic_deliveries_by_time", "traffic_deliveries", ["org_id", "received_at"])
