"""Pull requests, and the hooks through which Git hosts tell of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_pull_requests()
    _create_pull_request_reviews()
    _create_deployment_starts()
    _create_hooks()
    _create_hook_deliveries()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("org_id", *columns, name=f"{table}_pkey")


def _create_pull_requests() -> None:
    texts = ("title", "url", "author", "state", "base_branch", "head_branch", "labels")
    sizes = ("commits", "lines_added", "lines_deleted", "files_changed")
    op.create_table(
        "pull_requests",
        _number("org_id"),
        _text("repository_id"),
        _number("number"),
        *(_text(name) for name in texts),
        _number("opened_at"),
        *(_number(name, nullable=True) for name in ("closed_at", "merged_at")),
        *(_text(name) for name in ("base_sha", "head_sha", "merge_sha")),
        *(_number(name, nullable=True) for name in (*sizes, "drafted_at", "marked_ready_at")),
        _number("updated_at"),
        _text("told_earlier"),
        _key("pull_requests", "repository_id", "number"),
    )
    for name, columns in (
        ("merge", ["repository_id", "merge_sha"]),
        ("head", ["repository_id", "head_sha"]),
        ("end", ["merged_at"]),
    ):
        op.create_index(f"pull_requests_by_{name}", "pull_requests", ["org_id", *columns])


def _create_pull_request_reviews() -> None:
    op.create_table(
        "pull_request_reviews",
        _number("org_id"),
        _text("repository_id"),
        _number("number"),
        _text("reviewer"),
        _number("reviewed_at"),
        _text("opinion"),
        _key("pull_request_reviews", "repository_id", "number", "reviewer", "reviewed_at"),
    )


def _create_deployment_starts() -> None:
    op.create_table(
        "deployment_starts",
        _number("org_id"),
        _text("deployment_id"),
        _number("started_at"),
        _key("deployment_starts", "deployment_id"),
    )


def _create_hooks() -> None:
    op.create_table(
        "hooks",
        _number("org_id"),
        *(_text(name) for name in ("id", "vendor", "secret", "deploys")),
        _number("created_at"),
        sa.Column("deliveries", sa.BigInteger, nullable=False, server_default="0"),
        _number("last_delivery_at", nullable=True),
        _text("ignored"),
        _key("hooks", "id"),
    )


def _create_hook_deliveries() -> None:
    op.create_table(
        "hook_deliveries",
        _number("org_id"),
        *(_text(name) for name in ("hook_id", "delivery_id", "event")),
        _number("received_at"),
        _text("headers"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        *(_text(name) for name in ("outcome", "reason")),
        _key("hook_deliveries", "hook_id", "delivery_id"),
    )
    by_time = ["org_id", "hook_id", "received_at", "delivery_id"]
    op.create_index("hook_deliveries_by_time", "hook_deliveries", by_time)
