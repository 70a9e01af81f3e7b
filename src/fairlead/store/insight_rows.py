"""Rows behind charts and scores: deployments of a territory in a window, as narrow columns in order of time.

Not here: what they come to (`metrics`).
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Select, Text, and_, literal, select

from fairlead.domain.frames import pl
from fairlead.domain.insights import Territory
from fairlead.store.engine import Transaction, engine_name
from fairlead.store.engine_plans import by_way_of, keep_to_indexes, known, of_each
from fairlead.store.engine_sql import numbers_in
from fairlead.store.tables import deployment_commits, deployments, pull_requests
from fairlead.store.territories import kind_numbers

_rows = deployments.alias("asked")
_d = _rows.c
_c = deployment_commits.c
_p = pull_requests.c
_encode = msgspec.json.Encoder().encode

DEPLOYED: Final = {
    "id": str,
    "finished_at": int,
    "started_at": int,
    "service": str,
    "deployment_type": str,
    "change_failure": bool,
    "lead_time_ns": int,
}
_FIRSTS: Final = {"id": str, "opened_at": int, "merged_at": int}


def deployed(transaction: Transaction, territory: Territory, from_at: int, until_at: int) -> pl.DataFrame:
    """Return the deployments of a territory that ended in a window, both ends included, with `DEPLOYED`."""
    keep_to_indexes(transaction)
    columns = (
        _d.id,
        _d.finished_at,
        _d.started_at,
        _d.service,
        _d.deployment_type,
        _d.change_failure,
        _d.longest_lead_time_ns.label("lead_time_ns"),
    )
    rows = transaction.execute(_in_window(transaction, territory, from_at, until_at, select(*columns)))
    return _frame(rows, DEPLOYED).sort("finished_at", "id")


def firsts(transaction: Transaction, territory: Territory, from_at: int, until_at: int) -> pl.DataFrame:
    """Return when the pull requests of first commits were opened and merged, one row for a deployment."""
    keep_to_indexes(transaction)
    mine = _in_window(
        transaction,
        territory,
        from_at,
        until_at,
        select(_d.org_id, _d.id, _d.repository_id, _d.longest_lead_time_ns),
    )
    each = mine.where(_d.longest_lead_time_ns.is_not(None)).subquery("each")
    first = and_(
        _c.org_id == each.c.org_id,
        _c.deployment_id == each.c.id,
        _c.lead_time_ns == each.c.longest_lead_time_ns,
    )
    pull = and_(
        _p.org_id == each.c.org_id,
        _p.repository_id == each.c.repository_id,
        _p.number == _c.pull_request,
    )
    wanted = select(each.c.id, _p.opened_at, _p.merged_at)
    rows = transaction.execute(
        wanted.select_from(each.join(deployment_commits, first).join(pull_requests, pull))
    )
    return _frame(rows, _FIRSTS).sort("id", "opened_at").unique("id", keep="first", maintain_order=True)


def _in_window(
    transaction: Transaction, territory: Territory, from_at: int, until_at: int, wanted: Select[Any]
) -> Select[Any]:
    kinds = _encode(kind_numbers(transaction, territory)).decode()
    groups = numbers_in(literal(kinds, Text()))
    wanted = wanted.where(
        _d.org_id == territory.org_id,
        _d.kind == known(groups.c.value),
        _d.finished_at >= from_at,
        _d.finished_at <= until_at,
    )
    found = by_way_of("deployments_by_kind", _rows, wanted)
    return of_each(engine_name(transaction), groups, _rows, found)


def _frame(rows: Any, columns: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in rows], schema=columns, orient="row")
