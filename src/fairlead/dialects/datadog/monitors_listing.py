"""What a request's query asks for in the lists of monitors: filters, pages, order."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from fairlead.dialects.datadog.catalog_listing import Query
from fairlead.domain.errors import Rejected
from fairlead.domain.monitor_search import Seen, finds, monitor_query, scopes_of
from fairlead.domain.monitors import KnownMonitor, MonitorState, Span
from fairlead.search.tree import leaves

_T = TypeVar("_T")

USUAL_PER_PAGE = 30
USUAL_PAGE_SIZE = 100
MOST_PER_PAGE = 1000
_FARTHEST = 2**31
_EVERY_STATE = "all"
_GROUP_STATES = {
    "alert": MonitorState.ALERT,
    "warn": MonitorState.WARN,
    "no data": MonitorState.NO_DATA,
    "ok": MonitorState.OK,
}
_STATUSES = frozenset(MonitorState) | {"ignored", "skipped", "unknown"}


class GroupFound(Struct, frozen=True):
    """One group of a monitor that a search found."""

    known: KnownMonitor
    span: Span


class SearchPage(Struct, frozen=True, kw_only=True):
    """What a search asks for."""

    query: str
    page: int
    per_page: int
    sort: str
    descending: bool

    def of(self, found: Sequence[_T]) -> Sequence[_T]:
        """Return the part of `found` that stands on this page."""
        return found[self.page * self.per_page : (self.page + 1) * self.per_page]


class ListWanted(Struct, frozen=True, kw_only=True):
    """Which monitors a list asks for."""

    name: str
    tags: Sequence[str]
    monitor_tags: Sequence[str]
    states: frozenset[MonitorState] | None
    """The states of groups to show; None shows none."""
    with_downtimes: bool
    after_id: int
    page: int | None
    """None asks for everything."""
    page_size: int


_ORDERS: dict[str, Callable[[KnownMonitor], Any]] = {
    "name": lambda one: one.monitor.name.lower(),
    "status": lambda one: one.state.value,
    "tags": lambda one: one.monitor.tags,
    "type": lambda one: one.monitor.kind,
    "id": lambda one: one.monitor.id,
    "priority": lambda one: one.monitor.priority or 0,
    "created": lambda one: one.monitor.created_at,
    "modified": lambda one: one.monitor.updated_at,
}


def search_page(query: Query) -> SearchPage:
    """Return what a search asks for.

    Raises:
        Rejected: the query cannot be read, or the page or the order is not acceptable.
    """
    texts = query.texts("query")
    text = texts[-1] if texts else ""
    _require_statuses(text)
    sort, descending = _order((query.texts("sort") or ["name,asc"])[-1])
    return SearchPage(
        query=text,
        page=query.number("page", 0, 0, _FARTHEST),
        per_page=query.number("per_page", USUAL_PER_PAGE, 1, MOST_PER_PAGE),
        sort=sort,
        descending=descending,
    )


def ordered(found: Sequence[KnownMonitor], page: SearchPage) -> list[KnownMonitor]:
    """Return monitors in the order that was asked for."""
    return sorted(found, key=_ORDERS[page.sort], reverse=page.descending)


def groups_of(found: Sequence[KnownMonitor], page: SearchPage) -> list[GroupFound]:
    """Return the groups of monitors that a search finds, by monitor in the order that was asked for."""
    tree = monitor_query(page.query)
    return [
        GroupFound(known, span)
        for known in ordered(found, page)
        for span in known.spans
        if finds(tree, _seen(known, span))
    ]


def list_wanted(query: Query) -> ListWanted:
    """Return which monitors a list asks for.

    Raises:
        Rejected: a filter or the page is not acceptable.
    """
    paged = bool(query.texts("page"))
    return ListWanted(
        name=" ".join(query.texts("name")).lower(),
        tags=_words(query, "tags"),
        monitor_tags=_words(query, "monitor_tags"),
        states=states_wanted(query),
        with_downtimes=_flag(query, "with_downtimes"),
        after_id=query.number("id_offset", 0, 0, _FARTHEST),
        page=query.number("page", 0, 0, _FARTHEST) if paged else None,
        page_size=query.number("page_size", USUAL_PAGE_SIZE, 1, MOST_PER_PAGE),
    )


def states_wanted(query: Query) -> frozenset[MonitorState] | None:
    """Return the states of groups that are asked for, or None where none are.

    Raises:
        Rejected: one of them is no state.
    """
    words = _words(query, "group_states")
    if not words:
        return None
    if any(word not in (_EVERY_STATE, *_GROUP_STATES) for word in words):
        raise Rejected("Invalid group_state filters.", field="group_states")
    if _EVERY_STATE in words:
        return frozenset(MonitorState)
    return frozenset(_GROUP_STATES[word] for word in words)


def with_downtimes(query: Query) -> bool:
    """Tell whether mutes are asked for."""
    return _flag(query, "with_downtimes")


def listed(found: Sequence[KnownMonitor], wanted: ListWanted) -> list[KnownMonitor]:
    """Return the monitors of one page of a list, by id."""
    mine = [one for one in sorted(found, key=lambda one: one.monitor.id) if _is_wanted(one, wanted)]
    if wanted.page is None:
        return mine if not wanted.after_id else mine[: wanted.page_size]
    return mine[wanted.page * wanted.page_size : (wanted.page + 1) * wanted.page_size]


def _is_wanted(known: KnownMonitor, wanted: ListWanted) -> bool:
    monitor = known.monitor
    tags = {tag.lower() for tag in monitor.tags}
    scopes = tags | set(scopes_of(monitor.query))
    return (
        monitor.id > wanted.after_id
        and wanted.name in monitor.name.lower()
        and set(wanted.monitor_tags) <= tags
        and set(wanted.tags) <= scopes
    )


def _seen(known: KnownMonitor, span: Span) -> Seen:
    return Seen(
        monitor=known.monitor,
        state=span.state,
        groups=(span.group,) if span.group else (),
        is_muted=known.group_mute(span.group) is not None,
    )


def _require_statuses(text: str) -> None:
    """Refuse a state that there is not, in the recorded words."""
    for leaf in leaves(monitor_query(text)):
        literal = leaf.pattern.literal if hasattr(leaf, "pattern") else None
        if leaf.key == "status" and literal is not None and literal not in _STATUSES:
            raise Rejected(f"Query parsing error: '{literal}' is not a valid monitor status", field="query")


def _order(text: str) -> tuple[str, bool]:
    name, _, direction = text.partition(",")
    if name not in _ORDERS or direction not in ("", "asc", "desc"):
        known = " ".join(_ORDERS)
        raise Rejected(f'parameter "sort" must be one of "{known}", then ",asc" or ",desc"', field="sort")
    return name, direction == "desc"


def _words(query: Query, name: str) -> list[str]:
    texts = (part.strip().lower() for text in query.texts(name) for part in text.split(","))
    return [text for text in texts if text]


def _flag(query: Query, name: str) -> bool:
    return (query.texts(name) or ["false"])[-1].lower() == "true"
