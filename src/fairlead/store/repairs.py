"""Repairs: which deployment repairs which, as it was worked out; and what rules look at.

A cache that can be thrown away. Not here: working it out (`metrics.change_failures`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, delete, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.domain.repairs import PullRequestTraits, Repair, RepairKind, Traits
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import commits, deployment_commits, deployment_repairs, pull_requests

_r = deployment_repairs.c
_l = deployment_commits.c
_p = pull_requests.c
_c = commits.c
_rows = BulkInsert(deployment_repairs, [column.name for column in deployment_repairs.columns], replaces=True)
_decode_labels = msgspec.json.Decoder(tuple[str, ...]).decode
_IDS_A_STATEMENT = 400
_T = TypeVar("_T")


def put(transaction: Transaction, org_id: OrgId, deployment_id: str, repairs: Iterable[Repair]) -> None:
    """Replace what a deployment was said to repair."""
    mine = _r.org_id == org_id, _r.deployment_id == deployment_id
    transaction.execute(delete(deployment_repairs).where(*mine))
    _rows.run(transaction, [_to_row(org_id, one) for one in repairs])


def forget(transaction: Transaction, org_id: OrgId, deployment_id: str) -> None:
    """Remove every repair that a deployment is one end of."""
    mine = or_(_r.deployment_id == deployment_id, _r.failed_id == deployment_id)
    transaction.execute(delete(deployment_repairs).where(_r.org_id == org_id, mine))


def by(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> dict[str, list[Repair]]:
    """Return what each of those deployments repairs; those that repair nothing are left out."""
    found: dict[str, list[Repair]] = {}
    for part in _parts(sorted(ids)):
        mine = _r.org_id == org_id, _r.deployment_id.in_(part)
        for row in transaction.execute(select(deployment_repairs).where(*mine).order_by(_r.failed_id)):
            found.setdefault(row.deployment_id, []).append(_from_row(row))
    return found


def of(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> dict[str, list[Repair]]:
    """Return by what each of those deployments is repaired; those that nothing repairs are left out."""
    found: dict[str, list[Repair]] = {}
    for part in _parts(sorted(ids)):
        mine = _r.org_id == org_id, _r.failed_id.in_(part)
        for row in transaction.execute(select(deployment_repairs).where(*mine).order_by(_r.deployment_id)):
            found.setdefault(row.failed_id, []).append(_from_row(row))
    return found


def touching(transaction: Transaction, org_id: OrgId, deployment_id: str) -> set[str]:
    """Return the other ends of all repairs that a deployment is one end of."""
    mine = or_(_r.deployment_id == deployment_id, _r.failed_id == deployment_id)
    rows = transaction.execute(select(_r.deployment_id, _r.failed_id).where(_r.org_id == org_id, mine))
    return {id for row in rows for id in row} - {deployment_id}


def traits_of_each(
    transaction: Transaction, org_id: OrgId, ones: Sequence[Deployed], *, with_messages: bool
) -> Mapping[str, Traits]:
    """Return deployments of one organisation as rules see them, by id."""
    with_git = [one for one in ones if one.commit_sha]
    theirs = _pull_requests(transaction, org_id, with_git)
    messages = _messages(transaction, org_id, with_git) if with_messages else {}
    return {
        one.id: Traits(
            version=one.version,
            repository_id=one.repository_id,
            pull_requests=tuple(theirs.get(one.id, ())),
            messages=tuple(messages.get(one.id, ())),
        )
        for one in ones
    }


def _pull_requests(
    transaction: Transaction, org_id: OrgId, ones: Sequence[Deployed]
) -> dict[str, list[PullRequestTraits]]:
    numbers: dict[str, list[int]] = {}
    for part in _parts([one.id for one in ones]):
        mine = (
            _l.org_id == org_id,
            _l.deployment_id.in_(part),
            _l.exclusion == "",
            _l.pull_request.is_not(None),
        )
        wanted = select(_l.deployment_id, _l.pull_request).where(*mine).distinct().order_by(_l.pull_request)
        for row in transaction.execute(wanted):
            numbers.setdefault(row.deployment_id, []).append(row.pull_request)
    repository = {one.id: one.repository_id for one in ones}
    known = _known_pull_requests(
        transaction, org_id, {(repository[id], number) for id, theirs in numbers.items() for number in theirs}
    )
    keys = {id: [(repository[id], number) for number in theirs] for id, theirs in numbers.items()}
    return {id: [known[key] for key in theirs if key in known] for id, theirs in keys.items()}


def _known_pull_requests(
    transaction: Transaction, org_id: OrgId, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], PullRequestTraits]:
    columns = _p.repository_id, _p.number, _p.title, _p.labels, _p.head_branch
    found: dict[tuple[str, int], PullRequestTraits] = {}
    for repository_id in sorted({repository_id for repository_id, _ in wanted}):
        for part in _parts(sorted(number for theirs, number in wanted if theirs == repository_id)):
            mine = _p.org_id == org_id, _p.repository_id == repository_id, _p.number.in_(part)
            for row in transaction.execute(select(*columns).where(*mine)):
                found[repository_id, row.number] = PullRequestTraits(
                    number=row.number,
                    title=row.title,
                    labels=_decode_labels(row.labels),
                    branch=row.head_branch,
                )
    return found


def _messages(transaction: Transaction, org_id: OrgId, ones: Sequence[Deployed]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for repository_id in sorted({one.repository_id for one in ones}):
        for part in _parts([one.id for one in ones if one.repository_id == repository_id]):
            both = deployment_commits.join(commits, (_c.org_id == _l.org_id) & (_c.sha == _l.sha))
            wanted = (
                select(_l.deployment_id, _c.subject)
                .select_from(both)
                .where(_l.org_id == org_id, _l.deployment_id.in_(part), _l.exclusion == "")
                .where(_c.org_id == org_id, _c.repository_id == repository_id)
                .order_by(_l.deployment_id, _l.position)
            )
            for row in transaction.execute(wanted):
                found.setdefault(row.deployment_id, []).append(row.subject)
    return found


def _to_row(org_id: OrgId, one: Repair) -> tuple[object, ...]:
    return org_id, one.deployment_id, one.failed_id, one.kind.value, one.rule, one.value


def _from_row(row: Row[Any]) -> Repair:
    return Repair(
        deployment_id=row.deployment_id,
        failed_id=row.failed_id,
        kind=RepairKind(row.kind),
        rule=row.rule,
        value=row.value,
    )


def _parts(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[at : at + _IDS_A_STATEMENT] for at in range(0, len(values), _IDS_A_STATEMENT))
