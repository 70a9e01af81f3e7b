"""Opening the database for a command, which may run while a server uses it.

Not here: what is asked of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from fairlead.domain.access import OrgId, organisation_id
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.settings import Settings
from fairlead.store import schema
from fairlead.store.ledger import Ledger
from fairlead.usecases.list_organisations import list_organisations


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the database that `settings` name, made or brought up to date where it is SQLite.

    Raises:
        OldSchema: it is on PostgreSQL and behind this program.
        FairleadError: it cannot be opened or is newer than this program.
    """
    make_room(settings)
    ledger = Ledger(settings.database_url)
    try:
        schema.prepare(ledger.engine)
        yield ledger
    finally:
        ledger.close()


def make_room(settings: Settings) -> None:
    """Make the data directory if the database is to be in it.

    Raises:
        FairleadError: it cannot be made.
    """
    if settings.database:
        return
    try:
        settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        detail = f"cannot make the data directory {settings.data_path}: {error.strerror}"
        raise FairleadError(f"{detail}; name another with --data-dir") from error


def find_organisation(ledger: Ledger, name: str) -> OrgId:
    """Return the id of the organisation of that name.

    Raises:
        NotFound: there is none.
    """
    if name not in {one.name for one in ledger.read(list_organisations)}:
        raise NotFound(f"there is no organisation named {name}; `fairlead org list` shows all")
    return organisation_id(name)
