"""`fairlead serve`: the server."""

import shlex

import typer

from fairlead.cli.options import (
    Database,
    DataDir,
    Host,
    NoWorker,
    Port,
    TlsCert,
    TlsKey,
    Workers,
    settings_from,
)
from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.settings import Settings


def serve(
    *,
    host: Host = None,
    port: Port = None,
    database: Database = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    no_worker: NoWorker = False,
) -> None:
    """Run the server until Ctrl-C or SIGTERM.

    All dialects, the pages and Fairlead's own API are answered on one port. A database in a file
    is made on the first start and brought up to date on every other; one on PostgreSQL is brought
    up to date by `fairlead db migrate`. Settings that are not options here are variables of the
    environment: docs/settings.md lists them.
    """
    from fairlead.cli.listening import listening, refuse_wrong, run, stopped_by_signals

    settings = settings_from(
        host=host,
        port=port,
        database=database,
        data_dir=data_dir,
        workers=workers,
        tls_cert=tls_cert,
        tls_key=tls_key,
        no_worker=no_worker,
    )
    refuse_wrong(settings)
    with stopped_by_signals(), listening(settings) as (listener, address):
        is_keyless, welcome = _prepare(settings)
        typer.echo(f"Fairlead answers at {address} (Ctrl-C stops it)")
        if is_keyless:
            typer.echo(f"It has no key yet. Make one: {_make_key(settings)}")
        if welcome:
            typer.echo(f"Nobody can sign in yet. Its first administrator follows {address}{welcome}")
        run(settings, listener)


def _prepare(settings: Settings) -> tuple[bool, str]:
    """Bring the database up to date.

    Return whether no organisation has a key, and the path of a link for the first administrator of
    the organisation that everybody means at first; nothing where it has members.
    """
    from fairlead.cli.members import first_link
    from fairlead.cli.opening import open_ledger
    from fairlead.usecases.list_keys import list_keys
    from fairlead.usecases.list_organisations import list_organisations

    with open_ledger(settings) as ledger:
        organisations = ledger.read(list_organisations)
        is_keyless = not any(ledger.read(list_keys, one.org_id) for one in organisations)
        return is_keyless, first_link(ledger, organisation_id(DEFAULT_ORGANISATION))


def _make_key(settings: Settings) -> str:
    """Return the command that makes a first key in this very database."""
    place = []
    if settings.database:
        # A password is left for the reader to fill in.
        from fairlead.domain.repositories import without_credentials

        place = ["--database", without_credentials(settings.database)]
    elif settings.data_dir != Settings().data_dir:
        place = ["--data-dir", settings.data_dir]
    return shlex.join(["fairlead", "keys", "create", "first", "--kind", "api", *place])
