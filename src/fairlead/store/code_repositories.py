"""Scanned repositories, their branches and extinctions: every statement that touches them.

Not here: hunks, and what a scan counted (`code_uploads.py`).
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Row, bindparam, delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import (
    Branch,
    CodeRepository,
    CodeRepositoryKey,
    Extinction,
    Host,
)
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.engine_sql import array_of, is_one_of
from fairlead.store.tables import (
    code_branches,
    code_extinctions,
    code_flag_counts,
    code_hunks,
    code_repositories,
    code_scans,
)

_r = code_repositories.c
_b = code_branches.c
_x = code_extinctions.c
_repositories = BulkInsert(
    code_repositories, [column.name for column in code_repositories.columns], replaces=True
)
_new_repositories = BulkInsert(
    code_repositories, [column.name for column in code_repositories.columns], replaces=False
)
_branches = BulkInsert(code_branches, [column.name for column in code_branches.columns], replaces=True)
_extinctions = BulkInsert(
    code_extinctions, [column.name for column in code_extinctions.columns], replaces=True
)
_encode = msgspec.json.Encoder().encode
# Asked for every page of a list, and therefore made once.
_extinctions_at = select(code_extinctions).where(
    _x.org_id == bindparam("of_org", type_=BigInteger()), is_one_of(_x.revision, array_of("revisions"))
)
# SQLite takes 32 766 parameters; a page of a list must not cost more statements when it is longer.
_NAMES_A_STATEMENT = 10_000


class Scanned(Struct, frozen=True, kw_only=True):
    """A branch, and the upload that holds its hunks."""

    branch: Branch
    upload: str


class ExtinctionsAsked(Struct, frozen=True, kw_only=True):
    """Which extinctions are asked for. An empty text asks for all; instants are inclusive."""

    repository: str = ""
    branch: str = ""
    """Empty: of every repository only its default branch."""
    project_key: str = ""
    flag_key: str = ""
    from_at: int | None = None
    until_at: int | None = None


def add(transaction: Transaction, repository: CodeRepository) -> bool:
    """Keep a new repository; False, and nothing changed, where there is one of that name."""
    return bool(_new_repositories.run_for_new(transaction, [_row(repository)]))


def put(transaction: Transaction, repository: CodeRepository) -> None:
    """Replace a repository."""
    _repositories.run(transaction, [_row(repository)])


def get(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey) -> CodeRepository | None:
    """Return the repository of that key, or None."""
    mine = _r.org_id == org_id, _r.key == key
    row = transaction.execute(select(code_repositories).where(*mine)).first()
    return None if row is None else _repository(row)


def claim(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey) -> CodeRepository | None:
    """Return the repository of that key, or None; nobody else changes it until the transaction ends."""
    mine = _r.org_id == org_id, _r.key == key
    row = transaction.execute(select(code_repositories).where(*mine).with_for_update()).first()
    return None if row is None else _repository(row)


def every(transaction: Transaction, org_id: OrgId) -> list[CodeRepository]:
    """Return an organisation's repositories, by name."""
    wanted = select(code_repositories).where(_r.org_id == org_id).order_by(_r.key)
    return [_repository(row) for row in transaction.execute(wanted)]


def remove(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey) -> None:
    """Delete a repository with all that was scanned of it."""
    scans = select(code_scans.c.upload).where(code_scans.c.org_id == org_id, code_scans.c.repository == key)
    branches = select(_b.upload).where(_b.org_id == org_id, _b.repository == key)
    hunks, counts = code_hunks.c, code_flag_counts.c
    transaction.execute(delete(code_hunks).where(hunks.org_id == org_id, hunks.upload.in_(branches)))
    transaction.execute(delete(code_flag_counts).where(counts.org_id == org_id, counts.upload.in_(scans)))
    for table in (code_scans, code_branches, code_extinctions):
        transaction.execute(delete(table).where(table.c.org_id == org_id, table.c.repository == key))
    transaction.execute(delete(code_repositories).where(_r.org_id == org_id, _r.key == key))


def put_branch(transaction: Transaction, scanned: Scanned) -> None:
    """Keep a branch as it was scanned; what was known of it is replaced."""
    one = scanned.branch
    scan = one.head, one.update_sequence_id, one.synced_at, one.committed_at
    _branches.run(transaction, [(one.org_id, one.repository, one.name, *scan, scanned.upload)])


def branch(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey, name: str) -> Scanned | None:
    """Return a branch as it was last scanned, or None."""
    mine = _b.org_id == org_id, _b.repository == key, _b.name == name
    row = transaction.execute(select(code_branches).where(*mine)).first()
    return None if row is None else _scanned(row)


def branches(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey | None = None) -> list[Scanned]:
    """Return the branches of a repository, or of all, by repository and name."""
    wanted = select(code_branches).where(_b.org_id == org_id).order_by(_b.repository, _b.name)
    if key is not None:
        wanted = wanted.where(_b.repository == key)
    return [_scanned(row) for row in transaction.execute(wanted)]


def default_branches(transaction: Transaction, org_id: OrgId) -> list[tuple[CodeRepository, Scanned | None]]:
    """Return every repository with its default branch, by name; None where it was not scanned yet."""
    scanned = {(one.branch.repository, one.branch.name): one for one in branches(transaction, org_id)}
    return [(one, scanned.get((one.key, one.default_branch))) for one in every(transaction, org_id)]


def remove_branches(
    transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey, names: Collection[str]
) -> None:
    """Forget branches with their hunks; those that are not there are forgotten already.

    What their scans counted stays: pull requests were measured by it.
    """
    for part in _parts(sorted(set(names))):
        mine = _b.org_id == org_id, _b.repository == key, _b.name.in_(part)
        hunks = code_hunks.c
        theirs = select(_b.upload).where(*mine)
        transaction.execute(delete(code_hunks).where(hunks.org_id == org_id, hunks.upload.in_(theirs)))
        transaction.execute(delete(code_branches).where(*mine))


def put_extinctions(transaction: Transaction, extinctions: Iterable[Extinction]) -> None:
    """Keep extinctions; one that is told again is replaced."""
    rows = {_extinction_key(one): (*_extinction_key(one), one.message, one.extinct_at) for one in extinctions}
    _extinctions.run(transaction, list(rows.values()))


def extinctions(transaction: Transaction, org_id: OrgId, asked: ExtinctionsAsked) -> list[Extinction]:
    """Return extinctions, the latest first."""
    wanted = select(code_extinctions).where(_x.org_id == org_id)
    if not asked.branch:
        same = (_r.org_id == _x.org_id) & (_r.key == _x.repository) & (_r.default_branch == _x.branch)
        wanted = wanted.join(code_repositories, same)
    told = (
        (_x.repository, asked.repository),
        (_x.branch, asked.branch),
        (_x.project_key, asked.project_key),
        (_x.flag_key, asked.flag_key),
    )
    for column, value in told:
        if value:
            wanted = wanted.where(column == value)
    if asked.from_at is not None:
        wanted = wanted.where(_x.extinct_at >= asked.from_at)
    if asked.until_at is not None:
        wanted = wanted.where(_x.extinct_at <= asked.until_at)
    order = _x.extinct_at.desc(), _x.project_key, _x.flag_key, _x.repository, _x.branch, _x.revision
    return [_extinction(row) for row in transaction.execute(wanted.order_by(*order))]


def extinctions_at(transaction: Transaction, org_id: OrgId, revisions: Collection[str]) -> list[Extinction]:
    """Return the extinctions that commits of those SHAs caused."""
    asked = {"of_org": org_id, "revisions": _encode(sorted(set(revisions))).decode()}
    return [_extinction(row) for row in transaction.execute(_extinctions_at, asked).all()]


def _parts(names: Sequence[str]) -> Iterable[Sequence[str]]:
    return (names[at : at + _NAMES_A_STATEMENT] for at in range(0, len(names), _NAMES_A_STATEMENT))


def _row(one: CodeRepository) -> tuple[object, ...]:
    links = one.source_link, one.commit_url_template, one.hunk_url_template
    state = one.enabled, one.version, one.created_at, one.updated_at
    return one.org_id, one.key, one.name, one.host.value, *links, one.default_branch, *state


def _repository(row: Row[tuple[object, ...]]) -> CodeRepository:
    return CodeRepository(
        org_id=row.org_id,
        name=row.name,
        host=Host(row.host),
        source_link=row.source_link,
        commit_url_template=row.commit_url_template,
        hunk_url_template=row.hunk_url_template,
        default_branch=row.default_branch,
        enabled=row.enabled,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _scanned(row: Row[tuple[object, ...]]) -> Scanned:
    found = Branch(
        org_id=row.org_id,
        repository=CodeRepositoryKey(row.repository),
        name=row.name,
        head=row.head,
        update_sequence_id=row.update_sequence_id,
        synced_at=row.synced_at,
        committed_at=row.committed_at,
    )
    return Scanned(branch=found, upload=row.upload)


def _extinction_key(one: Extinction) -> tuple[object, ...]:
    return one.org_id, one.repository, one.branch, one.project_key, one.flag_key, one.revision


def _extinction(row: Row[tuple[object, ...]]) -> Extinction:
    return Extinction(
        org_id=row.org_id,
        repository=CodeRepositoryKey(row.repository),
        branch=row.branch,
        project_key=row.project_key,
        flag_key=row.flag_key,
        revision=row.revision,
        message=row.message,
        extinct_at=row.extinct_at,
    )
