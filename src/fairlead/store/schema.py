"""The schema of a database: which one it has, and bringing it up to date.

Not here: the tables as they are now (`tables/`) and how they came to be (`migrations/`).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Column, Engine, MetaData, PrimaryKeyConstraint, String, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from fairlead.domain.access import DEFAULT_ORGANISATION, Organisation, organisation_id
from fairlead.domain.errors import FairleadError, OldSchema, Unavailable
from fairlead.store import access
from fairlead.store.engine import POSTGRESQL, SQLITE, Transaction, engine_name, reading, writing
from fairlead.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do that nothing else in the same database locks.
_LOCK = 0x_FA_1A_EAD
# As Alembic makes it, which reads and writes it from then on.
_VERSION_TABLE = "alembic_version"
_VERSION_KEY = f"{_VERSION_TABLE}_pkc"
_VERSION_LENGTH = 32


def migrate(engine: Engine, *, clock: Callable[[], int] = time.time_ns) -> None:
    """Bring the database to the schema of this program, and see to its first organisation.

    Harmless when there is nothing to do, and when several programs do it at the same time. All
    of it happens or nothing.

    Raises:
        FairleadError: the database is newer than this program.
        Unavailable: it cannot be opened.
    """
    with understood():
        with reading(engine) as transaction:
            if revision(transaction) == newest() and _has_default_organisation(transaction):
                return
        with writing(engine) as transaction:
            lock(transaction)
            _refuse_newer(transaction)
            _upgrade(transaction, newest())
            _create_default_organisation(transaction, clock())


def lock(transaction: Transaction) -> None:
    """Let nobody else change the schema until the transaction ends."""
    if engine_name(transaction) == POSTGRESQL:
        # SQLite needs no such thing: a transaction that writes there is the only one.
        transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def start_at(transaction: Transaction, wanted: str) -> None:
    """Give a database that holds nothing the schema `wanted`, which may be an earlier one.

    What is there already in that schema stays as it is.
    """
    _refuse_newer(transaction)
    if revision(transaction) == wanted:
        return
    for name in _present(transaction):
        transaction.execute(text(f"DROP TABLE {name}"))
    _upgrade(transaction, wanted)


def finish(transaction: Transaction, *, clock: Callable[[], int] = time.time_ns) -> None:
    """Bring a database that was filled in an earlier schema to the one of this program."""
    _upgrade(transaction, newest())
    if not _has_default_organisation(transaction):
        _create_default_organisation(transaction, clock())


def prepare(engine: Engine) -> None:
    """See that the database may be used: a file is brought up to date, a server's must be already.

    Raises:
        OldSchema: it is on PostgreSQL and behind this program.
        FairleadError: it is ahead of this program.
        Unavailable: it cannot be opened.
    """
    if engine.name == SQLITE:
        migrate(engine)
    else:
        check(engine)


def check(engine: Engine) -> str:
    """Return the revision of a database that is up to date; nothing is changed.

    Raises:
        OldSchema: the database is behind this program, or there is none yet.
        FairleadError: it is ahead of this program.
        Unavailable: it cannot be opened.
    """
    path = engine.url.database
    if engine.name == SQLITE and path is not None and not Path(path).exists():
        # Looking would create an empty file.
        raise OldSchema(f"there is no database at {path} yet; run `fairlead db migrate`")
    with understood(), reading(engine) as transaction:
        _refuse_newer(transaction)
        found = revision(transaction)
    if found is None or found != newest():
        has = (
            "has no schema yet" if found is None else f"has schema {found}, and this program needs {newest()}"
        )
        raise OldSchema(f"the database {has}; run `fairlead db migrate`")
    return found


def revision(transaction: Transaction) -> str | None:
    """Return the schema's revision, or None for a database without one."""
    if not inspect(transaction).has_table(_VERSION_TABLE):
        return None
    found = transaction.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608 — a constant.
    return None if found is None else str(found)


def newest() -> str:
    """Return the revision that this program needs."""
    return max(_known_revisions())


def _known_revisions() -> set[str]:
    """Return the revisions of this program, which are the numbers that its migrations' names begin with."""
    return {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def is_known(revision: str) -> bool:
    """Tell whether this program has the schema `revision`."""
    return revision in _known_revisions()


def _upgrade(transaction: Transaction, wanted: str) -> None:
    if wanted == newest() and not _present(transaction):
        _create(transaction)
        return
    # Alembic takes a fifth of a second and some memory, which a start with nothing to do can spare.
    from alembic import command  # noqa: PLC0415 — as said above.
    from alembic.config import Config  # noqa: PLC0415 — as said above.

    config = Config()
    # A percent sign in the path would be taken for the start of a placeholder.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = transaction
    command.upgrade(config, wanted)


def _create(transaction: Transaction) -> None:
    """Make the tables as they are now: sooner done than to make them as they once were and change them."""
    metadata.create_all(transaction, checkfirst=False)
    version = Column("version_num", String(_VERSION_LENGTH), nullable=False)
    kept = Table(_VERSION_TABLE, MetaData(), version, PrimaryKeyConstraint(version, name=_VERSION_KEY))
    kept.create(transaction, checkfirst=False)
    transaction.execute(kept.insert().values(version_num=newest()))


def _present(transaction: Transaction) -> set[str]:
    """Return which of the tables are there that a schema is made of, whichever it is."""
    return set(inspect(transaction).get_table_names()) & {*metadata.tables, _VERSION_TABLE}


def _refuse_newer(transaction: Transaction) -> None:
    found = revision(transaction)
    if found is not None and found not in _known_revisions():
        detail = f"the database has schema {found}, which this Fairlead does not know; use the newer Fairlead"
        raise FairleadError(f"{detail} that made it")


def _has_default_organisation(transaction: Transaction) -> bool:
    return access.get_organisation(transaction, organisation_id(DEFAULT_ORGANISATION)) is not None


def _create_default_organisation(transaction: Transaction, now: int) -> None:
    org_id = organisation_id(DEFAULT_ORGANISATION)
    default = Organisation(org_id=org_id, name=DEFAULT_ORGANISATION, rate_limit="", created_at=now)
    access.put_organisation(transaction, default)


@contextmanager
def understood() -> Iterator[None]:
    """Say why a database cannot be opened: whoever starts a program can do something about it.

    Raises:
        Unavailable: with the reason in it.
    """
    try:
        yield
    except Unavailable as error:
        raise _unusable(error.__cause__) from error
    except DBAPIError as error:
        raise _unusable(error) from error


def _unusable(error: BaseException | None) -> Unavailable:
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return Unavailable(f"the database cannot be used ({said}); see to it, or name another with --database")
