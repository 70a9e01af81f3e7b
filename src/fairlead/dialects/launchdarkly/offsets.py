"""Pages of lists that are counted by offset, and the `filter` and `sort` they share.

Not here: lists with cursors.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.errors import Rejected

FARTHEST = 1_000_000
_FILTER = re.compile(r"(?P<name>[A-Za-z][A-Za-z.]*):(?P<value>\{[^}]*\}|[^,]*)(?:,|$)")
_T = TypeVar("_T")


class Page(Struct, frozen=True):
    """A part of a list."""

    offset: int
    limit: int | None
    """None: all the rest."""

    def of(self, found: Sequence[_T]) -> Sequence[_T]:
        """Return the part of `found` that is on this page."""
        return found[self.offset :][: self.limit]


def page(asked: Asked, *, usual: int | None = 20, most: int = 1000) -> Page:
    """Return which page is asked for.

    Raises:
        Rejected: `limit` or `offset` is no number, or out of range.
    """
    limit = asked.number("limit", usual or 0, 1, most) or None
    return Page(asked.number("offset", 0, 0, FARTHEST), limit)


def links(asked: Asked, here: Page, total: int) -> dict[str, Link]:
    """Return the links of a page of a list of `total`: those to pages that there are."""
    found = {"self": asked.here()}
    if here.limit is None:
        return found
    last = max(0, (total - 1) // here.limit * here.limit)

    def at(offset: int) -> Link:
        return asked.here(limit=here.limit, offset=offset)

    if here.offset:
        found |= {"first": at(0), "prev": at(max(0, here.offset - here.limit))}
    if here.offset + here.limit < total:
        found |= {"next": at(here.offset + here.limit), "last": at(last)}
    return found


def filters(asked: Asked, known: Collection[str]) -> Mapping[str, str]:
    """Return what `filter` asks for: `name:value`, parted by commas.

    Raises:
        Rejected: it has another form, or a name is not among `known`.
    """
    told = asked.text("filter")
    found: dict[str, str] = {}
    at = 0
    while at < len(told):
        one = _FILTER.match(told, at)
        if one is None or one["name"] not in known:
            detail = f'query parameter "filter" must be name:value, with names of {", ".join(sorted(known))}'
            raise Rejected(detail, field="filter")
        found[one["name"]] = one["value"]
        at = one.end()
    return found


def order(asked: Asked, known: Collection[str], usual: str) -> tuple[str, bool]:
    """Return by what `sort` orders, and whether the greatest comes first (`-name`).

    Raises:
        Rejected: it names nothing that is `known`.
    """
    told = asked.text("sort", usual)
    name = told.removeprefix("-")
    if name not in known:
        detail = f'query parameter "sort" must be one of {", ".join(sorted(known))}, with "-" in front or not'
        raise Rejected(detail, field="sort")
    return name, told.startswith("-")


def fits(words: str, tags: Collection[str], told: Mapping[str, str]) -> bool:
    """Tell whether something with `words` and `tags` fits the filters `query` and `tags`."""
    wanted = told.get("tags", "")
    return told.get("query", "").lower() in words.lower() and (
        not wanted or set(wanted.split("+")) <= set(tags)
    )
