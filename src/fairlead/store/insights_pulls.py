"""Lists of pull requests: which of a project are in a window, and in which order.

The keys of all that are asked for come with one statement, because their number is part of the answer;
whole pull requests are fetched for one page (`insights_contents.py`).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from fairlead.domain.flags import DEFAULT_PROJECT
from fairlead.domain.insights import DEPLOYED, PullKey, PullsAsked, Territory
from fairlead.store.engine import Transaction
from fairlead.store.tables import deployment_commits, deployments, pull_requests
from fairlead.store.territories import with_project

_p = pull_requests.c
_c = deployment_commits.c
_d = deployments.c
_at = func.coalesce(_p.merged_at, _p.opened_at)


def keys(transaction: Transaction, asked: PullsAsked) -> list[PullKey]:
    """Return the keys of all that are asked for, in order; without a lead time they come last."""
    lead = _lead_time(asked.territory)
    wanted = select(_p.repository_id, _p.number, _at.label("at"))
    if asked.by_lead_time:
        wanted = wanted.add_columns(lead.label("lead"))
    rows = transaction.execute(wanted.where(*_conditions(asked))).all()
    return [PullKey(row.repository_id, row.number) for row in sorted(rows, key=_place(asked))]


def _place(asked: PullsAsked) -> Any:
    sign = -1 if asked.descending else 1

    def place(row: Any) -> tuple[Any, ...]:
        at = (-row.at, row.repository_id, -row.number)
        if asked.by_lead_time:
            return row.lead is None, sign * (row.lead or 0), *at
        return at

    return place


def _conditions(asked: PullsAsked) -> list[ColumnElement[bool]]:
    territory = asked.territory
    found = [
        _p.org_id == territory.org_id,
        # Each half can be found by the index of merges.
        or_(
            _p.merged_at.between(asked.from_at, asked.until_at),
            and_(_p.merged_at.is_(None), _p.opened_at.between(asked.from_at, asked.until_at)),
        ),
        with_project(
            _p.repository_id,
            territory.org_id,
            territory.project_key,
            is_default=territory.project_key == DEFAULT_PROJECT,
        ),
    ]
    if asked.status == DEPLOYED or territory.applications:
        found.append(_reached(territory))
    if asked.status and asked.status != DEPLOYED:
        found.append(_p.state == asked.status)
    if asked.text:
        told = func.lower(_p.title), func.lower(_p.author)
        found.append(or_(*(one.contains(asked.text.lower(), autoescape=True) for one in told)))
    return found


def _mine(territory: Territory) -> list[ColumnElement[bool]]:
    """Return what ties a commit of a deployment in a territory to a pull request."""
    found = [
        _c.org_id == _p.org_id,
        _c.pull_request == _p.number,
        _d.org_id == _c.org_id,
        _d.id == _c.deployment_id,
        _d.repository_id == _p.repository_id,
    ]
    if territory.env:
        found.append(_d.env == territory.env)
    if territory.applications:
        found.append(_d.service.in_(territory.applications))
    return found


def _reached(territory: Territory) -> ColumnElement[bool]:
    return exists(select(_c.sha).where(*_mine(territory)).correlate(pull_requests))


def _lead_time(territory: Territory) -> ColumnElement[int]:
    longest = select(func.max(_c.lead_time_ns)).where(*_mine(territory), _c.exclusion == "")
    return longest.correlate(pull_requests).scalar_subquery()
