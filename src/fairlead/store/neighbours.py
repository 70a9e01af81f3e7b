"""Neighbours: what stands right before or after deployments, looked up for many of them at once.

What follows from a flood of facts is worked out a hundred deployments at a time, and a statement for
each of them would cost several times what the engine needs. Not here: what a neighbour means
(`usecases`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.store import kinds, links, spoken
from fairlead.store.engine import Transaction
from fairlead.store.links import Key

_PLACES_A_STATEMENT: Final = 50
_KIND: Final = "deployments AS d", "id", "kind", ""
_KIND_WITH_GIT: Final = "deployments AS d", "id", "kind", " AND d.commit_sha <> ''"
_MARKS: Final = "deployment_marks AS d", "deployment_id", "mark", ""
_BY_KIND: Final = "deployments_by_kind"


def previous(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment with git before each of the same service, environment and repository."""
    return _like_each(transaction, ones, git=True, before=True)


def following(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment with git after each of the same service, environment and repository."""
    return _like_each(transaction, ones, git=True, before=False)


def before(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment right before each of the same service and environment."""
    return _like_each(transaction, ones, git=False, before=True)


def after(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment right after each of the same service and environment."""
    return _like_each(transaction, ones, git=False, before=False)


def marked(
    transaction: Transaction, org_id: OrgId, wanted: Collection[tuple[Deployed, int]], *, before: bool
) -> dict[tuple[str, int], str]:
    """Return the id of the deployment with a mark that comes closest before or after each of `wanted`.

    By the id of the one and the mark.
    """
    asked = list(wanted)
    found = _nearest(transaction, org_id, [(mark, one) for one, mark in asked], _MARKS, before=before)
    return {(asked[place][0].id, asked[place][1]): id for place, id in found.items()}


def _like_each(
    transaction: Transaction, ones: Iterable[Deployed], *, git: bool, before: bool
) -> dict[Key, Deployed]:
    """Return the closest of each, which is the closest of those that are closest in any of its kinds."""
    found: dict[Key, Deployed] = {}
    for org_id, group in groupby(sorted(ones, key=_owner), key=_owner):
        mine = list(group)
        alike = kinds.of_services(transaction, org_id, {one.service for one in mine}, by_repository=git)
        asked = [(kind, one) for one in mine for kind in alike.get(_tie(one, git=git), ())]
        ids = _nearest(transaction, org_id, asked, _KIND_WITH_GIT if git else _KIND, before=before)
        known = links.deployed_by_id(transaction, org_id, set(ids.values()))
        for place, id in ids.items():
            key = asked[place][1].key
            # On PostgreSQL somebody else may have deleted one meanwhile.
            candidates = [one for one in (found.get(key), known.get(id)) if one is not None]
            if candidates:
                found[key] = (max if before else min)(candidates, key=_order)
    return found


def _tie(one: Deployed, *, git: bool) -> tuple[str, ...]:
    return (one.service, one.env, one.repository_id) if git else (one.service, one.env)


def _order(one: Deployed) -> tuple[int, int, str]:
    return one.finished_at, one.started_at, one.id


def _nearest(
    transaction: Transaction,
    org_id: OrgId,
    asked: Sequence[tuple[int, Deployed]],
    source: tuple[str, str, str, str],
    *,
    before: bool,
) -> Mapping[int, str]:
    """Return the id that is found for each of `asked`, by its place there."""
    hint = "" if source is _MARKS else spoken.by_way_of(transaction, _BY_KIND)
    found: dict[int, str] = {}
    for start in range(0, len(asked), _PLACES_A_STATEMENT):
        part = asked[start : start + _PLACES_A_STATEMENT]
        told = [
            value
            for place, (tie, one) in enumerate(part, start)
            for value in (place, tie, one.finished_at, one.started_at, one.id)
        ]
        statement = _statement(source, hint, len(part), before=before)
        rows = spoken.rows(transaction, statement, (*told, org_id))
        found |= {row.place: row.found for row in rows if row.found is not None}
    return found


@cache
def _statement(source: tuple[str, str, str, str], hint: str, count: int, *, before: bool) -> str:
    """Return the statement for so many places; the organisation is its last parameter."""
    table, key, tie, condition = source
    told = "place", tie, "finished_at", "started_at", "id"
    sign, direction = ("<", " DESC") if before else (">", "")
    # The first condition follows from the second; said apart because it is what an index can begin with.
    here = f"d.finished_at {sign}= told.finished_at AND (d.finished_at, d.started_at, d.{key}) {sign}"
    order = ", ".join(f"d.{column}{direction}" for column in ("finished_at", "started_at", key))
    values = ", ".join([spoken.places(len(told))] * count)
    # Names of our own tables and columns only; what was sent travels as a parameter.
    return (
        f"WITH told ({', '.join(told)}) AS (VALUES {values}) SELECT place, ("  # noqa: S608 — as said above.
        f"SELECT d.{key} FROM {table}{hint} WHERE d.org_id = ? AND d.{tie} = told.{tie}{condition}"
        f" AND {here} (told.finished_at, told.started_at, told.id) ORDER BY {order} LIMIT 1"
        ") AS found FROM told"
    )


def _owner(one: Deployed) -> OrgId:
    return one.org_id
