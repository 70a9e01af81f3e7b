"""What deployments have in common, noted beside them for the sake of searches.

A kind is a combination of service, environment, team, source, repository and project. There are few of
them, each with few tags, and fewer versions than deployments, so a search asks these short lists
first which deployments are worth a look. Not here: that search (`narrowing.py`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Select, select

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import Deployment
from fairlead.search import words
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction, written_before
from fairlead.store.tables import deployment_kind_tags, deployment_kinds, deployment_versions

_KIND_BYTES = 8
_k = deployment_kinds.c
_kinds, _tags, _versions = (
    BulkInsert(table, [column.name for column in table.columns], replaces=False)
    for table in (deployment_kinds, deployment_kind_tags, deployment_versions)
)


def kind_of(fact: Deployment) -> int:
    """Return the number of the kind that a deployment belongs to."""
    texts = fact.service, fact.env, fact.team, fact.source, fact.repository_id
    return _kind(*texts, fact.project) if fact.project else _kind(*texts)


def note(transaction: Transaction, facts: Sequence[Deployment]) -> None:
    """Note the kinds, tags and versions of deployments that are written in the same transaction."""
    written = written_before(transaction)
    seen = {(fact.org_id, kind_of(fact), fact.tags): fact for fact in facts}
    fresh = {entry: fact for entry, fact in seen.items() if entry not in written}
    versions = {(fact.org_id, fact.version) for fact in facts}
    # Two writers that note the same entries take them in one order, or each waits for the other.
    if fresh:
        kinds = {(org_id, kind): fact for (org_id, kind, _), fact in fresh.items()}
        tags = {(org_id, tag, kind) for org_id, kind, tags in fresh for tag in tags}
        _kinds.run(transaction, sorted((*key, *_texts(fact)) for key, fact in kinds.items()))
        _tags.run(transaction, sorted(tags))
        written.add(fresh)
    _versions.run(transaction, sorted((*key, words.document(key[1:])) for key in versions))


def of_services(
    transaction: Transaction, org_id: OrgId, services: Iterable[str], *, by_repository: bool
) -> dict[tuple[str, ...], list[int]]:
    """Return the kinds of some services, by service and environment and, if wanted, by repository too."""
    where = f"org_id = ? AND service {spoken.ONE_OF}"
    statement = f"SELECT service, env, repository_id, kind FROM deployment_kinds WHERE {where}"  # noqa: S608 — our own names.
    found: dict[tuple[str, ...], list[int]] = {}
    for row in spoken.rows(transaction, statement, (org_id, spoken.listed(sorted(services)))):
        place = (row.service, row.env, row.repository_id) if by_repository else (row.service, row.env)
        found.setdefault(place, []).append(row.kind)
    return found


def any_of_services(org_id: OrgId, services: Iterable[str]) -> Select[tuple[int]]:
    """Return the statement for the kinds of some services."""
    return select(_k.kind).where(_k.org_id == org_id, _k.service.in_(list(services)))


def _texts(fact: Deployment) -> tuple[str, ...]:
    document = words.document((fact.service, fact.team, fact.env))
    return fact.service, fact.env, fact.team, fact.source, fact.repository_id, document, fact.project


@lru_cache(maxsize=4096)
def _kind(*texts: str) -> int:
    # No text holds a NUL, so no two combinations are written alike.
    digest = hashlib.blake2b("\0".join(texts).encode(), digest_size=_KIND_BYTES).digest()
    return int.from_bytes(digest, "big", signed=True)
