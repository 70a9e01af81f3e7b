"""Attempts to deploy, applications, repositories of projects, insight groups; projects of deployments."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_UUIDS = uuid.UUID("3d1c7d52-6c0e-5f0b-9e0c-6b8a4f6f2d90")
_ROWS_AT_ONCE = 5000


def upgrade() -> None:
    _create_attempts()
    _create_corrections_and_events()
    _create_names()
    _create_repositories_of_projects()
    for table in ("deployments", "deployment_kinds"):
        op.add_column(table, _text("project"))
    _name_deployments()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _create_attempts() -> None:
    names = ("project_key", "env", "application", "version", "version_name", "status", "kind")
    op.create_table(
        "attempts",
        _number("org_id"),
        _text("id"),
        _text("series"),
        _number("ordinal"),
        *(_text(name) for name in names),
        _number("started_at"),
        _number("ended_at", nullable=True),
        _number("listed_at"),
        _text("metadata"),
        sa.Column("archived", sa.Boolean, nullable=False),
        _text("repository_id"),
        _text("commit_sha"),
        sa.PrimaryKeyConstraint("org_id", "id", name="attempts_pkey"),
    )
    for index, columns in (
        ("series", ["series", "ordinal"]),
        ("status", ["env", "status", "listed_at", "id"]),
        ("kind", ["env", "kind", "listed_at", "id"]),
        ("commit", ["repository_id", "version"]),
    ):
        op.create_index(f"attempts_by_{index}", "attempts", ["org_id", *columns])


def _create_corrections_and_events() -> None:
    event = "series", "happened_at", "type", "digest"
    op.create_table(
        "attempt_events",
        _number("org_id"),
        _text("series"),
        _number("happened_at"),
        *(_text(name) for name in ("type", "digest", "told")),
        _number("received_at"),
        sa.PrimaryKeyConstraint("org_id", *event, name="attempt_events_pkey"),
    )
    op.create_table(
        "attempt_corrections",
        _number("org_id"),
        _text("attempt_id"),
        _number("corrected_at"),
        *(_text(name) for name in ("corrected_by", "told")),
        sa.PrimaryKeyConstraint("org_id", "attempt_id", "corrected_at", name="attempt_corrections_pkey"),
    )


def _create_names() -> None:
    op.create_table(
        "deployment_uuids",
        _number("org_id"),
        *(_text(name) for name in ("uuid", "deployment_id")),
        sa.PrimaryKeyConstraint("org_id", "uuid", name="deployment_uuids_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "applications",
        _number("org_id"),
        *(_text(name) for name in ("key", "name", "kind")),
        _number("created_at"),
        sa.PrimaryKeyConstraint("org_id", "key", name="applications_pkey"),
    )
    op.create_table(
        "insight_groups",
        _number("org_id"),
        *(_text(name) for name in ("key", "name", "project_key", "environment_key", "application_keys")),
        _number("created_at"),
        sa.PrimaryKeyConstraint("org_id", "key", name="insight_groups_pkey"),
    )
    op.create_index("insight_groups_by_name", "insight_groups", ["org_id", "name", "key"])


def _create_repositories_of_projects() -> None:
    op.create_table(
        "repository_projects",
        _number("org_id"),
        *(_text(name) for name in ("repository_id", "project_key")),
        _number("associated_at"),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("org_id", "repository_id", "project_key", name="repository_projects_pkey"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "repository_tags",
        _number("org_id"),
        *(_text(name) for name in ("repository_id", "name", "sha")),
        sa.PrimaryKeyConstraint("org_id", "repository_id", "name", name="repository_tags_pkey"),
    )
    op.create_index("repository_tags_by_name", "repository_tags", ["org_id", "name", "repository_id"])


def _name_deployments() -> None:
    """Give a UUID to every deployment whose id is none."""
    connection = op.get_bind()
    known = sa.table("deployments", sa.column("org_id"), sa.column("id"))
    names = sa.table("deployment_uuids", sa.column("org_id"), sa.column("uuid"), sa.column("deployment_id"))
    last = (-1, "")
    while True:
        place = sa.tuple_(known.c.org_id, known.c.id)
        wanted = sa.select(known).where(place > sa.tuple_(*map(sa.literal, last)))
        rows = connection.execute(wanted.order_by(known.c.org_id, known.c.id).limit(_ROWS_AT_ONCE)).all()
        made = [
            {"org_id": org_id, "uuid": str(uuid.uuid5(_UUIDS, f"{org_id}/{id}")), "deployment_id": id}
            for org_id, id in rows
            if not _is_uuid(id)
        ]
        if made:
            connection.execute(names.insert(), made)
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = tuple(rows[-1])


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
