"""What has been seen under a key: every statement that helps somebody to finish a query.

The lists that are looked at are short beside the facts, save for what deployments brought; of that an
index is read where it begins as asked. Not here: where in a query somebody is.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from sqlalchemy import Column, Table, func, select

from fairlead.domain.access import OrgId
from fairlead.search.pattern import ANY, Pattern
from fairlead.search.tree import Matches
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import by_way_of
from fairlead.store.search_leaves import reach
from fairlead.store.tables import (
    deployment_commits,
    deployment_kind_tags,
    deployment_kinds,
    deployment_versions,
    failure_services,
    failure_tags,
    failures,
)

_KIND_COLUMNS: Final = {
    "service": deployment_kinds.c.service,
    "env": deployment_kinds.c.env,
    "team": deployment_kinds.c.team,
    "source": deployment_kinds.c.source,
    "repository_id": deployment_kinds.c.repository_id,
    "git.repository_id": deployment_kinds.c.repository_id,
    "version": deployment_versions.c.version,
    "tags": deployment_kind_tags.c.tag,
}
_FAILURE_COLUMNS: Final = {
    "service": failure_services.c.service,
    "services": failure_services.c.service,
    "env": failures.c.env,
    "team": failures.c.team,
    "severity": failures.c.severity,
    "version": failures.c.version,
    "source": failures.c.source,
    "tags": failure_tags.c.tag,
}
_COLUMNS: Final = {"deployments": _KIND_COLUMNS, "failures": _FAILURE_COLUMNS}
_c: Final = deployment_commits.c
_MOST_DIGITS: Final = 9
_TAGS: Final = {"deployments": deployment_kind_tags.c.tag, "failures": failure_tags.c.tag}

MANY: Final = 200
"""Of a tag's values: more than anybody would look at side by side."""
_MOST_KEYS: Final = 100


def values(
    transaction: Transaction, org_id: OrgId, noun: str, key: str, part: str, *, limit: int
) -> list[str]:
    """Return values that were seen under `key` and contain `part`, whatever its case, in their order.

    Commits and pull requests of deployments begin with it; of pull requests the latest come first.
    """
    if noun == "deployments" and key in ("commits", "commits.sha"):
        return _commits(transaction, org_id, part.lower(), limit)
    if noun == "deployments" and key in ("pull_requests", "pull_requests.number"):
        return _pull_requests(transaction, org_id, part, limit)
    column = _COLUMNS[noun].get(key)
    if column is not None:
        return _seen(transaction, org_id, column, part, limit)
    tags = _seen(transaction, org_id, _TAGS[noun], f"{key}:{part}", limit, starts=True)
    return [tag.partition(":")[2] for tag in tags]


def _commits(transaction: Transaction, org_id: OrgId, start: str, limit: int) -> list[str]:
    within = reach(_c.sha, Matches("commits", Pattern((start, ANY)))) if start else []
    wanted = select(_c.sha).where(_c.org_id == org_id, _c.exclusion == "", *within)
    wanted = by_way_of("deployment_commits_by_sha", deployment_commits, wanted.distinct().order_by(_c.sha))
    return list(transaction.execute(wanted.limit(limit)).scalars())


def _pull_requests(transaction: Transaction, org_id: OrgId, start: str, limit: int) -> list[str]:
    found: list[str] = []
    for low, high in _beginning_with(start):
        mine = _c.org_id == org_id, _c.exclusion == "", _c.pull_request >= low, _c.pull_request < high
        wanted = select(_c.pull_request).where(*mine).distinct().order_by(_c.pull_request.desc())
        wanted = by_way_of("deployment_commits_by_pull_request", deployment_commits, wanted)
        found += map(str, transaction.execute(wanted.limit(limit - len(found))).scalars())
        if len(found) == limit:
            break
    return found


def _beginning_with(start: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of numbers whose digits begin so, each without its end."""
    if not start:
        yield 1, 10**_MOST_DIGITS
    elif start.isascii() and start.isdigit() and start[0] != "0":
        for more in range(_MOST_DIGITS - len(start) + 1):
            yield int(start) * 10**more, (int(start) + 1) * 10**more


def tag_keys(transaction: Transaction, org_id: OrgId, noun: str) -> dict[str, int]:
    """Return the keys of custom tags that were seen, in their order, and how many values each has.

    From `MANY` on nobody counts. Of very many keys it is the first ones.
    """
    column = _TAGS[noun]
    wanted = select(column).where(column.table.c.org_id == org_id).distinct().order_by(column).limit(MANY)
    found: dict[str, int] = {}
    start = ""
    while len(found) < _MOST_KEYS:
        tags = list(transaction.execute(wanted.where(column >= start)).scalars())
        for tag in tags:
            found[_key(tag)] = found.get(_key(tag), 0) + 1
        if len(tags) < MANY:
            break
        last = _key(tags[-1])
        run = sum(1 for _ in takewhile(lambda tag: _key(tag) == last, reversed(tags)))  # noqa: B023 — used at once
        if run == MANY:
            start = f"{last};"  # What comes right after a colon: whatever else the key has is passed over.
        else:
            # There may be more of the last key, so it is counted anew from its beginning.
            found[last] -= run
            start = tags[-run]
    return found


def _key(tag: str) -> str:
    return tag.partition(":")[0]


def _seen(
    transaction: Transaction,
    org_id: OrgId,
    column: Column[str],
    part: str,
    limit: int,
    *,
    starts: bool = False,
) -> list[str]:
    table = column.table
    assert isinstance(table, Table)  # noqa: S101 — the columns above are those of tables.
    wanted = select(column).where(table.c.org_id == org_id, column != "").distinct().order_by(column)
    if part:
        lower = func.lower(column)
        pattern = part.lower()
        found = (
            lower.startswith(pattern, autoescape=True) if starts else lower.contains(pattern, autoescape=True)
        )
        wanted = wanted.where(found)
    return list(transaction.execute(wanted.limit(limit)).scalars())
