"""What has been seen under a key: every statement that helps somebody to finish a query.

The lists that are looked at are short beside the facts. Not here: where in a query somebody is.
"""

from typing import Final

from sqlalchemy import Column, Table, func, select

from fairlead.domain.access import OrgId
from fairlead.store.engine import Transaction
from fairlead.store.tables import (
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
_TAGS: Final = {"deployments": deployment_kind_tags.c.tag, "failures": failure_tags.c.tag}


def values(
    transaction: Transaction, org_id: OrgId, noun: str, key: str, part: str, *, limit: int
) -> list[str]:
    """Return values that were seen under `key` and contain `part`, whatever its case, in their order."""
    column = _COLUMNS[noun].get(key)
    if column is not None:
        return _seen(transaction, org_id, column, part, limit)
    tags = _seen(transaction, org_id, _TAGS[noun], f"{key}:{part}", limit, starts=True)
    return [tag.partition(":")[2] for tag in tags]


def tag_keys(transaction: Transaction, org_id: OrgId, noun: str, limit: int) -> list[str]:
    """Return the keys of custom tags that were seen, in their order; of very many tags, of some."""
    tags = _seen(transaction, org_id, _TAGS[noun], "", limit)
    return sorted({tag.partition(":")[0] for tag in tags})


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
