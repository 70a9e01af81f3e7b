"""Pull requests: every statement that touches them and their reviews.

Not here: how reports add up (`domain.reports`).
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import ColumnElement, Row, and_, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import PullRequest, PullRequestState, RepositoryId, Sha
from fairlead.domain.reports import FACTS, Account, Dated, Opinion, Review, stronger
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import pull_request_reviews, pull_requests

_t = pull_requests.c
_r = pull_request_reviews.c
_columns = [column.name for column in pull_requests.columns]
_review_columns = [column.name for column in pull_request_reviews.columns]
_first = BulkInsert(pull_requests, _columns, replaces=False)
_rows = BulkInsert(pull_requests, _columns, replaces=True)
_reviews = BulkInsert(pull_request_reviews, _review_columns, replaces=True)
_encode = msgspec.json.Encoder().encode
_decode_labels = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_clocks = msgspec.json.Decoder(dict[str, int]).decode

_KEYS_A_STATEMENT = 400
_T = TypeVar("_T")


def claim(transaction: Transaction, account: Account) -> Account:
    """Return what is kept of the pull request of `account`, which is put there if nothing is.

    Nobody else writes it until the transaction ends.
    """
    # Insert first and look afterwards: two processes may hear of a new pull request at once.
    _first.run(transaction, [_to_row(account)])
    row = transaction.execute(select(pull_requests).where(_is(account)).with_for_update()).one()
    return _account(row)


def put(transaction: Transaction, account: Account) -> None:
    """Replace what is kept of a pull request, save its reviews."""
    _rows.run(transaction, [_to_row(account)])


def add_reviews(transaction: Transaction, account: Account, reviews: Iterable[Review]) -> bool:
    """Keep reviews of a pull request that was claimed; return whether any was new or stronger."""
    known = {(one.reviewer, one.at): one for one in _reviews_of(transaction, account)}
    kept = dict(known)
    for review in reviews:
        key = review.reviewer, review.at
        kept[key] = stronger(kept.get(key, review), review)
    changed = [review for key, review in kept.items() if known.get(key) != review]
    mine = account.org_id, account.repository_id, account.number
    _reviews.run(transaction, [(*mine, one.reviewer, one.at, one.opinion.value) for one in changed])
    return bool(changed)


def get(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, number: int
) -> PullRequest | None:
    """Return the pull request of that number, or None."""
    mine = _t.org_id == org_id, _t.repository_id == repository_id, _t.number == number
    found = _found(transaction, org_id, and_(*mine))
    return found[0] if found else None


def are_known(transaction: Transaction, org_id: OrgId, repository: RepositoryId) -> bool:
    """Tell whether anything was told of a pull request of a repository."""
    mine = _t.org_id == org_id, _t.repository_id == repository
    return transaction.execute(select(_t.number).where(*mine).limit(1)).first() is not None


def by_number(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, numbers: Iterable[int]
) -> list[PullRequest]:
    """Return the pull requests of those numbers that are there, in order of number."""
    found: list[PullRequest] = []
    for part in _parts(sorted(numbers)):
        mine = _t.org_id == org_id, _t.repository_id == repository_id, _t.number.in_(part)
        found += _found(transaction, org_id, and_(*mine))
    return sorted(found, key=lambda one: one.number)


def landed(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> list[PullRequest]:
    """Return the merged pull requests whose merge put one of `shas` on the base branch.

    Where a host does not tell what the merge put there, the head of the pull request counts.
    """
    # As a rule there are none, or few of many; they are asked for whole only where there are.
    numbers: list[int] = []
    for part in _parts(list(shas)):
        asked = org_id, repository_id, PullRequestState.MERGED.value, spoken.listed(part)
        numbers += (row.number for row in spoken.rows(transaction, _LANDED, asked * 2))
    return by_number(transaction, org_id, repository_id, set(numbers)) if numbers else []


_MERGED = "SELECT number FROM pull_requests WHERE org_id = ? AND repository_id = ? AND state = ?"
# Together with OR they would have SQLite read all pull requests of the repository.
_LANDED = (
    f"{_MERGED} AND merge_sha {spoken.ONE_OF} UNION {_MERGED} AND merge_sha = '' AND head_sha {spoken.ONE_OF}"
)


def landed_from(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> list[Sha]:
    """Return what merges put on base branches for pull requests whose head is one of `shas`."""
    found: list[Sha] = []
    for part in _parts(list(shas)):
        mine = f"org_id = ? AND repository_id = ? AND head_sha {spoken.ONE_OF} AND merge_sha != ''"
        statement = f"SELECT merge_sha FROM pull_requests WHERE {mine}"  # noqa: S608 — our own names.
        asked = org_id, repository_id, spoken.listed(part)
        found += (Sha(row.merge_sha) for row in spoken.rows(transaction, statement, asked))
    return found


def _found(transaction: Transaction, org_id: OrgId, where: ColumnElement[bool]) -> list[PullRequest]:
    accounts = [_account(row) for row in transaction.execute(select(pull_requests).where(where))]
    reviews: dict[tuple[str, int], list[Review]] = {}
    for repository_id in {one.repository_id for one in accounts}:
        for part in _parts([one.number for one in accounts if one.repository_id == repository_id]):
            mine = _r.org_id == org_id, _r.repository_id == repository_id, _r.number.in_(part)
            for row in transaction.execute(select(pull_request_reviews).where(*mine)):
                reviews.setdefault((repository_id, row.number), []).append(_review(row))
    return [one.pull_request(reviews.get((one.repository_id, one.number), ())) for one in accounts]


def _reviews_of(transaction: Transaction, account: Account) -> list[Review]:
    mine = (
        _r.org_id == account.org_id,
        _r.repository_id == account.repository_id,
        _r.number == account.number,
    )
    return [_review(row) for row in transaction.execute(select(pull_request_reviews).where(*mine))]


def _is(account: Account) -> ColumnElement[bool]:
    return and_(
        _t.org_id == account.org_id,
        _t.repository_id == account.repository_id,
        _t.number == account.number,
    )


def _parts(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[at : at + _KEYS_A_STATEMENT] for at in range(0, len(values), _KEYS_A_STATEMENT))


def _to_row(account: Account) -> tuple[object, ...]:
    """Return the values of all columns, in their order."""
    updated_at = account.updated_at
    clocks = {name: fact.told_at for name, fact in account.facts.items() if fact.told_at != updated_at}
    values = {name: fact.value for name, fact in account.facts.items()}
    values |= {
        "org_id": account.org_id,
        "repository_id": account.repository_id,
        "number": account.number,
        "state": values["state"].value,
        "labels": _encode(values["labels"]).decode(),
        "drafted_at": account.drafted_at,
        "marked_ready_at": account.marked_ready_at,
        "updated_at": updated_at,
        "told_earlier": _encode(clocks).decode(),
    }
    return tuple(values[name] for name in _columns)


def _account(row: Row[tuple[object, ...]]) -> Account:
    clocks = _decode_clocks(row.told_earlier)
    values = {name: row._mapping[name] for name in FACTS}  # noqa: SLF001 — the documented way to columns by name.
    values |= {"state": PullRequestState(row.state), "labels": _decode_labels(row.labels)}
    return Account(
        org_id=row.org_id,
        repository_id=row.repository_id,
        number=row.number,
        facts={name: Dated(clocks.get(name, row.updated_at), value) for name, value in values.items()},
        drafted_at=row.drafted_at,
        marked_ready_at=row.marked_ready_at,
    )


def _review(row: Row[tuple[object, ...]]) -> Review:
    return Review(row.reviewer, row.reviewed_at, Opinion(row.opinion))
