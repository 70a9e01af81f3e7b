"""Feature flags with their projects and environments, and the places in code that name them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_code_repositories()
    _create_code_hunks()
    _create_code_scans()
    _create_code_extinctions()
    _create_projects()
    _create_flags()
    _create_flag_events()
    _create_flag_evaluations()
    _create_flag_links()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _truth(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")


def _index(table: str, name: str, *columns: str) -> None:
    op.create_index(f"{table}_by_{name}", table, ["org_id", *columns])


def _create_code_repositories() -> None:
    texts = ("key", "name", "host", "source_link", "commit_url_template", "hunk_url_template")
    op.create_table(
        "code_repositories",
        _number("org_id"),
        *(_text(name) for name in (*texts, "default_branch")),
        _truth("enabled"),
        *(_number(name) for name in ("version", "created_at", "updated_at")),
        _key("code_repositories", "key"),
    )
    op.create_table(
        "code_branches",
        _number("org_id"),
        *(_text(name) for name in ("repository", "name", "head")),
        _number("update_sequence_id", nullable=True),
        _number("synced_at"),
        _number("committed_at", nullable=True),
        _text("upload"),
        _key("code_branches", "repository", "name"),
    )


def _create_code_hunks() -> None:
    op.create_table(
        "code_uploads",
        _number("org_id"),
        _text("upload"),
        _number("begun_at"),
        _key("code_uploads", "upload"),
    )
    op.create_table(
        "code_hunks",
        _number("org_id"),
        _text("upload"),
        _number("position"),
        *(_text(name) for name in ("path", "hint")),
        _number("starting_line_number"),
        sa.Column("lines", _CHARACTERS, nullable=True),
        *(_text(name) for name in ("project_key", "flag_key", "aliases")),
        _key("code_hunks", "upload", "position"),
    )
    _index("code_hunks", "flag", "upload", "project_key", "flag_key", "path")


def _create_code_scans() -> None:
    op.create_table(
        "code_scans",
        _number("org_id"),
        *(_text(name) for name in ("repository", "branch", "sha", "upload", "before")),
        _number("synced_at"),
        _number("committed_at", nullable=True),
        _key("code_scans", "repository", "branch", "sha"),
    )
    _index("code_scans", "sha", "sha")
    op.create_table(
        "code_flag_counts",
        _number("org_id"),
        *(_text(name) for name in ("upload", "project_key", "flag_key")),
        *(_number(name) for name in ("hunks", "files")),
        _key("code_flag_counts", "upload", "project_key", "flag_key"),
        sqlite_with_rowid=False,
    )


def _create_code_extinctions() -> None:
    names = ("repository", "branch", "project_key", "flag_key", "revision")
    op.create_table(
        "code_extinctions",
        _number("org_id"),
        *(_text(name) for name in (*names, "message")),
        _number("extinct_at"),
        _key("code_extinctions", *names),
    )
    _index("code_extinctions", "revision", "revision")
    _index("code_extinctions", "time", "extinct_at")


def _create_projects() -> None:
    op.create_table(
        "projects",
        _number("org_id"),
        *(_text(name) for name in ("key", "name", "words", "tags")),
        _number("created_at"),
        _text("record"),
        _key("projects", "key"),
    )
    op.create_table(
        "environments",
        _number("org_id"),
        *(_text(name) for name in ("project_key", "key", "name", "words", "tags")),
        _truth("critical"),
        _number("created_at"),
        _text("record"),
        _key("environments", "project_key", "key"),
    )


def _create_flags() -> None:
    texts = ("project_key", "key", "name", "words", "tags", "maintainer", "maintainer_team")
    op.create_table(
        "flags",
        _number("org_id"),
        *(_text(name) for name in texts),
        *(_truth(name) for name in ("temporary", "archived", "deleted")),
        *(_number(name) for name in ("created_at", "updated_at")),
        _text("record"),
        _key("flags", "project_key", "key"),
    )
    _index("flags", "age", "project_key", "deleted", "archived", "created_at", "key")
    op.create_table(
        "flag_settings",
        _number("org_id"),
        *(_text(name) for name in ("project_key", "environment_key", "flag_key")),
        _truth("is_on"),
        *(_number(name) for name in ("version", "changed_at")),
        _text("targeting"),
        _key("flag_settings", "project_key", "flag_key", "environment_key"),
    )


def _create_flag_events() -> None:
    op.create_table(
        "flag_events",
        _number("org_id"),
        *(_text(name) for name in ("id", "project_key", "environment_key", "flag_key", "type")),
        _truth("is_release"),
        _number("happened_at"),
        *(_text(name) for name in ("description", "actions", "member", "entry_id")),
        _key("flag_events", "id"),
    )
    _index("flag_events", "time", "project_key", "happened_at", "id", "environment_key")
    _index("flag_events", "flag", "project_key", "flag_key", "happened_at")


def _create_flag_evaluations() -> None:
    flag = ("project_key", "environment_key", "flag_key")
    op.create_table(
        "flag_evaluations",
        _number("org_id"),
        *(_text(name) for name in (*flag, "variation")),
        *(_number(name) for name in ("minute_at", "count")),
        _key("flag_evaluations", *flag, "minute_at", "variation"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "flag_served",
        _number("org_id"),
        *(_text(name) for name in (*flag, "variation")),
        *(_number(name) for name in ("first_at", "last_at")),
        _key("flag_served", *flag, "variation"),
        sqlite_with_rowid=False,
    )


def _create_flag_links() -> None:
    op.create_table(
        "flag_links",
        _number("org_id"),
        *(
            _text(name)
            for name in ("project_key", "flag_key", "id", "key", "integration_key", "repository_id")
        ),
        _number("pull_request", nullable=True),
        _truth("is_added"),
        _number("created_at"),
        _text("record"),
        _key("flag_links", "project_key", "flag_key", "id"),
    )
    _index("flag_links", "key", "project_key", "flag_key", "key")
    _index("flag_links", "pull_request", "repository_id", "pull_request")
