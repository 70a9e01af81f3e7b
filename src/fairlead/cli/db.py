"""`fairlead db`: the database itself."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli.options import Database, DataDir, settings_from

_NS_PER_S = 10**9

app = typer.Typer(help="The database itself.")


@app.command()
def migrate(*, database: Database = None, data_dir: DataDir = None) -> None:
    """Bring the database up to date, or make it.

    Harmless when there is nothing to do, and while servers of the release before this one run.
    Servers on PostgreSQL need it once for each release of Fairlead; with SQLite every command
    does it by itself.
    """
    from fairlead.cli.opening import make_room
    from fairlead.store import schema
    from fairlead.store.engine import open_engine

    settings = settings_from(database=database, data_dir=data_dir)
    make_room(settings)
    with ExitStack() as stack:
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        schema.migrate(engine)
        typer.echo(f"The database is up to date (schema {schema.check(engine)}).")


@app.command()
def check(*, database: Database = None, data_dir: DataDir = None) -> None:
    """Say whether the database is up to date, and change nothing; exit 1 if it is not."""
    from fairlead.store import schema
    from fairlead.store.engine import open_engine

    settings = settings_from(database=database, data_dir=data_dir)
    with ExitStack() as stack:
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        typer.echo(f"The database is up to date (schema {schema.check(engine)}).")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; an earlier backup is replaced.")],
    *,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Write everything in the database to FILE, as it is at this moment; servers may go on.

    A backup fits both engines: `fairlead db restore` puts one from SQLite into PostgreSQL as well.
    """
    from fairlead.cli.progress import progress
    from fairlead.store.backup import back_up
    from fairlead.store.engine import open_engine

    settings = settings_from(database=database, data_dir=data_dir)
    with ExitStack() as stack:
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        tell = stack.enter_context(progress("Backing up", "rows"))
        head = back_up(engine, file, tell=tell)
    typer.echo(f"Backed up {head.rows} rows to {file} (schema {head.schema}).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `fairlead db backup` wrote.")],
    *,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Put the backup FILE into a database that holds nothing yet; all of it or nothing.

    A backup of an earlier release is brought up to date on the way.
    """
    from fairlead.cli.opening import make_room
    from fairlead.cli.progress import progress
    from fairlead.store.backup import restore as restore_from
    from fairlead.store.engine import open_engine

    settings = settings_from(database=database, data_dir=data_dir)
    make_room(settings)
    with ExitStack() as stack:
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        tell = stack.enter_context(progress("Restoring", "rows"))
        head = restore_from(engine, file, tell=tell)
    made = datetime.fromtimestamp(head.made_at // _NS_PER_S, UTC).isoformat(timespec="seconds")
    typer.echo(f"Restored {head.rows} rows as they were at {made}.")


@app.command()
def distribute(*, database: Database = None, data_dir: DataDir = None) -> None:
    """Spread the tables over the nodes of Citus, by organisation.

    Needed once, and again after a release that adds tables; harmless when there is nothing to do.
    Stop the servers first: a table that is being moved takes no writes.
    """
    from fairlead.store.distribution import distribute as spread
    from fairlead.store.engine import open_engine

    settings = settings_from(database=database, data_dir=data_dir)
    with ExitStack() as stack:
        engine = open_engine(settings.database_url)
        stack.callback(engine.dispose)
        count = spread(engine, tell=lambda name: typer.echo(f"Distributed {name}"))
    typer.echo(
        f"{count} tables were distributed by organisation." if count else "Nothing is left to distribute."
    )
