"""Day segments: what was measured on a day, in columns; every day so far is still to be built."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NS_PER_DAY = 86_400_000_000_000


def upgrade() -> None:
    op.create_table(
        "day_segments",
        _number("org_id"),
        _text("noun"),
        *(_number(name) for name in ("day", "revision", "rows")),
        _text("left_out"),
        sa.Column("block", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "noun", "day", name="day_segments_pkey"),
    )
    op.create_table(
        "segment_texts",
        _number("org_id"),
        _text("aspect"),
        _number("code"),
        _text("text"),
        sa.PrimaryKeyConstraint("org_id", "aspect", "code", name="segment_texts_pkey"),
        sqlite_with_rowid=False,
    )
    for noun, at in (("deployments", "finished_at"), ("failures", "started_at")):
        # Names of our own tables and columns only.
        op.execute(
            "INSERT INTO work (org_id, kind, key, ticket, due_at, leased_until, attempts)"  # noqa: S608
            f" SELECT DISTINCT org_id, 'segment', '{noun}/' || CAST({at} / {_NS_PER_DAY} AS TEXT) || '/0',"
            f" 1, 0, 0, 0 FROM {noun}"
        )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)
