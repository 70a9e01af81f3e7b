"""Tables of gates, their rules, and each time they were asked."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from fairlead.store.tables.frame import characters, instant, metadata

gates = Table(
    "gates",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("service"),
    characters("env"),
    characters("identifier"),
    Column("dry_run", Boolean, nullable=False),
    instant("created_at"),
    characters("created_by"),
    characters("created_by_name"),
    instant("updated_at"),
    characters("updated_by"),
    characters("updated_by_name"),
    PrimaryKeyConstraint("org_id", "id"),
    UniqueConstraint("org_id", "service", "env", "identifier"),
    Index("gates_by_age", "org_id", "created_at", "id"),
)

gate_rules = Table(
    "gate_rules",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("gate_id"),
    characters("id"),
    characters("name"),
    characters("kind"),
    # What was told of it, as JSON.
    characters("options"),
    Column("dry_run", Boolean, nullable=False),
    instant("created_at"),
    characters("created_by"),
    characters("created_by_name"),
    instant("updated_at"),
    characters("updated_by"),
    characters("updated_by_name"),
    PrimaryKeyConstraint("org_id", "gate_id", "id"),
)

gate_evaluations = Table(
    "gate_evaluations",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    # Empty where all rules came with the request.
    characters("gate_id"),
    characters("service"),
    characters("env"),
    characters("identifier"),
    characters("version"),
    characters("primary_tag"),
    characters("monitors_query_variable"),
    Column("dry_run", Boolean, nullable=False),
    characters("asked_by"),
    characters("asked_by_name"),
    instant("started_at"),
    characters("status"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("org_id", "id"),
    Index("gate_evaluations_by_start", "org_id", "started_at", "id"),
    Index("gate_evaluations_by_version", "org_id", "service", "env", "version"),
)

gate_rule_evaluations = Table(
    "gate_rule_evaluations",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("evaluation_id"),
    Column("position", BigInteger, nullable=False),
    # The same as of the evaluation, for the sake of lists.
    instant("started_at"),
    characters("rule_id"),
    characters("name"),
    characters("kind"),
    characters("options"),
    Column("dry_run", Boolean, nullable=False),
    Column("is_binding", Boolean, nullable=False),
    instant("from_at"),
    instant("until_at"),
    characters("status"),
    characters("reason"),
    # What was found, as JSON.
    characters("evidence"),
    instant("finished_at", nullable=True),
    PrimaryKeyConstraint("org_id", "id"),
    Index("gate_rule_evaluations_by_evaluation", "org_id", "evaluation_id", "position"),
    Index("gate_rule_evaluations_by_start", "org_id", "started_at", "evaluation_id", "position"),
    Index("gate_rule_evaluations_by_status", "org_id", "status", "kind"),
)
