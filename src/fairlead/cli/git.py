"""`fairlead git`: histories of commits."""

from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Org, settings_from

app = typer.Typer(help="Histories of commits.")


@app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="Top folder of a clone, or a bare repository.")
    ],
    *,
    repository_url: Annotated[
        str, typer.Option(metavar="URL", help="The address deployments name it by, in any spelling.")
    ],
    org: Org = ORG_DEFAULT,
    all_branches: Annotated[
        bool,
        typer.Option("--all-branches", help="Import every branch and tag, not only what is checked out."),
    ] = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Import the commits of a clone on this machine.

    Run it again whenever there are new commits: it reads only those. Shallow clones are imported as
    far as they go. Works while a server runs on the same database.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.progress import progress
    from fairlead.domain.changes import RepositoryId
    from fairlead.domain.errors import Rejected
    from fairlead.domain.repositories import repository_id
    from fairlead.store.git_cache import git_folder
    from fairlead.store.git_clone import open_clone
    from fairlead.store.git_imports import ImportNote
    from fairlead.usecases.import_history import Import, import_history

    settings = settings_from(database=database, data_dir=data_dir)
    name = RepositoryId(repository_id(repository_url, "--repository-url"))
    clone = open_clone(path)
    tips = clone.tips(all_branches=all_branches)
    if not tips:
        raise Rejected(f"{path} has no commit checked out; try --all-branches, or commit something first")
    with open_ledger(settings) as ledger, progress(f"Importing {name}", "commits") as report:
        org_id = find_organisation(ledger, org)
        note = ImportNote(git_folder(settings.data_path, str(ledger.engine.url)), org_id, name)
        wanted = Import(org_id=org_id, repository_id=name, clone=clone, tips=tips, note=note)
        done = import_history(ledger, wanted, report)
    typer.echo(f"Imported {done} {'commit' if done == 1 else 'commits'} of {name}.")
