"""Finding a page fast: which way through the table is taken.

Newest first, and most searches are satisfied by recent rows, so those are tried first. What they
do not answer is sought by what is known about the rows in question: how many they are is counted,
up to a bound, instead of guessed. A page costs half a dozen statements at most, however many
rows there are. Not here: the statements (`walks.py`) and what is known (`narrowing.py`).
"""

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, lru_cache, partial
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Row, Select, and_, case, func, select, true

from fairlead.domain.access import OrgId
from fairlead.search.tree import Everything, leaves
from fairlead.store import narrowing, walks
from fairlead.store.engine import Transaction, engine_name
from fairlead.store.engine_plans import before_all, keep_to_indexes
from fairlead.store.narrowing import Narrowing, Page
from fairlead.store.pages import (
    DEPLOYMENTS,
    FAILURES,
    Asked,
    DeploymentsPage,
    FailuresPage,
    Noun,
    Question,
    window,
)

# Less than two milliseconds, and enough for what holds for one row in ten.
TRIED_FIRST: Final = 1_000
TRIED_FOR_EACH: Final = 4
TRIED_FURTHER: Final = 4
"""So many times as far, where the beginning lets expect the rest of the page there."""
# Each takes some 60 kB, and more the wider it is.
_MOST_KEPT: Final = 128
_WIDEST_KEPT: Final = 32
_STOP: Final = "stop"


class _Measured(Struct, frozen=True):
    """A narrowing, and how many rows it leaves."""

    narrowing: Narrowing
    count: int
    nearest: int | None
    """Of those that were tried first; None where that was not counted."""


def deployments_page(transaction: Transaction, org_id: OrgId, page: DeploymentsPage) -> Sequence[Row[Any]]:
    """Return the rows of one page of deployments."""
    return _found(transaction, org_id, DEPLOYMENTS, page)


def failures_page(transaction: Transaction, org_id: OrgId, page: FailuresPage) -> Sequence[Row[Any]]:
    """Return the rows of one page of failures."""
    return _found(transaction, org_id, FAILURES, page)


class _Prepared:
    """The statements of a search, put together when first wanted and kept for the next time.

    That takes as long as running them. One page differs from the next in its instants alone, which are
    values; several threads may put the same statement together, and either will do.
    """

    def __init__(self, question: Question) -> None:
        self.asked = Asked(**msgspec.structs.asdict(question))
        self._statements: dict[Hashable, Select[Any]] = {}

    @cached_property
    def narrowings(self) -> Sequence[Narrowing]:
        of_noun = narrowing.of_deployments if self.asked.noun is DEPLOYMENTS else narrowing.of_failures
        return of_noun(self.asked)

    def otherwise(self) -> Select[Any]:
        """Return the page by way of all rows."""
        is_of_deployments = self.asked.noun is DEPLOYMENTS
        return _any_deployments(self.asked) if is_of_deployments else walks.without_rows(self.asked)

    def statement(self, name: Hashable, make: Callable[[], Select[Any]]) -> Select[Any]:
        """Return the statement of that name, made if it is the first time."""
        known = self._statements.get(name)
        if known is None:
            known = self._statements[name] = make()
        return known


prepared: Final = lru_cache(_MOST_KEPT)(_Prepared)


class _Search:
    """One request for a page."""

    def __init__(self, transaction: Transaction, kept: _Prepared, values: dict[str, Any]) -> None:
        self.asked = kept.asked
        self.kept = kept
        self._transaction = transaction
        self._values = values

    def rows(self, name: Hashable, make: Callable[[], Select[Any]], **values: Any) -> Sequence[Row[Any]]:
        """Return what the statement of that name finds."""
        self._values |= values
        return self._transaction.execute(self.kept.statement(name, make), self._values).all()

    def walked(self, number: int) -> tuple[Sequence[Row[Any]], bool]:
        """Return which of the first `number` rows are sought, and whether there are others."""
        [*stop] = self.rows("nth", partial(walks.nth, self.asked), before=number - 1)
        if not stop:
            return self.rows("all in order", partial(walks.in_order, self.asked)), False
        walk = partial(walks.in_order, self.asked, up_to=_STOP)
        return self.rows("in order", walk, **walks.of_stop(_STOP, stop[0])), True


def _found(
    transaction: Transaction, org_id: OrgId, noun: Noun, page: DeploymentsPage | FailuresPage
) -> Sequence[Row[Any]]:
    low, high = window(noun, page)
    question = Question(
        engine=engine_name(transaction),
        org_id=org_id,
        noun=noun,
        **{name: getattr(page, name) for name in ("where", "sort", "descending", "limit")},
        low=None if low is None else "low",
        high=None if high is None else "high",
    )
    # What is wide takes room, and is not asked often.
    is_wide = sum(1 for _ in islice(leaves(page.where), _WIDEST_KEPT + 1)) > _WIDEST_KEPT
    kept = _Prepared(question) if is_wide else prepared(question)
    if kept.asked.is_for_nothing():
        return []
    keep_to_indexes(transaction)
    return _page(_Search(transaction, kept, {"low": low, "high": high}))


def _page(search: _Search) -> Sequence[Row[Any]]:
    asked = search.asked
    if not _can_be_walked(asked):
        return _sought(search, has_tried=False)
    if isinstance(asked.where, Everything):
        return search.rows("all in order", partial(walks.in_order, asked))
    tried = max(TRIED_FIRST, TRIED_FOR_EACH * asked.limit)
    rows, are_others = search.walked(tried)
    if not are_others or len(rows) == asked.limit:
        return rows
    if len(rows) >= _hopeful(asked, search.kept.narrowings):
        rows, are_others = search.walked(tried * TRIED_FURTHER)
        if not are_others or len(rows) == asked.limit:
            return rows
    return _sought(search, has_tried=True)


def _hopeful(asked: Asked, narrowings: Sequence[Narrowing]) -> int:
    """Return how many rows of those tried first promise that going on like that is best."""
    limit = asked.limit
    if not _is_only_way(narrowings):
        return max(1, limit // TRIED_FURTHER)
    if asked.sort == asked.noun.at:
        return limit
    # A kind's rows are in another order than this, and would all be sorted.
    return max(1, limit // TRIED_FURTHER // 2)


def _sought(search: _Search, *, has_tried: bool) -> Sequence[Row[Any]]:
    """Return the page by way of the best of the narrowings."""
    asked, narrowings = search.asked, search.kept.narrowings
    if _is_only_way(narrowings):
        # Nothing to choose from, so nothing is counted.
        page = narrowings[0].page_of_many
    else:
        measured = _measured(search, has_tried=has_tried and asked.sort == asked.noun.at)
        if any(one.count == 0 for one in measured):
            return []
        page = _of_few(measured) or _of_many(measured)
    page = page or search.kept.otherwise
    return search.rows(page, page)


def _is_only_way(narrowings: Sequence[Narrowing]) -> bool:
    """Tell whether there is one narrowing, and it is fast however many rows it leaves."""
    [*only] = (found for found in narrowings if found.page_of_many is not None and found.is_counted_fast)
    return len(narrowings) == len(only) == 1


def _can_be_walked(asked: Asked) -> bool:
    """Tell whether rows can be walked in the order of the page from its first one on.

    In another order than that of time the rows of a window are strewn over the whole table.
    """
    sort = asked.sort
    return sort in asked.noun.indexes and (sort == asked.noun.at or asked.is_for_ever())


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


def _measured(search: _Search, *, has_tried: bool) -> list[_Measured]:
    """Return how many rows each narrowing leaves, of the page's window and of the rows tried first.

    Counting stops where few ends.
    """
    asked, narrowings = search.asked, search.kept.narrowings
    fast = [one for one in narrowings if one.is_counted_fast]
    slow = [one for one in narrowings if not one.is_counted_fast]
    near = [one for one in (*fast, *slow) if one.page_of_many is not None]
    if not has_tried or len(near) == 1:
        near = []

    def count() -> Select[Any]:
        nearest = asked.until(f"{_STOP}_{asked.sort}")
        later = [one.rows(asked) for one in slow]
        later += [(one.rows_tried or one.rows)(nearest) for one in near]
        return _counts([one.rows(asked) for one in fast], later)

    if not narrowings:
        return []
    [counted] = search.rows(("counts", has_tried), count)
    numbers = iter(counted)
    of_all = {id(one): next(numbers) for one in (*fast, *slow)}
    of_near = {id(one): next(numbers) for one in near}
    return [_Measured(one, of_all[id(one)], of_near.get(id(one))) for one in narrowings]


def _counts(at_once: Sequence[Select[Any]], later: Sequence[Select[Any]]) -> Select[Any]:
    """Return one statement for how many rows each of these finds.

    Those for later find none where one of the others does: nobody wants to know then.
    """
    numbers = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in at_once]
    others = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in later]
    if not (numbers and others):
        return select(*numbers, *others)
    known = before_all(select(*(number.label(f"count_{at}") for at, number in enumerate(numbers))))
    wanted = and_(*(count > 0 for count in known.c))
    return select(*known.c, *(case((wanted, other), else_=0) for other in others))


def _any_deployments(asked: Asked) -> Select[Any]:
    """Return the page by way of the whole table."""
    if asked.sort in asked.noun.indexes:
        return walks.without_rows(asked)
    # Orders that every kind knows: each kind is walked by itself.
    return walks.of_groups(asked, walks.KINDS, true())
