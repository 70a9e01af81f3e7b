"""Rules for failed deployments, what repairs what, and links of failures."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_rules()
    _create_repairs()
    _create_failure_links()
    for name in ("id", "version"):
        op.create_index(
            f"change_failure_decisions_by_{'remediation' if name == 'id' else name}",
            "change_failure_decisions",
            ["org_id", f"remediation_{name}"],
        )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")


def _create_rules() -> None:
    op.create_table(
        "failure_rules",
        _number("org_id"),
        _text("rules"),
        _number("changed_at"),
        _text("changed_by"),
        _key("failure_rules"),
    )


def _create_repairs() -> None:
    op.create_table(
        "deployment_repairs",
        _number("org_id"),
        *(_text(name) for name in ("deployment_id", "failed_id", "kind", "rule", "value")),
        _key("deployment_repairs", "deployment_id", "failed_id"),
    )
    op.create_index("deployment_repairs_by_failed", "deployment_repairs", ["org_id", "failed_id"])
    op.create_table(
        "deployment_marks",
        _number("org_id"),
        *(_number(name) for name in ("mark", "finished_at", "started_at")),
        _text("deployment_id"),
        _key("deployment_marks", "mark", "finished_at", "started_at", "deployment_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("deployment_marks_by_deployment", "deployment_marks", ["org_id", "deployment_id"])


def _create_failure_links() -> None:
    op.create_table(
        "failure_link_decisions",
        _number("org_id"),
        *(_text(name) for name in ("failure_id", "deployment_id")),
        sa.Column("caused", sa.Boolean, nullable=False),
        _number("decided_at"),
        _text("decided_by"),
        _key("failure_link_decisions", "failure_id", "deployment_id"),
    )
    op.create_index(
        "failure_link_decisions_by_deployment", "failure_link_decisions", ["org_id", "deployment_id"]
    )
