"""Finding a page fast: which way through the table is taken.

Newest first, and most searches are satisfied by recent rows, so those are tried first. What they
do not answer is sought by what is known about the rows in question: how many they are is counted,
up to a bound, instead of guessed. A page costs half a dozen statements at most, however many
rows there are. Not here: the statements (`walks.py`) and what is known (`narrowing.py`).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, true

from fairlead.domain.access import OrgId
from fairlead.search.tree import Everything
from fairlead.store import narrowing, walks
from fairlead.store.engine import Transaction, engine_name
from fairlead.store.engine_plans import keep_to_indexes
from fairlead.store.narrowing import Narrowing, Page
from fairlead.store.pages import DEPLOYMENTS, FAILURES, Asked, DeploymentsPage, FailuresPage
from fairlead.store.tables import deployment_kinds

# About two milliseconds, and enough for what holds for one row in forty.
TRIED_FIRST: Final = 4_000
TRIED_FOR_EACH: Final = 4


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
    stop: Row[Any] | None = None
    if _can_be_walked(asked):
        if isinstance(asked.page.where, Everything):
            return transaction.execute(walks.in_order(asked)).all()
        number = max(TRIED_FIRST, TRIED_FOR_EACH * asked.page.limit)
        stop = transaction.execute(walks.nth(asked, number)).first()
        rows = transaction.execute(walks.in_order(asked, stop=stop)).all()
        if stop is None or len(rows) == asked.page.limit:
            return rows
    narrowings = narrow(asked)
    counts = _counts(transaction, asked, narrowings)
    if 0 in counts:
        return []
    few = [pair for pair in zip(counts, narrowings, strict=True) if pair[0] <= pair[1].few]
    if few:
        page = min(few, key=lambda pair: pair[0])[1].page
    else:
        many = [found for found in narrowings if found.page_of_many is not None]
        page = _of_many(transaction, asked, stop, many) or partial(otherwise, asked)
    return transaction.execute(page()).all()


def _can_be_walked(asked: Asked) -> bool:
    """Tell whether rows can be walked in the order of the page from its first one on.

    In another order than that of time the rows of a window are strewn over the whole table.
    """
    sort = asked.page.sort
    return sort in asked.noun.indexes and (sort == asked.noun.at or asked.window() == (None, None))


def _of_many(
    transaction: Transaction, asked: Asked, stop: Row[Any] | None, narrowings: Sequence[Narrowing]
) -> Page | None:
    """Return the page of the narrowing that leaves fewest of the rows tried first; of equals the first."""
    comparable = [found for found in narrowings if found.is_counted_fast]
    if len(comparable) > 1 and stop is not None and asked.page.sort == asked.noun.at:
        counts = _counts(transaction, asked.until(stop[0]), comparable)
        return comparable[counts.index(min(counts))].page_of_many
    return narrowings[0].page_of_many if narrowings else None


def _counts(transaction: Transaction, asked: Asked, narrowings: Sequence[Narrowing]) -> Sequence[int]:
    """Return how many rows of the page's window each narrowing leaves; counting stops where few ends."""
    if not narrowings:
        return []
    rows = (found.rows(asked).subquery() for found in narrowings)
    counts = (select(func.count()).select_from(each).scalar_subquery() for each in rows)
    return tuple(transaction.execute(select(*counts)).one())


def _any_deployments(asked: Asked) -> Select[Any]:
    """Return the page by way of the whole table."""
    if asked.page.sort in asked.noun.indexes:
        return walks.without_rows(asked)
    # Orders that every kind knows: each kind is walked by itself.
    return walks.of_groups(asked, deployment_kinds, true())
