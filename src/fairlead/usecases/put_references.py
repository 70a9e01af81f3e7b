"""Replace the references of a branch by an upload: all at once for whoever looks, however large it is.

Hunks come as an iterator and are written in lots under an id that no branch points to yet, so that
neither memory nor whoever else writes has to hold a whole upload. The last transaction lets the branch
point to it. What breaks off on the way is removed: at once, or by a later upload after a crash.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.code_references import MOST_HUNKS, Branch, CodeRepository, Hunk
from fairlead.domain.errors import Conflict, FairleadError, NotFound, TooLarge
from fairlead.domain.identity import id_from_chance
from fairlead.domain.instants import NS_PER_S
from fairlead.store import code_repositories, code_uploads
from fairlead.store.code_repositories import Scanned
from fairlead.store.code_uploads import Scan
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger

_HUNKS_AT_ONCE = 500
_CHARACTERS_AT_ONCE = 500_000
_LEFT_BEHIND_NS = 3600 * NS_PER_S
"""An upload that began so long ago has broken off; the largest takes seconds."""


class _Upload(Struct, frozen=True):
    branch: Branch
    id: str
    at: int


class _Lot(Struct, frozen=True):
    upload: _Upload
    first: int
    hunks: Sequence[Hunk]


def put_references(ledger: Ledger, branch: Branch, hunks: Iterable[Hunk], *, now: int, chance: bytes) -> None:
    """Keep a branch as it was scanned, with `hunks` in place of all that it had.

    Raises:
        NotFound: there is no such repository.
        Conflict: the branch was told with an update sequence id that is as high, or higher.
        TooLarge: more than `MOST_HUNKS`.
        Whatever `hunks` raises. In each case the branch stays as it was.
    """
    upload = _Upload(branch, id_from_chance(now, chance), now)
    ledger.write(_begin, upload)
    try:
        kept = 0
        for lot in _lots(hunks):
            ledger.write(_add, _Lot(upload, kept, lot))
            kept += len(lot)
        ledger.write(_finish, upload)
    except BaseException:
        ledger.write(_discard, upload)
        raise


def _lots(hunks: Iterable[Hunk]) -> Iterator[list[Hunk]]:
    """Yield hunks in lots of so many, or of so many characters if that is fewer.

    Raises:
        TooLarge: there are more than `MOST_HUNKS`.
    """
    lot: list[Hunk] = []
    size = 0
    for number, hunk in enumerate(hunks):
        if number == MOST_HUNKS:
            raise TooLarge(f"an upload holds at most {MOST_HUNKS} hunks; exclude files")
        lot.append(hunk)
        size += len(hunk.lines or "")
        if len(lot) >= _HUNKS_AT_ONCE or size >= _CHARACTERS_AT_ONCE:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def _begin(transaction: Transaction, uploads: Sequence[_Upload]) -> list[FairleadError | None]:
    return [_begun(transaction, upload) for upload in uploads]


def _begun(transaction: Transaction, upload: _Upload) -> FairleadError | None:
    branch = upload.branch
    if code_repositories.get(transaction, branch.org_id, branch.repository) is None:
        return NotFound(f'there is no repository "{branch.repository}"')
    # Said before anything is written; what is decided is decided at the end.
    known = code_repositories.branch(transaction, branch.org_id, branch.repository, branch.name)
    if known is not None and _is_behind(branch, known.branch):
        return _behind(known.branch)
    for left in code_uploads.left_behind(transaction, branch.org_id, upload.at - _LEFT_BEHIND_NS):
        code_uploads.discard(transaction, branch.org_id, left)
    code_uploads.begin(transaction, branch.org_id, upload.id, upload.at)
    return None


def _add(transaction: Transaction, lots: Sequence[_Lot]) -> list[None]:
    for lot in lots:
        upload = lot.upload
        code_uploads.add(transaction, upload.branch.org_id, upload.id, lot.first, lot.hunks)
    return [None] * len(lots)


def _finish(transaction: Transaction, uploads: Sequence[_Upload]) -> list[FairleadError | None]:
    return [_finished(transaction, upload) for upload in uploads]


def _finished(transaction: Transaction, upload: _Upload) -> FairleadError | None:
    branch = upload.branch
    # Whoever puts a branch holds its repository, so that of two uploads one comes after the other.
    repository = code_repositories.claim(transaction, branch.org_id, branch.repository)
    if repository is None or not code_uploads.is_open(transaction, branch.org_id, upload.id):
        return NotFound(f'there is no repository "{branch.repository}" any more')
    known = code_repositories.branch(transaction, branch.org_id, branch.repository, branch.name)
    if known is not None and _is_behind(branch, known.branch):
        return _behind(known.branch)
    code_uploads.end(transaction, branch.org_id, upload.id)
    _remember(transaction, upload, repository, known)
    kept = branch
    if branch.update_sequence_id is None and known is not None:
        # An upload without a number overwrites; it does not take back the number that others gave.
        kept = replace(branch, update_sequence_id=known.branch.update_sequence_id)
    code_repositories.put_branch(transaction, Scanned(branch=kept, upload=upload.id))
    if known is not None:
        code_uploads.remove_hunks(transaction, branch.org_id, known.upload)
    return None


def _remember(
    transaction: Transaction, upload: _Upload, repository: CodeRepository, known: Scanned | None
) -> None:
    """Keep that this commit was scanned, and what to compare it with."""
    branch, sha = upload.branch, upload.branch.head.lower()
    where = branch.org_id, branch.repository, branch.name
    again = code_uploads.scan_of(transaction, *where, sha)
    scan = Scan(
        org_id=branch.org_id,
        repository=branch.repository,
        branch=branch.name,
        sha=sha,
        upload=upload.id,
        before=again.before if again else _before(transaction, branch, repository, known),
        synced_at=branch.synced_at,
        committed_at=branch.committed_at,
    )
    code_uploads.put_scan(transaction, scan)
    if again is not None:
        code_uploads.replace_counts(transaction, again, upload.id)


def _before(
    transaction: Transaction, branch: Branch, repository: CodeRepository, known: Scanned | None
) -> str:
    """Return the upload that a new scan is compared with.

    On the default branch the one before. On another, the default branch as it was when this one was
    first scanned: what all of its commits have changed so far.
    """
    if branch.name == repository.default_branch:
        return known.upload if known else ""
    where = branch.org_id, branch.repository
    if known is not None:
        earlier = code_uploads.scan_of(transaction, *where, branch.name, known.branch.head.lower())
        return earlier.before if earlier else ""
    base = code_repositories.branch(transaction, *where, repository.default_branch)
    return base.upload if base else ""


def _is_behind(told: Branch, known: Branch) -> bool:
    given, last = told.update_sequence_id, known.update_sequence_id
    return given is not None and last is not None and given <= last


def _behind(known: Branch) -> Conflict:
    return Conflict(f"updateSequenceId must be greater than {known.update_sequence_id}")


def _discard(transaction: Transaction, uploads: Sequence[_Upload]) -> list[None]:
    for upload in uploads:
        if code_uploads.is_open(transaction, upload.branch.org_id, upload.id):
            code_uploads.discard(transaction, upload.branch.org_id, upload.id)
    return [None] * len(uploads)
