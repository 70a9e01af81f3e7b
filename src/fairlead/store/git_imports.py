"""Imports: how far a clone's history was read into a database, so that the next time reads only what is new.

A note on this machine, beside the cache of git data. Without it, or where the database has lost
what it speaks of, everything is read again, which changes nothing that is recorded already. Not
here: reading a clone (`git_clone.py`).
"""

import hashlib
import os
from pathlib import Path

import msgspec

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.errors import FairleadError


class Imported(msgspec.Struct, frozen=True):
    """Everything that `tips` reach, down to the end of a shallow history, is recorded."""

    tips: tuple[Sha, ...]
    boundary: tuple[Sha, ...]


class ImportNote:
    """The note about one repository."""

    def __init__(self, root: Path, org_id: OrgId, repository_id: RepositoryId) -> None:
        """Use the folder `root`, see `git_cache.git_folder`; it is made when something is noted."""
        about = msgspec.json.encode((org_id, repository_id))
        self._path = root / "imports" / f"{hashlib.sha256(about).hexdigest()}.json"

    def read(self) -> Imported:
        """Return what was imported; nothing where there is no note that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Imported)
        except (OSError, msgspec.MsgspecError):
            return Imported((), ())

    def write(self, imported: Imported) -> None:
        """Note what was imported.

        Raises:
            FairleadError: it cannot be written.
        """
        draft = self._path.with_suffix(f".{os.getpid()}.draft")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(msgspec.json.encode(imported))
            draft.rename(self._path)
        except OSError as error:
            detail = f"cannot write to {self._path.parent}: {error.strerror}"
            raise FairleadError(f"{detail}; name another place with --data-dir") from error
