"""Tables of how failed deployments are recognised: rules, what follows from them, who changed what."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

# One row for an organisation that has changed them; the others have the defaults.
failure_rules = Table(
    "failure_rules",
    metadata,
    # A whole number that is alone in a key would be counted up by a sequence.
    Column("org_id", BigInteger, nullable=False, autoincrement=False),
    # JSON: the rules, how long after a deployment a failure may be of its making, and the year of levels.
    characters("rules"),
    instant("changed_at"),
    characters("changed_by"),
    PrimaryKeyConstraint("org_id"),
)

deployment_repairs = Table(
    "deployment_repairs",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # The one that repairs.
    characters("deployment_id"),
    characters("failed_id"),
    characters("kind"),
    characters("rule"),
    characters("value"),
    PrimaryKeyConstraint("org_id", "deployment_id", "failed_id"),
    Index("deployment_repairs_by_failed", "org_id", "failed_id"),
)

# What a deployment can be found by among those of its service and environment: its build, what it
# brought, what it claims to repair.
deployment_marks = Table(
    "deployment_marks",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    # A digest of service, environment, and what is marked.
    Column("mark", BigInteger, nullable=False),
    instant("finished_at"),
    instant("started_at"),
    characters("deployment_id"),
    PrimaryKeyConstraint("org_id", "mark", "finished_at", "started_at", "deployment_id"),
    Index("deployment_marks_by_deployment", "org_id", "deployment_id"),
    sqlite_with_rowid=False,
)

failure_link_decisions = Table(
    "failure_link_decisions",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("failure_id"),
    characters("deployment_id"),
    Column("caused", Boolean, nullable=False),
    instant("decided_at"),
    characters("decided_by"),
    PrimaryKeyConstraint("org_id", "failure_id", "deployment_id"),
    Index("failure_link_decisions_by_deployment", "org_id", "deployment_id"),
)
