"""Spreading the tables over the nodes of Citus, by organisation.

Every key begins with `org_id` and every statement names it, so all rows of an organisation lie on
one node and a statement about them runs there as on a PostgreSQL of its own. What is still to be
worked out stays on the coordinator: it is looked at for all organisations together. Not here:
setting Citus up.
"""

from collections.abc import Callable

from sqlalchemy import Engine, text

from fairlead.domain.errors import FairleadError, Rejected
from fairlead.store import schema
from fairlead.store.engine import POSTGRESQL, Transaction, reading, writing
from fairlead.store.tables import metadata, organisations, work

BY = "org_id"
UNDISTRIBUTED = frozenset({work.name})
"""The tables that are looked at for all organisations together."""

_SPREAD = text("SELECT create_distributed_table(:name, :column, colocate_with => :beside)")


def distributed() -> list[str]:
    """Return the names of the tables that are to be spread, the one that the others go with first."""
    others = sorted(set(metadata.tables) - UNDISTRIBUTED - {organisations.name})
    return [organisations.name, *others]


def distribute(engine: Engine, *, tell: Callable[[str], None]) -> int:
    """Spread every table that is not spread yet, tell the name of each, and return how many were.

    What was begun and broken off is taken up where it stopped.

    Raises:
        Rejected: the database is not one of Citus.
        OldSchema: it is behind this program.
        Unavailable: it cannot be opened.
    """
    if engine.name != POSTGRESQL:
        raise Rejected("only PostgreSQL with Citus can be distributed; name one with --database")
    schema.check(engine)
    with schema.understood():
        with reading(engine) as transaction:
            _require_citus(transaction)
            done = _spread_already(transaction)
        todo = [name for name in distributed() if name not in done]
        for name in todo:
            beside = "none" if name == organisations.name else organisations.name
            # A transaction for each: a large table takes long, and need not be moved twice.
            with writing(engine) as transaction:
                transaction.execute(_SPREAD, {"name": name, "column": BY, "beside": beside})
            tell(name)
    return len(todo)


def _require_citus(transaction: Transaction) -> None:
    found = transaction.execute(text("SELECT 1 FROM pg_proc WHERE proname = 'create_distributed_table'"))
    if found.first() is None:
        raise FairleadError("this PostgreSQL has no Citus in it; install it and run `CREATE EXTENSION citus`")


def _spread_already(transaction: Transaction) -> set[str]:
    rows = transaction.execute(
        text("SELECT relname FROM pg_dist_partition JOIN pg_class ON pg_class.oid = logicalrelid")
    )
    return {str(name) for (name,) in rows}
