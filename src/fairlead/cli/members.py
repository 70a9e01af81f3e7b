"""`fairlead members`: the people of an organisation, who sign in with a browser."""

import secrets
import time
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.domain.access import OrgId
from fairlead.domain.members import (
    FIRST_LINK_LASTS_NS,
    SECRET_BYTES,
    Link,
    Role,
    TokenKind,
    token_digest,
    token_text,
)

if TYPE_CHECKING:
    from fairlead.store.ledger import Ledger

app = typer.Typer(help="Members: the people of an organisation, who sign in with a browser.")


@app.command()
def invite(
    *,
    role: Annotated[
        Role,
        typer.Option(
            metavar="|".join(Role),
            help="viewer looks; member decides about failures and gates too; admin sees to everything.",
        ),
    ] = Role.ADMIN,
    org: Org = ORG_DEFAULT,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Print the path of a link that makes a new member, once, within a day.

    Follow it with the address of the server before it. One printed earlier, here or by the server at
    its start, is over then.
    """
    from fairlead.cli.opening import find_organisation, open_ledger

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        typer.echo(path_of_new_link(ledger, find_organisation(ledger, org), role))


@app.command("list")
def show(
    *, org: Org = ORG_DEFAULT, as_json: Json = False, database: Database = None, data_dir: DataDir = None
) -> None:
    """List the members of an organisation."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table, readable
    from fairlead.usecases.list_members import list_members

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        found = ledger.read(list_members, find_organisation(ledger, org))
    if as_json:
        told = [
            {"email": one.email, "name": one.name, "role": one.role, "created_at": readable(one.created_at)}
            for one in found
        ]
        print_json(told)
        return
    rows = [(one.email, one.name, one.role, readable(one.created_at)) for one in found]
    print_table(("EMAIL", "NAME", "ROLE", "CREATED"), rows)


def path_of_new_link(ledger: "Ledger", org_id: OrgId, role: Role) -> str:
    """Make a link and return its path."""
    from fairlead.usecases.make_link import make_links

    now = time.time_ns()
    text = token_text(TokenKind.LINK, org_id, secrets.token_bytes(SECRET_BYTES))
    link = Link(
        org_id=org_id,
        digest=token_digest(text),
        role=role,
        created_at=now,
        expires_at=now + FIRST_LINK_LASTS_NS,
    )
    ledger.write(make_links, link)
    return f"/welcome/{text}"


def first_link(ledger: "Ledger", org_id: OrgId) -> str:
    """Return the path of a link for the first administrator; nothing where there are members."""
    from fairlead.usecases.list_members import has_members

    return "" if ledger.read(has_members, org_id) else path_of_new_link(ledger, org_id, Role.ADMIN)
