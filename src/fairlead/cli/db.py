"""`fairlead db`: the database itself."""

from contextlib import ExitStack

import typer

from fairlead.cli.options import Database, DataDir, settings_from

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
