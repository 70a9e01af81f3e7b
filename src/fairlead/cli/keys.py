"""`fairlead keys`: what lets programs in."""

import secrets
import time
from typing import Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.domain.access import EVERY_PERMISSION, SECRET_BYTES, Key, KeyKind, Permission

app = typer.Typer(help="Keys: what lets programs in.")

_CHANCE_BYTES = 10
_SENT_AS = {
    KeyKind.API: "Programs send it in the header DD-API-KEY.",
    KeyKind.APP: "Programs send it in the header DD-APPLICATION-KEY, beside an API key.",
    KeyKind.ACCESS_TOKEN: "Programs send it in the header Authorization.",
}


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for, in your words.")],
    *,
    kind: Annotated[
        KeyKind,
        typer.Option(
            metavar="|".join(KeyKind),
            help="api sends facts; app, beside an API key, reads and changes; access-token stands alone.",
        ),
    ],
    permission: Annotated[
        list[Permission] | None,
        typer.Option(
            metavar="PERMISSION",
            help=f"What an app key or access token may do; repeatable. Without it: everything. One of "
            f"{', '.join(Permission)}.",
        ),
    ] = None,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create a key and print it, this once: only its digest is kept.

    Works while a server runs on the same database, which takes the key from then on.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json
    from fairlead.usecases.create_key import KeyWanted, create_keys

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        wanted = KeyWanted(
            org_id=find_organisation(ledger, org),
            kind=kind,
            name=name,
            permissions=frozenset(permission or ()),
            secret=secrets.token_bytes(SECRET_BYTES),
            chance=secrets.token_bytes(_CHANCE_BYTES),
            at=time.time_ns(),
        )
        made = ledger.write(create_keys, wanted)
    if as_json:
        print_json(_told(made.key) | {"key": made.text})
        return
    typer.echo(made.text)
    typer.echo(f"This is the only time it is shown. {_SENT_AS[kind]}")


@app.command("list")
def show(
    *, org: Org = ORG_DEFAULT, as_json: Json = False, database: Database = None, data_dir: DataDir = None
) -> None:
    """List the keys of an organisation, oldest first, the revoked ones among them."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table, readable
    from fairlead.usecases.list_keys import list_keys

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        found = ledger.read(list_keys, find_organisation(ledger, org))
    if as_json:
        times = [(readable(key.created_at), readable(key.revoked_at)) for key in found]
        print_json(
            [
                _told(key) | {"created_at": created, "revoked_at": revoked or None}
                for key, (created, revoked) in zip(found, times, strict=True)
            ]
        )
        return
    rows = [
        (key.id, key.kind, key.name, _in_short(key), readable(key.created_at), readable(key.revoked_at))
        for key in found
    ]
    print_table(("ID", "KIND", "NAME", "PERMISSIONS", "CREATED", "REVOKED"), rows)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id that `fairlead keys list` shows.")],
    *,
    org: Org = ORG_DEFAULT,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Revoke a key for good: every server on this database refuses it within a second."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.usecases.revoke_key import KeyNamed, revoke_keys

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        org_id = find_organisation(ledger, org)
        ledger.write(revoke_keys, KeyNamed(org_id=org_id, id=key_id, at=time.time_ns()))
    typer.echo(f"Revoked key {key_id}.")


def _told(key: Key) -> dict[str, object]:
    return {"id": key.id, "kind": key.kind, "name": key.name, "permissions": sorted(key.permissions)}


def _in_short(key: Key) -> str:
    return "all" if key.permissions == EVERY_PERMISSION else " ".join(sorted(key.permissions))
