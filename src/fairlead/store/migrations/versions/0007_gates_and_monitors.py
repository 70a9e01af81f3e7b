"""Gates with their rules and evaluations; monitors with every state and mute."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_CHARACTERS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    _create_gates()
    _create_gate_rules()
    _create_gate_evaluations()
    _create_gate_rule_evaluations()
    _create_monitors()
    _create_monitor_spans()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _CHARACTERS, nullable=False, server_default="")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _authored() -> list[sa.Column[int] | sa.Column[str]]:
    return [
        column
        for what in ("created", "updated")
        for column in (_number(f"{what}_at"), _text(f"{what}_by"), _text(f"{what}_by_name"))
    ]


def _create_gates() -> None:
    op.create_table(
        "gates",
        _number("org_id"),
        *(_text(name) for name in ("id", "service", "env", "identifier")),
        _flag("dry_run"),
        *_authored(),
        sa.PrimaryKeyConstraint("org_id", "id", name="gates_pkey"),
        sa.UniqueConstraint(
            "org_id", "service", "env", "identifier", name="gates_org_id_service_env_identifier_key"
        ),
    )
    op.create_index("gates_by_age", "gates", ["org_id", "created_at", "id"])


def _create_gate_rules() -> None:
    op.create_table(
        "gate_rules",
        _number("org_id"),
        *(_text(name) for name in ("gate_id", "id", "name", "kind", "options")),
        _flag("dry_run"),
        *_authored(),
        sa.PrimaryKeyConstraint("org_id", "gate_id", "id", name="gate_rules_pkey"),
    )


def _create_gate_evaluations() -> None:
    told = ("id", "gate_id", "service", "env", "identifier", "version", "primary_tag")
    op.create_table(
        "gate_evaluations",
        _number("org_id"),
        *(_text(name) for name in (*told, "monitors_query_variable")),
        _flag("dry_run"),
        *(_text(name) for name in ("asked_by", "asked_by_name")),
        _number("started_at"),
        _text("status"),
        _number("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="gate_evaluations_pkey"),
    )
    for index, columns in (("start", ["started_at", "id"]), ("version", ["service", "env", "version"])):
        op.create_index(f"gate_evaluations_by_{index}", "gate_evaluations", ["org_id", *columns])


def _create_gate_rule_evaluations() -> None:
    op.create_table(
        "gate_rule_evaluations",
        _number("org_id"),
        *(_text(name) for name in ("id", "evaluation_id")),
        *(_number(name) for name in ("position", "started_at")),
        *(_text(name) for name in ("rule_id", "name", "kind", "options")),
        *(_flag(name) for name in ("dry_run", "is_binding")),
        *(_number(name) for name in ("from_at", "until_at")),
        *(_text(name) for name in ("status", "reason", "evidence")),
        _number("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="gate_rule_evaluations_pkey"),
    )
    for index, columns in (
        ("evaluation", ["evaluation_id", "position"]),
        ("start", ["started_at", "evaluation_id", "position"]),
        ("status", ["status", "kind"]),
    ):
        op.create_index(f"gate_rule_evaluations_by_{index}", "gate_rule_evaluations", ["org_id", *columns])


def _create_monitors() -> None:
    op.create_table(
        "monitors",
        *(_number(name) for name in ("org_id", "id")),
        *(_text(name) for name in ("kind", "query", "name", "message", "tags")),
        _number("priority", nullable=True),
        *(_text(name) for name in ("options", "extras", "source")),
        _number("created_at"),
        *(_text(name) for name in ("created_by", "created_by_name")),
        _number("updated_at"),
        _number("deleted_at", nullable=True),
        sa.PrimaryKeyConstraint("org_id", "id", name="monitors_pkey"),
    )
    op.create_index("monitors_by_name", "monitors", ["org_id", "name"])


def _create_monitor_spans() -> None:
    for table, told in (("monitor_states", ("state", "reason", "source")), ("monitor_mutes", ())):
        op.create_table(
            table,
            *(_number(name) for name in ("org_id", "monitor_id")),
            _text("group_name"),
            _number("from_at"),
            _number("until_at", nullable=True),
            *(_text(name) for name in told),
            sa.PrimaryKeyConstraint("org_id", "monitor_id", "group_name", "from_at", name=f"{table}_pkey"),
        )
    op.create_index("monitor_states_by_end", "monitor_states", ["org_id", "until_at", "from_at"])
