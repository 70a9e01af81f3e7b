"""Failures: every statement that touches them.

Not here: when two reports are one failure (`domain.failures`), only where such a one is found.
"""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec
from sqlalchemy import Row, delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.failures import Failure, FailureId, same_failure_key
from fairlead.domain.measured import Noun
from fairlead.domain.searchable import failure_text
from fairlead.store import segments
from fairlead.store.engine import Transaction
from fairlead.store.finding import failures_page
from fairlead.store.holding import hold_facts
from fairlead.store.pages import SORTABLE_FAILURES, FailuresPage
from fairlead.store.segments import day_at
from fairlead.store.tables import failure_services, failure_tags, failures

_t = failures.c
_encode = msgspec.json.encode
_decode_texts = msgspec.json.Decoder(list[str]).decode

SORTABLE = SORTABLE_FAILURES
Page: TypeAlias = FailuresPage


def hold(transaction: Transaction, facts: Iterable[Failure]) -> None:
    """See to it that nobody else records these failures, or parts of them, until the transaction ends."""
    names = ((fact.org_id, name) for fact in facts for name in (fact.id, _key_text(fact)))
    hold_facts(transaction, "failure", names)


def put(transaction: Transaction, failure: Failure) -> None:
    """Record a failure; one whose id is known is replaced as a whole."""
    remove(transaction, failure.org_id, failure.id)
    transaction.execute(insert(failures).values(_to_row(failure)))
    entries = {"org_id": failure.org_id, "started_at": failure.started_at, "failure_id": failure.id}
    if failure.tags:
        transaction.execute(insert(failure_tags), [entries | {"tag": tag} for tag in failure.tags])
    if failure.services:
        services = [entries | {"service": service} for service in failure.services]
        transaction.execute(insert(failure_services), services)
    segments.mark(transaction, [day_at(failure.org_id, Noun.FAILURES, failure.started_at)])


def get(transaction: Transaction, org_id: OrgId, failure_id: str) -> Failure | None:
    """Return the failure of that id, or None."""
    wanted = select(failures).where(_t.org_id == org_id, _t.id == failure_id)
    row = transaction.execute(wanted).first()
    return None if row is None else _from_row(row)


def other_part(transaction: Transaction, failure: Failure) -> Failure | None:
    """Return the stored failure that shares environment, services and start with `failure`.

    Where several do, the one recorded last under an id that follows from its content, else the
    one recorded last.
    """
    wanted = (
        select(failures)
        .where(_t.org_id == failure.org_id, _t.same_failure_key == _key_text(failure))
        .order_by(_t.named_by_caller, _t.received_at.desc(), _t.id)
        .limit(1)
    )
    row = transaction.execute(wanted).first()
    return None if row is None else _from_row(row)


def find(transaction: Transaction, org_id: OrgId, page: Page) -> list[Failure]:
    """Return the failures of one page."""
    return [_from_row(row) for row in failures_page(transaction, org_id, page)]


def remove(transaction: Transaction, org_id: OrgId, failure_id: str) -> bool:
    """Delete a failure; False if there is none."""
    known = get(transaction, org_id, failure_id)
    if known is None:
        return False
    for entries in (failure_tags, failure_services):
        mine = entries.c.org_id == org_id, entries.c.started_at == known.started_at
        transaction.execute(delete(entries).where(*mine, entries.c.failure_id == failure_id))
    transaction.execute(delete(failures).where(_t.org_id == org_id, _t.id == failure_id))
    segments.mark(transaction, [day_at(org_id, Noun.FAILURES, known.started_at)])
    return True


def _key_text(failure: Failure) -> str:
    return _encode(same_failure_key(failure)).decode()


def _to_row(failure: Failure) -> dict[str, object]:
    return {
        "org_id": failure.org_id,
        "id": failure.id,
        "named_by_caller": failure.named_by_caller,
        "same_failure_key": _key_text(failure),
        "services": _encode(failure.services).decode(),
        "env": failure.env,
        "team": failure.team,
        "version": failure.version,
        "name": failure.name,
        "severity": failure.severity,
        "repository_id": failure.repository_id,
        "repository_url": failure.repository_url,
        "commit_sha": failure.commit_sha,
        "started_at": failure.started_at,
        "finished_at": failure.finished_at,
        "tags": _encode(failure.tags).decode(),
        "words": failure_text(failure),
        "source": failure.source,
        "received_at": failure.received_at,
        "fact": failure.fact,
    }


def _from_row(row: Row[tuple[object, ...]]) -> Failure:
    return Failure(
        org_id=row.org_id,
        id=FailureId(row.id),
        named_by_caller=row.named_by_caller,
        started_at=row.started_at,
        finished_at=row.finished_at,
        services=tuple(_decode_texts(row.services)),
        team=row.team,
        env=row.env,
        version=row.version,
        name=row.name,
        severity=row.severity,
        repository_id=row.repository_id,
        repository_url=row.repository_url,
        commit_sha=row.commit_sha,
        tags=tuple(_decode_texts(row.tags)),
        source=row.source,
        received_at=row.received_at,
        fact=row.fact,
    )
