"""Lists of pull requests: which of a project are in a window, and which of them are on a page.

By time a page is read off an index; by lead time all of the window's are put in order first, by the
engine. Only their keys are found here; whole pull requests are fetched for the page
(`insights_contents.py`).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, null, or_, select

from fairlead.domain.flags import DEFAULT_PROJECT
from fairlead.domain.insights import DEPLOYED, PullKey, PullPlace, PullsAsked, Territory
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, before_all, by_way_of, keep_to_indexes
from fairlead.store.tables import deployment_commits, deployment_kinds, pull_requests
from fairlead.store.territories import with_project

_p = pull_requests.c
_c = deployment_commits.c
_k = deployment_kinds.c
# As the index `pull_requests_by_end` has it.
_at = func.coalesce(_p.merged_at, _p.opened_at)


class PlacesOnPage(NamedTuple):
    """Which pull requests are on a page."""

    places: list[PullPlace]
    total: int
    """How many there are on all pages."""
    has_more: bool
    """Whether there are others beyond, in the direction that was gone in."""


def page(
    transaction: Transaction,
    asked: PullsAsked,
    *,
    after: PullPlace | None,
    before: PullPlace | None,
    limit: int,
) -> PlacesOnPage:
    """Return the first so many behind a place, or the last before one; without a lead time they come last.

    Whatever else is asked in this transaction is found row by row.
    """
    found = _places(transaction, asked, after=after, before=before, limit=limit + 1)
    has_more = len(found) > limit
    if has_more:
        found = found[1:] if before else found[:-1]
    is_all = after is None and before is None and not has_more
    total = len(found) if is_all else _count(transaction, asked)
    # Not before, because all of a long window are counted sooner in other ways.
    keep_to_indexes(transaction)
    return PlacesOnPage(found, total, has_more)


def _places(
    transaction: Transaction,
    asked: PullsAsked,
    *,
    after: PullPlace | None,
    before: PullPlace | None,
    limit: int,
) -> list[PullPlace]:
    by_lead = asked.by_lead_time
    lead = _lead_time(asked.territory) if by_lead else null()
    wanted = select(_p.repository_id, _p.number, _at.label("at"), lead.label("lead"))
    listed = _indexed(wanted.where(*_conditions(asked)))
    steps: list[_Step] = [(_at, True), (_p.repository_id, False), (_p.number, True)]
    if by_lead:
        # Finished before it is put in order, or SQLite works each lead time out several times.
        found = before_all(listed).c
        listed = select(found.repository_id, found.number, found.at, found.lead)
        steps = [(found.at, True), (found.repository_id, False), (found.number, True)]
        steps = [*_by_lead(found.lead, asked.descending), *steps]
    edge = after or before
    if edge is not None:
        listed = listed.where(_beyond(steps, _values(edge, by_lead=by_lead), forth=after is not None))
    is_back = edge is not None and after is None
    order = (column.desc() if falls is not is_back else column.asc() for column, falls in steps)
    rows = transaction.execute(listed.order_by(*order).limit(limit)).all()
    places = [_place(row) for row in rows]
    return places[::-1] if is_back else places


def _count(transaction: Transaction, asked: PullsAsked) -> int:
    wanted = _indexed(select(func.count()).select_from(pull_requests).where(*_conditions(asked)))
    return int(transaction.execute(wanted).scalar_one())


_Step = tuple[ColumnElement[Any], bool]
"""A column that a list is ordered by, and whether it falls."""


def _by_lead(lead: ColumnElement[int], falls: bool) -> list[_Step]:  # noqa: FBT001 — as `_Step` has it.
    return [(case((lead.is_(None), 1), else_=0), False), (func.coalesce(lead, 0), falls)]


def _values(place: PullPlace, *, by_lead: bool) -> Sequence[Any]:
    """Return what stands in the columns of an order at a place."""
    mine = place.at, place.key.repository_id, place.key.number
    return (int(place.lead_time_ns is None), place.lead_time_ns or 0, *mine) if by_lead else mine


def _beyond(steps: Sequence[_Step], values: Sequence[Any], *, forth: bool) -> ColumnElement[bool]:
    """Return whether a row comes after a place, or before it."""
    found: list[ColumnElement[bool]] = []
    for number, ((column, falls), value) in enumerate(zip(steps, values, strict=True)):
        same = [other == known for (other, _), known in zip(steps[:number], values[:number], strict=True)]
        found.append(and_(*same, column < value if falls is forth else column > value))
    (column, falls), first = steps[0], values[0]
    # Implied by the rest; said apart because it is where an index can begin.
    return and_(column <= first if falls is forth else column >= first, or_(*found))


def _place(row: Any) -> PullPlace:
    return PullPlace(key=PullKey(row.repository_id, row.number), at=row.at, lead_time_ns=row.lead)


def _indexed(statement: Select[Any]) -> Select[Any]:
    return by_way_of("pull_requests_by_end", pull_requests, statement)


def _conditions(asked: PullsAsked) -> list[ColumnElement[bool]]:
    territory = asked.territory
    found = [
        _p.org_id == territory.org_id,
        _at.between(asked.from_at, asked.until_at),
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


def _reached(territory: Territory) -> ColumnElement[bool]:
    return exists(_brought(territory, select(_c.deployment_id)))


def _lead_time(territory: Territory) -> ColumnElement[int]:
    return _brought(territory, select(func.max(_c.lead_time_ns)).where(_c.exclusion == "")).scalar_subquery()


def _brought(territory: Territory, wanted: Select[Any]) -> Select[Any]:
    """Return what is wanted of the commits that brought a pull request to a territory."""
    # By the kinds of the deployments, of which there are few, instead of each deployment.
    wanted = wanted.select_from(InThisOrder(deployment_commits, deployment_kinds)).where(
        _c.org_id == _p.org_id,
        _c.pull_request == _p.number,
        _k.org_id == _p.org_id,
        _k.kind == _c.kind,
        _k.repository_id == _p.repository_id,
    )
    if territory.env:
        wanted = wanted.where(_k.env == territory.env)
    if territory.applications:
        wanted = wanted.where(_k.service.in_(territory.applications))
    # SQLite would go through all commits of the organisation for each pull request.
    indexed = by_way_of("deployment_commits_by_pull_request", deployment_commits, wanted)
    return indexed.correlate(pull_requests)
