"""The table of what is still to be worked out."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, text

from fairlead.store.tables.frame import characters, instant, metadata

HURRIED = "kind IN ('count-traffic', 'decide-rule', 'look-at-monitors', 'poll-monitor')"
"""Of a piece of work: somebody looks for its kind all the time, and has a deadline to keep."""
IN_VAIN = "attempts > 0"
"""Of a piece of work: somebody holds it, or took it and did not tick it off."""

work = Table(
    "work",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("kind"),
    characters("key"),
    # Changes whenever the work is asked for again, so that nobody ticks off what they did not see.
    Column("ticket", BigInteger, nullable=False),
    instant("due_at"),
    instant("leased_until"),
    Column("attempts", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("org_id", "kind", "key"),
    Index("work_by_due", "due_at"),
    # After a flood of facts a hundred thousand others are due that nobody should have to look through.
    *(
        Index(name, *columns, sqlite_where=text(such), postgresql_where=text(such))
        for name, columns, such in (
            ("work_hurried", ("due_at",), HURRIED),
            ("work_in_vain", ("attempts", "due_at"), IN_VAIN),
        )
    ),
    sqlite_with_rowid=False,
)
