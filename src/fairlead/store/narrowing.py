"""Ways to look at fewer rows than a walk through the whole table would.

A narrowing holds all rows that are sought and others beside them; its page asks the whole query of
each. Not here: what is known about rows without looking at them (`search_groups.py`,
`search_ids.py`), and which narrowing is taken (`finding.py`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, Table, literal, select, text

from fairlead.search.tree import And, Leaf, Node
from fairlead.store import search_groups, search_ids, walks
from fairlead.store.pages import Asked
from fairlead.store.search_fields import DEPLOYMENT_FIELDS, FAILURE_FIELDS, exact_tag
from fairlead.store.search_leaves import Condition
from fairlead.store.search_sql import is_always
from fairlead.store.tables import (
    EVENTFUL,
    deployment_kinds,
    deployment_tags,
    deployment_versions,
    deployments,
    failure_tags,
)

# Rows that are fetched one by one and sorted in about ten milliseconds.
FEW: Final = 3_000
# The same for rows that lie side by side.
FEW_TOGETHER: Final = 20_000
# Every narrowing is measured, which takes its time too.
_MOST_BY_IDS: Final = 8

Statement: TypeAlias = Select[Any]
Page: TypeAlias = Callable[[], Statement]
"""What makes the statement for a page."""
_OfMany: TypeAlias = Callable[[Asked, Node], Page | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Some rows among which all that are sought can be found."""

    rows: Callable[[Asked], Statement]
    """One row for each of them, to be counted; no more than one beyond few."""
    few: int
    """How many of them may be looked at one by one."""
    page: Page
    """Fast when they are few."""
    page_of_many: Page | None = None
    """Fast however many they are; None where walking the table is no worse."""
    is_counted_fast: bool = True
    """Whether even finding none takes no time."""


def of_deployments(asked: Asked) -> list[Narrowing]:
    """Return the narrowings of a page of deployments."""
    kinds = search_groups.kinds(asked.org_id, asked.page.where)
    versions = search_groups.versions(asked.org_id, asked.page.where)
    clauses = [clause for clause in _clauses(asked) if not search_groups.knows(clause)]
    return [
        # Of equals the first is taken: entries are read in the order of the page, kinds one after another.
        *_by_ids(asked, clauses, search_ids.of_deployment, partial(_many_deployments, kinds)),
        *_by_groups(asked, deployment_kinds, kinds),
        *_by_groups(asked, deployment_versions, versions),
        *_by_time(asked, partial(walks.of_groups, asked, deployment_kinds, kinds)),
    ]


def of_failures(asked: Asked) -> list[Narrowing]:
    """Return the narrowings of a page of failures."""
    return [
        *_by_ids(asked, _clauses(asked), search_ids.of_failure, _many_failures),
        *_by_time(asked, partial(walks.of_time, asked)),
    ]


def _by_groups(asked: Asked, groups: Table, chosen: Condition) -> Iterator[Narrowing]:
    """Yield the narrowing to the rows of the chosen groups, unless that may be all of them."""
    if is_always(chosen):
        return
    page = partial(walks.of_groups, asked, groups, chosen)
    yield Narrowing(
        rows=partial(walks.some_of_groups, groups=groups, chosen=chosen, limit=FEW + 1),
        few=FEW,
        page=page,
        page_of_many=page,
        # Versions may be as many as deployments.
        is_counted_fast=groups is not deployment_versions,
    )


def _by_ids(
    asked: Asked, clauses: Iterable[Node], of_leaf: search_ids.OfLeaf, of_many: _OfMany
) -> Iterator[Narrowing]:
    """Yield the narrowing to the rows that an index knows, for each clause where one does."""
    known = ((clause, search_ids.ids(clause, of_leaf)) for clause in clauses)
    told = ((clause, find) for clause, find in known if find is not None)
    for clause, find in islice(told, _MOST_BY_IDS):
        yield Narrowing(
            rows=partial(_some_of_ids, find),
            few=FEW,
            page=partial(_page_of_ids, asked, find),
            page_of_many=of_many(asked, clause) if asked.page.sort == asked.noun.at else None,
        )


def _some_of_ids(find: search_ids.Finding, asked: Asked) -> Statement:
    if find.in_rows is not None:
        # Counted without a look at the rows.
        return find.in_rows(asked).with_only_columns(literal(1).label("one")).limit(FEW + 1)
    return select(find.statement(asked).subquery("known").c.id).limit(FEW + 1)


def _page_of_ids(asked: Asked, find: search_ids.Finding) -> Statement:
    if find.in_rows is not None:
        return walks.of_index(asked, find.in_rows(asked))
    few = select(find.statement(asked).subquery("known").c.id).distinct().limit(FEW)
    return walks.of_ids(asked, few.subquery("few"))


def _by_time(asked: Asked, page: Page) -> Iterator[Narrowing]:
    """Yield the narrowing to the page's window, unless its rows are walked in order of time anyway."""
    if asked.page.sort == asked.noun.at or asked.window() == (None, None):
        return
    rows = partial(walks.some_of_time, limit=FEW_TOGETHER + 1)
    yield Narrowing(rows=rows, few=FEW_TOGETHER, page=page)


def _many_deployments(kinds: Condition, asked: Asked, clause: Node) -> Page | None:
    """Return a walk through the deployments with a tag, or through those of which something became."""
    if not isinstance(clause, Leaf):
        return None
    tag = exact_tag(clause, DEPLOYMENT_FIELDS)
    if tag is not None:
        return partial(walks.of_entries, asked, deployment_tags, tag)
    if search_ids.is_eventful(clause):
        return partial(walks.of_part, asked, "deployments_eventful", _eventful_of(asked, kinds))
    return None


def _eventful_of(asked: Asked, kinds: Condition) -> list[walks.Part]:
    """Return what the index of the deployments of which something became knows of those that are sought."""
    eventful = text(f"({EVENTFUL})")
    if is_always(kinds):
        return [eventful]
    c = deployment_kinds.c
    chosen = select(c.kind).where(c.org_id == asked.org_id, kinds)
    # As a truth value it is a list looked up in, and nothing that PostgreSQL could join with.
    return [eventful, deployments.c.kind.in_(chosen).is_(True)]


def _many_failures(asked: Asked, clause: Node) -> Page | None:
    """Return a walk through the failures with a tag."""
    tag = exact_tag(clause, FAILURE_FIELDS) if isinstance(clause, Leaf) else None
    return None if tag is None else partial(walks.of_entries, asked, failure_tags, tag)


def _clauses(asked: Asked) -> tuple[Node, ...]:
    """Return the clauses that have to hold, all of them."""
    where = asked.page.where
    return where.clauses if isinstance(where, And) else (where,)
