"""`fairlead demo`: a server with something to look at."""

import json
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import Host, Port, settings_from
from fairlead.domain.access import SECRET_BYTES, KeyKind, organisation_id
from fairlead.domain.errors import FairleadError
from fairlead.domain.instants import NS_PER_MS, NS_PER_S
from fairlead.settings import Settings

if TYPE_CHECKING:
    from fairlead.store.git_clone import Clone
    from fairlead.usecases.load_checkout import Checkout

ORGANISATION = "sample"
_CHANCE_BYTES = 10


def demo(
    *,
    host: Host = None,
    port: Port = None,
    data_dir: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Keep the database in this directory. Without it all is gone afterwards."
        ),
    ] = None,
) -> None:
    """Serve with a sample organisation loaded, and print its keys and three things to try.

    The organisation is called `sample` and delivers twelve services: some months of deployments
    with rollbacks, repairs and failures, up to now. Run in a git checkout it also loads that
    history, as if its main line had been deployed. Nothing else in the database is touched.
    """
    from fairlead.cli.listening import listening, refuse_wrong, run, stopped_by_signals

    with stopped_by_signals(), _place(data_dir) as place:
        # A database named in the environment is somebody's own, and not for samples.
        url = f"sqlite:///{place / 'fairlead.db'}"
        settings = settings_from(host=host, port=port, data_dir=str(place), database=url)
        refuse_wrong(settings)
        with listening(settings) as (listener, address):
            keys, welcome = _load(settings)
            # The checkout first: little follows from it, and nothing else is waiting yet.
            checkout, report = _checkout_told(settings), _sample_told(settings)
            typer.echo(_welcome(address, keys, welcome or "/sign-in"))
            typer.echo(report)
            if checkout:
                typer.echo(checkout)
            run(settings, listener)


@contextmanager
def _place(data_dir: str | None) -> Iterator[Path]:
    if data_dir is not None:
        settings = settings_from(data_dir=data_dir, database="")
        from fairlead.cli.opening import make_room

        make_room(settings)
        yield settings.data_path
        return
    with tempfile.TemporaryDirectory(prefix="fairlead-demo-") as folder:
        yield Path(folder)


def _load(settings: Settings) -> tuple[dict[KeyKind, str], str]:
    """Make the organisation; return new keys, one of each kind, and the path of the first link."""
    from fairlead.cli.members import first_link
    from fairlead.cli.opening import open_ledger
    from fairlead.usecases.create_key import KeyWanted, create_keys
    from fairlead.usecases.create_organisation import create_organisations, new_organisation
    from fairlead.usecases.list_organisations import list_organisations

    now, org_id = time.time_ns(), organisation_id(ORGANISATION)
    with open_ledger(settings) as ledger:
        if ORGANISATION not in {one.name for one in ledger.read(list_organisations)}:
            ledger.write(create_organisations, new_organisation(ORGANISATION, "", now))
        keys = {
            kind: ledger.write(
                create_keys,
                KeyWanted(
                    org_id=org_id,
                    kind=kind,
                    name="demo",
                    secret=secrets.token_bytes(SECRET_BYTES),
                    chance=secrets.token_bytes(_CHANCE_BYTES),
                    at=now,
                ),
            ).text
            for kind in KeyKind
        }
        return keys, first_link(ledger, org_id)


def _sample_told(settings: Settings) -> str:
    """Load the sample, work out what reached production, and return a report of that.

    What follows from the rest takes longer; the server goes on with it.
    """
    from fairlead.cli.opening import open_ledger
    from fairlead.cli.progress import progress
    from fairlead.cli.reporting import of_ledger
    from fairlead.domain.sample import sample
    from fairlead.domain.sample_gates import sample_gates
    from fairlead.usecases.load_sample import load_samples, work_out_live
    from fairlead.usecases.load_sample_gates import load_sample_gates

    org_id, asked = organisation_id(ORGANISATION), {"query": ["env:prod"], "group_by": ["service"]}
    with open_ledger(settings) as ledger, progress("Working out the sample", "deployments") as report:
        told = sample(org_id, time.time_ns())
        ledger.write(load_samples, told)
        ledger.write(load_sample_gates, sample_gates(org_id, time.time_ns()))
        work_out_live(ledger, told, time.time_ns, report)
        shown = of_ledger(ledger, org_id, asked, time.time_ns())
    again = "--query env:prod --group-by service"
    headline = f"How it delivers to production (fairlead report {_place_of(settings)} {again}):"
    return f"{headline}\n\n{_indented(shown)}"


def _checkout_told(settings: Settings) -> str:
    """Load the history of the checkout this runs in, if it is one; return its report and its end."""
    from fairlead.cli.explain import page
    from fairlead.cli.opening import open_ledger
    from fairlead.cli.reporting import of_ledger
    from fairlead.store.git_clone import open_clone
    from fairlead.usecases.explain_deployment import explain_deployment
    from fairlead.usecases.load_checkout import load_checkout

    with open_ledger(settings) as ledger:
        try:
            clone = open_clone(Path.cwd())
        except FairleadError:
            return ""
        checkout = _checkout(settings, clone)
        last = load_checkout(ledger, checkout, time.time_ns())
        if last is None:
            return ""
        told = ledger.read(explain_deployment, checkout.org_id, last)
        until_at = told.known.fact.finished_at // NS_PER_MS + 1
        asked = {"query": [f"service:{json.dumps(checkout.service)}"], "to": [str(until_at)]}
        shown = of_ledger(ledger, checkout.org_id, asked, time.time_ns())
    again = f"fairlead explain {last} {_place_of(settings)}"
    explained = _indented("\n".join(page(told)))
    headline = "This checkout as if its main line had been deployed:"
    return f"{headline}\n\n{_indented(shown)}\nIts last deployment ({again}):\n\n{explained}"


def _place_of(settings: Settings) -> str:
    return f"--org {ORGANISATION} --data-dir {settings.data_path}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines()) + "\n"


def _checkout(settings: Settings, clone: "Clone") -> "Checkout":
    from fairlead.domain.changes import RepositoryId
    from fairlead.domain.repositories import repository_id
    from fairlead.store.git_cache import git_folder
    from fairlead.store.git_imports import ImportNote
    from fairlead.usecases.load_checkout import Checkout

    name = Path.cwd().name
    try:
        repository = RepositoryId(repository_id(clone.address()))
    except FairleadError:
        # Cloned from a folder, or from nowhere.
        repository = RepositoryId(f"localhost/{name}")
    org_id = organisation_id(ORGANISATION)
    note = ImportNote(git_folder(settings.data_path, settings.database_url), org_id, repository)
    return Checkout(org_id=org_id, repository_id=repository, service=name, clone=clone, note=note)


def _welcome(address: str, keys: dict[KeyKind, str], entrance: str) -> str:
    now = time.time_ns()
    wanted = {"query": "service:checkout env:prod", "limit": 5}
    listing = {"type": "dora_deployments_list_request", "attributes": wanted}
    told = {
        "service": "checkout",
        "env": "prod",
        "version": "9.9.9",
        "started_at": now - 60 * NS_PER_S,
        "finished_at": now,
    }
    api, app = f"-H 'DD-API-KEY: {keys[KeyKind.API]}'", f"-H 'DD-APPLICATION-KEY: {keys[KeyKind.APP]}'"
    return f"""\
Fairlead answers at {address} (Ctrl-C stops it)

Look around at   {address}{entrance}

API key          {keys[KeyKind.API]}
application key  {keys[KeyKind.APP]}
access token     {keys[KeyKind.ACCESS_TOKEN]}

What checkout brought to production lately:
{_curl(f"{address}/api/v2/dora/deployments", listing, api, app)}

One deployment more:
{_curl(f"{address}/api/v2/dora/deployment", {"attributes": told}, api)}

Is the API key valid?
curl -s {api} {address}/api/v1/validate
"""


def _curl(url: str, data: Mapping[str, object], *headers: str) -> str:
    """Return a command that posts `data`, ready to be copied."""
    body = json.dumps({"data": data})
    return f"curl -s {' '.join(headers)} -H 'Content-Type: application/json' -d '{body}' {url}"
