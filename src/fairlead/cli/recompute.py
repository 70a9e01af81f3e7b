"""`fairlead recompute`: work out again what follows from facts."""

import time
from typing import Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Org, settings_from


def recompute(
    *,
    query: Annotated[
        str, typer.Option("--query", metavar="QUERY", help="Only deployments that this search finds.")
    ] = "",
    segments: Annotated[
        bool, typer.Option("--segments", help="Build the columns that metrics are measured in, and no more.")
    ] = False,
    org: Org = ORG_DEFAULT,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Work out anew which commits deployments brought and how long they took.

    Without a search, events of deployments that LaunchDarkly's clients told are added up first.
    Answers stay as they are meanwhile, and come out the same unless something was missed. What
    people decided is kept.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.progress import progress
    from fairlead.domain.errors import Rejected
    from fairlead.search.errors import SearchError
    from fairlead.search.parse import parse
    from fairlead.usecases.build_segments import rebuild_segments
    from fairlead.usecases.recompute import Recompute
    from fairlead.usecases.recompute import recompute as work_out

    if segments and query:
        raise typer.BadParameter("--segments builds whole days; leave --query out")
    try:
        where = parse(query)
    except SearchError as error:
        raise Rejected(f"--query cannot be read: {error}") from error
    settings = settings_from(database=database, data_dir=data_dir)
    if segments:
        with open_ledger(settings) as ledger, progress("Building", "days") as report:
            built = rebuild_segments(ledger, find_organisation(ledger, org), report)
        typer.echo(f"Built {built} {'day' if built == 1 else 'days'}.")
        return
    with open_ledger(settings) as ledger, progress("Working out", "deployments") as report:
        wanted = Recompute(org_id=find_organisation(ledger, org), where=where)
        done = work_out(ledger, wanted, time.time_ns, report)
    typer.echo(f"Worked out {done} {'deployment' if done == 1 else 'deployments'}.")
