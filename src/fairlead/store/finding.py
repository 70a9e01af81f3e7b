"""Finding a page fast: which way through the table is taken.

Newest first, and most searches are satisfied by recent rows, so those are tried first. What they
do not answer is sought by what is known about the rows in question: how many they are is counted,
up to a bound, instead of guessed. A page costs half a dozen statements at most, however many
rows there are. Not here: the statements (`walks.py`) and what is known (`narrowing.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, Select, and_, case, func, select, true

from fairlead.domain.access import OrgId
from fairlead.search.tree import Everything
from fairlead.store import narrowing, walks
from fairlead.store.engine import Transaction, engine_name
from fairlead.store.engine_plans import before_all, keep_to_indexes
from fairlead.store.narrowing import Narrowing, Page
from fairlead.store.pages import DEPLOYMENTS, FAILURES, Asked, DeploymentsPage, FailuresPage

# Less than two milliseconds, and enough for what holds for one row in ten.
TRIED_FIRST: Final = 1_000
TRIED_FOR_EACH: Final = 4
TRIED_FURTHER: Final = 4
"""So many times as far, where the beginning lets expect the rest of the page there."""


class _Measured(Struct, frozen=True):
    """A narrowing, and how many rows it leaves."""

    narrowing: Narrowing
    count: int
    nearest: int | None
    """Of those that were tried first; None where that was not counted."""


def deployments_page(transaction: Transaction, org_id: OrgId, page: DeploymentsPage) -> Sequence[Row[Any]]:
    """Return the rows of one page of deployments."""
    asked = Asked(engine=engine_name(transaction), org_id=org_id, noun=DEPLOYMENTS, page=page)
    return _found(transaction, asked, narrowing.of_deployments, _any_deployments)


def failures_page(transaction: Transaction, org_id: OrgId, page: FailuresPage) -> Sequence[Row[Any]]:
    """Return the rows of one page of failures."""
    asked = Asked(engine=engine_name(transaction), org_id=org_id, noun=FAILURES, page=page)
    return _found(transaction, asked, narrowing.of_failures, walks.without_rows)


def _found(
    transaction: Transaction,
    asked: Asked,
    narrow: Callable[[Asked], list[Narrowing]],
    otherwise: Callable[[Asked], Select[Any]],
) -> Sequence[Row[Any]]:
    if asked.is_for_nothing():
        return []
    keep_to_indexes(transaction)
    if not _can_be_walked(asked):
        return _sought(transaction, asked, narrow(asked), otherwise, stop=None)
    if isinstance(asked.page.where, Everything):
        return transaction.execute(walks.in_order(asked)).all()
    tried = max(TRIED_FIRST, TRIED_FOR_EACH * asked.page.limit)
    rows, stop = _walked(transaction, asked, tried)
    if stop is None or len(rows) == asked.page.limit:
        return rows
    narrowings = narrow(asked)
    if len(rows) >= _hopeful(asked, narrowings):
        rows, stop = _walked(transaction, asked, tried * TRIED_FURTHER)
        if stop is None or len(rows) == asked.page.limit:
            return rows
    return _sought(transaction, asked, narrowings, otherwise, stop=stop)


def _hopeful(asked: Asked, narrowings: Sequence[Narrowing]) -> int:
    """Return how many rows of those tried first promise that going on like that is best."""
    limit = asked.page.limit
    if not _is_only_way(narrowings):
        return max(1, limit // TRIED_FURTHER)
    if asked.page.sort == asked.noun.at:
        return limit
    # A kind's rows are in another order than this, and would all be sorted.
    return max(1, limit // TRIED_FURTHER // 2)


def _walked(
    transaction: Transaction, asked: Asked, number: int
) -> tuple[Sequence[Row[Any]], Row[Any] | None]:
    """Return which of the first `number` rows are sought, and the last of these, None if that is all."""
    stop = transaction.execute(walks.nth(asked, number)).first()
    return transaction.execute(walks.in_order(asked, stop=stop)).all(), stop


def _sought(
    transaction: Transaction,
    asked: Asked,
    narrowings: Sequence[Narrowing],
    otherwise: Callable[[Asked], Select[Any]],
    *,
    stop: Row[Any] | None,
) -> Sequence[Row[Any]]:
    """Return the page by way of the best of the narrowings; `stop` is the last row that was tried."""
    if _is_only_way(narrowings):
        # Nothing to choose from, so nothing is counted.
        page = narrowings[0].page_of_many
    else:
        nearest = None if stop is None or asked.page.sort != asked.noun.at else asked.until(stop[0])
        measured = _measured(transaction, asked, nearest, narrowings)
        if any(one.count == 0 for one in measured):
            return []
        page = _of_few(measured) or _of_many(measured)
    return transaction.execute(otherwise(asked) if page is None else page()).all()


def _is_only_way(narrowings: Sequence[Narrowing]) -> bool:
    """Tell whether there is one narrowing, and it is fast however many rows it leaves."""
    [*only] = (found for found in narrowings if found.page_of_many is not None and found.is_counted_fast)
    return len(narrowings) == len(only) == 1


def _can_be_walked(asked: Asked) -> bool:
    """Tell whether rows can be walked in the order of the page from its first one on.

    In another order than that of time the rows of a window are strewn over the whole table.
    """
    sort = asked.page.sort
    return sort in asked.noun.indexes and (sort == asked.noun.at or asked.window() == (None, None))


def _of_few(measured: Sequence[_Measured]) -> Page | None:
    """Return the page of the narrowing that leaves fewest rows, if these may be looked at one by one."""
    few = [one for one in measured if one.count <= one.narrowing.few]
    return min(few, key=lambda one: one.count).narrowing.page if few else None


def _of_many(measured: Sequence[_Measured]) -> Page | None:
    """Return the page of the narrowing that leaves fewest of the rows tried first; of equals the first."""
    many = [one for one in measured if one.narrowing.page_of_many is not None]
    comparable = [one for one in many if one.nearest is not None]
    if len(comparable) > 1:
        return min(comparable, key=lambda one: one.nearest or 0).narrowing.page_of_many
    return many[0].narrowing.page_of_many if many else None


def _measured(
    transaction: Transaction, asked: Asked, nearest: Asked | None, narrowings: Sequence[Narrowing]
) -> list[_Measured]:
    """Return how many rows each narrowing leaves, of the page's window and of the rows tried first.

    Counting stops where few ends.
    """
    fast = [one for one in narrowings if one.is_counted_fast]
    slow = [one for one in narrowings if not one.is_counted_fast]
    near = [one for one in (*fast, *slow) if one.page_of_many is not None]
    if nearest is None or len(near) == 1:
        near = []
    at_once = [one.rows(asked) for one in fast]
    later = [one.rows(asked) for one in slow]
    later += [(one.rows_tried or one.rows)(nearest or asked) for one in near]
    numbers = iter(_counts(transaction, at_once, later))
    of_all = {id(one): next(numbers) for one in (*fast, *slow)}
    of_near = {id(one): next(numbers) for one in near}
    return [_Measured(one, of_all[id(one)], of_near.get(id(one))) for one in narrowings]


def _counts(
    transaction: Transaction, at_once: Sequence[Select[Any]], later: Sequence[Select[Any]]
) -> Sequence[int]:
    """Return how many rows each statement finds, all by one statement.

    Those for later find none where one of the others does: nobody wants to know then.
    """
    numbers = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in at_once]
    others = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in later]
    if not (numbers and others):
        return transaction.execute(select(*numbers, *others)).one() if numbers or others else ()
    known = before_all(select(*(number.label(f"count_{at}") for at, number in enumerate(numbers))))
    wanted = and_(*(count > 0 for count in known.c))
    return transaction.execute(select(*known.c, *(case((wanted, other), else_=0) for other in others))).one()


def _any_deployments(asked: Asked) -> Select[Any]:
    """Return the page by way of the whole table."""
    if asked.page.sort in asked.noun.indexes:
        return walks.without_rows(asked)
    # Orders that every kind knows: each kind is walked by itself.
    return walks.of_groups(asked, walks.KINDS, true())
