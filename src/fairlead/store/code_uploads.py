"""Uploads of hunks, and what they counted: every statement that touches them.

Hunks are written under the id of an upload before any branch points to it. What an upload counted
outlives its hunks. Not here: branches (`code_repositories.py`), and what follows from counts
(`domain.flag_references`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Row, bindparam, delete, distinct, func, insert, literal, select, update

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import CodeRepositoryKey, FlagCount, Hunk
from fairlead.domain.flag_references import Counts
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.engine_sql import array_of, is_one_of
from fairlead.store.tables import code_flag_counts, code_hunks, code_scans, code_uploads

_h = code_hunks.c
_u = code_uploads.c
_n = code_flag_counts.c
_s = code_scans.c
_hunks = BulkInsert(code_hunks, [column.name for column in code_hunks.columns], replaces=True)
_scans = BulkInsert(code_scans, [column.name for column in code_scans.columns], replaces=True)
_encode = msgspec.json.Encoder().encode
# Asked for every page of a list, and therefore made once.
_scans_at = select(code_scans).where(
    _s.org_id == bindparam("of_org", type_=BigInteger()), is_one_of(_s.sha, array_of("shas"))
)
_decode_aliases = msgspec.json.Decoder(tuple[str, ...]).decode
# SQLite takes 32 766 parameters; a page of a list must not cost more statements when it is longer.
_KEYS_A_STATEMENT = 10_000


class Scan(Struct, frozen=True, kw_only=True):
    """That a commit was scanned, and by which upload."""

    org_id: OrgId
    repository: CodeRepositoryKey
    branch: str
    sha: str
    """In lower case."""
    upload: str
    before: str
    """The upload to compare with where nothing better is known; empty where there is none."""
    synced_at: int
    committed_at: int | None = None


def begin(transaction: Transaction, org_id: OrgId, upload: str, at: int) -> None:
    """Make an upload known before its first hunk, so that what is left of it can be found."""
    transaction.execute(insert(code_uploads).values(org_id=org_id, upload=upload, begun_at=at))


def is_open(transaction: Transaction, org_id: OrgId, upload: str) -> bool:
    """Tell whether an upload has begun and not ended."""
    mine = _u.org_id == org_id, _u.upload == upload
    return transaction.execute(select(_u.upload).where(*mine)).first() is not None


def add(transaction: Transaction, org_id: OrgId, upload: str, first: int, hunks: Sequence[Hunk]) -> None:
    """Keep some hunks of an upload, of which `first` are kept already."""
    rows = [
        (
            *(org_id, upload, first + number, hunk.path, hunk.hint, hunk.starting_line_number, hunk.lines),
            *(hunk.project_key, hunk.flag_key, _encode(hunk.aliases).decode() if hunk.aliases else ""),
        )
        for number, hunk in enumerate(hunks)
    ]
    _hunks.run(transaction, rows)


def end(transaction: Transaction, org_id: OrgId, upload: str) -> None:
    """Count an upload's flags: it is whole now."""
    sums = (
        select(
            literal(org_id),
            literal(upload),
            _h.project_key,
            _h.flag_key,
            func.count(),
            func.count(distinct(_h.path)),
        )
        .where(_h.org_id == org_id, _h.upload == upload, _h.flag_key != "")
        .group_by(_h.project_key, _h.flag_key)
    )
    columns = [column.name for column in code_flag_counts.columns]
    transaction.execute(insert(code_flag_counts).from_select(columns, sums))
    transaction.execute(delete(code_uploads).where(_u.org_id == org_id, _u.upload == upload))


def remove_hunks(transaction: Transaction, org_id: OrgId, upload: str) -> None:
    """Remove the hunks of an upload; what they counted stays."""
    transaction.execute(delete(code_hunks).where(_h.org_id == org_id, _h.upload == upload))


def replace_counts(transaction: Transaction, scan: Scan, upload: str) -> None:
    """Let what a scan counted be forgotten, and whatever is compared with it be compared with `upload`."""
    theirs = _s.org_id == scan.org_id, _s.repository == scan.repository, _s.before == scan.upload
    transaction.execute(update(code_scans).where(*theirs).values(before=upload))
    counted = _n.org_id == scan.org_id, _n.upload == scan.upload
    transaction.execute(delete(code_flag_counts).where(*counted))


def discard(transaction: Transaction, org_id: OrgId, upload: str) -> None:
    """Remove an upload that will never be whole."""
    remove_hunks(transaction, org_id, upload)
    transaction.execute(delete(code_uploads).where(_u.org_id == org_id, _u.upload == upload))


def left_behind(transaction: Transaction, org_id: OrgId, begun_before: int) -> list[str]:
    """Return the uploads that began before an instant and never ended."""
    mine = _u.org_id == org_id, _u.begun_at < begun_before
    return list(transaction.execute(select(_u.upload).where(*mine)).scalars())


def hunks(
    transaction: Transaction, org_id: OrgId, upload: str, project_key: str = "", flag_key: str = ""
) -> Iterator[Hunk]:
    """Yield the hunks of an upload as they were told, or only those of a project or flag."""
    wanted = select(code_hunks).where(_h.org_id == org_id, _h.upload == upload).order_by(_h.position)
    for column, value in ((_h.project_key, project_key), (_h.flag_key, flag_key)):
        if value:
            wanted = wanted.where(column == value)
    return (_hunk(row) for row in transaction.execute(wanted))


def put_scan(transaction: Transaction, scan: Scan) -> None:
    """Keep that a commit was scanned; an earlier scan of it on that branch is replaced."""
    where = scan.org_id, scan.repository, scan.branch, scan.sha
    _scans.run(transaction, [(*where, scan.upload, scan.before, scan.synced_at, scan.committed_at)])


def scan_of(
    transaction: Transaction, org_id: OrgId, repository: CodeRepositoryKey, branch: str, sha: str
) -> Scan | None:
    """Return the scan of a commit on a branch, or None."""
    mine = _s.org_id == org_id, _s.repository == repository, _s.branch == branch, _s.sha == sha
    row = transaction.execute(select(code_scans).where(*mine)).first()
    return None if row is None else _scan(row)


def scans_at(transaction: Transaction, org_id: OrgId, shas: Collection[str]) -> list[Scan]:
    """Return the scans of commits, of whatever branch, the latest first."""
    asked = {"of_org": org_id, "shas": _encode(sorted(set(shas))).decode()}
    found = [_scan(row) for row in transaction.execute(_scans_at, asked).all()]
    return sorted(found, key=lambda scan: (-scan.synced_at, scan.repository, scan.branch, scan.sha))


def counts(transaction: Transaction, org_id: OrgId, uploads: Collection[str]) -> dict[str, Counts]:
    """Return how many hunks of each flag the uploads counted; one that named no flag has none."""
    found: dict[str, dict[tuple[str, str], int]] = {upload: {} for upload in uploads}
    for part in _parts(sorted(set(uploads))):
        wanted = select(code_flag_counts).where(_n.org_id == org_id, _n.upload.in_(part))
        for row in transaction.execute(wanted):
            found[row.upload][row.project_key, row.flag_key] = row.hunks
    return dict(found)


def flag_counts(
    transaction: Transaction, org_id: OrgId, uploads: Collection[str], project_key: str, flag_key: str = ""
) -> dict[str, list[FlagCount]]:
    """Return what uploads counted of the flags of a project, or of one of them, by upload and flag."""
    rows: list[Row[tuple[object, ...]]] = []
    for part in _parts(sorted(set(uploads))):
        mine = _n.org_id == org_id, _n.upload.in_(part), _n.project_key == project_key
        wanted = select(code_flag_counts).where(*mine).order_by(_n.upload, _n.flag_key)
        rows += transaction.execute(wanted.where(_n.flag_key == flag_key) if flag_key else wanted)
    return {
        upload: [
            FlagCount(project_key=row.project_key, flag_key=row.flag_key, hunks=row.hunks, files=row.files)
            for row in group
        ]
        for upload, group in groupby(rows, key=lambda row: str(row.upload))
    }


def projects_in(transaction: Transaction, org_id: OrgId, uploads: Collection[str]) -> list[str]:
    """Return the keys of the projects whose flags uploads named, in order."""
    found: set[str] = set()
    for part in _parts(sorted(set(uploads))):
        wanted = select(_n.project_key).where(_n.org_id == org_id, _n.upload.in_(part)).distinct()
        found.update(transaction.execute(wanted).scalars())
    return sorted(found)


def _parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[at : at + _KEYS_A_STATEMENT] for at in range(0, len(keys), _KEYS_A_STATEMENT))


def _hunk(row: Row[tuple[object, ...]]) -> Hunk:
    return Hunk(
        path=row.path,
        hint=row.hint,
        starting_line_number=row.starting_line_number,
        lines=row.lines,
        project_key=row.project_key,
        flag_key=row.flag_key,
        aliases=_decode_aliases(row.aliases) if row.aliases else (),
    )


def _scan(row: Row[tuple[object, ...]]) -> Scan:
    return Scan(
        org_id=row.org_id,
        repository=CodeRepositoryKey(row.repository),
        branch=row.branch,
        sha=row.sha,
        upload=row.upload,
        before=row.before,
        synced_at=row.synced_at,
        committed_at=row.committed_at,
    )
