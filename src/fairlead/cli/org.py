"""`fairlead org`: organisations, which see nothing of each other."""

import time
from typing import Annotated

import typer

from fairlead.cli.options import Database, DataDir, Json, settings_from

app = typer.Typer(help="Organisations: tenants that see nothing of each other.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="1 to 63 of a-z, 0-9, - and _.")]
_RATE = "Requests its keys may make together, such as 600/minute (second, minute, hour or day)."


@app.command()
def create(
    name: Name,
    *,
    rate_limit: Annotated[
        str, typer.Option(metavar="RATE", help=f"{_RATE} Without it the server's own limit counts.")
    ] = "",
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create an organisation."""
    from fairlead.cli.opening import open_ledger
    from fairlead.usecases.create_organisation import create_organisations, new_organisation

    organisation = new_organisation(name, rate_limit, time.time_ns())
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        ledger.write(create_organisations, organisation)
    typer.echo(f"Created organisation {name}.")


@app.command("list")
def show(*, as_json: Json = False, database: Database = None, data_dir: DataDir = None) -> None:
    """List all organisations."""
    from fairlead.cli.opening import open_ledger
    from fairlead.cli.printing import print_json, print_table, readable
    from fairlead.usecases.list_organisations import list_organisations

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        organisations = ledger.read(list_organisations)
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "rate_limit": one.rate_limit or None,
                    "created_at": readable(one.created_at),
                }
                for one in organisations
            ]
        )
        return
    rows = [(one.name, one.rate_limit or "the server's", readable(one.created_at)) for one in organisations]
    print_table(("NAME", "RATE LIMIT", "CREATED"), rows)


@app.command()
def limit(
    name: Name,
    rate: Annotated[str, typer.Argument(metavar="RATE", help=f"{_RATE} '' gives it the server's own again.")],
    *,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Set how many requests an organisation may make."""
    from fairlead.cli.opening import open_ledger
    from fairlead.usecases.set_rate_limit import RateLimitFor, set_rate_limits

    wanted = RateLimitFor(organisation=name, rate_limit=rate)
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        ledger.write(set_rate_limits, wanted)
    typer.echo(f"Organisation {name} may make {rate or 'as many requests as the server lets everybody'}.")
