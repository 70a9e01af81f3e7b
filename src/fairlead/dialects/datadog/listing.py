"""From a list request to a page: bounds, order, limit and search.

Datadog's lists have no cursor; one pages by time. What they leave open is decided here and told
in `docs/dialects/datadog.md`: no bounds means all of it, newest first.
"""

from typing import Any

from msgspec import Struct

from fairlead.dialects.datadog import wire
from fairlead.dialects.datadog.times import from_date_time
from fairlead.dialects.datadog.translate import (
    DEPLOYMENTS_LIST_REQUEST,
    FAILURES_LIST_REQUEST,
    require_type,
)
from fairlead.domain.errors import Rejected
from fairlead.search.errors import SearchError
from fairlead.search.parse import parse
from fairlead.search.tree import Node
from fairlead.usecases import find_deployments, find_failures

USUAL_LIMIT = 10
HIGHEST_LIMIT = 1000


def deployments_page(request: wire.ListRequest) -> find_deployments.Page:
    """Return which deployments a request asks for; bounds are compared with their end.

    Raises:
        Rejected: the type, a bound, the limit, the order or the search is not acceptable.
    """
    require_type(request.data.type, DEPLOYMENTS_LIST_REQUEST)
    asked = _asked(request.data.attributes, find_deployments.SORTABLE)
    return find_deployments.Page(**asked)


def failures_page(request: wire.ListRequest) -> find_failures.Page:
    """Return which failures a request asks for; bounds are compared with their start.

    Raises:
        Rejected: as `deployments_page`.
    """
    require_type(request.data.type, FAILURES_LIST_REQUEST)
    asked = _asked(request.data.attributes, find_failures.SORTABLE)
    return find_failures.Page(**asked)


class _Order(Struct, frozen=True):
    field: str
    descending: bool


def _asked(told: wire.ListAttributes, sortable: tuple[str, ...]) -> dict[str, Any]:
    since, until = from_date_time(told.since, "from"), from_date_time(told.to, "to")
    limit = USUAL_LIMIT if told.limit is None else told.limit
    if not 1 <= limit <= HIGHEST_LIMIT:
        detail = f'attribute "limit" must lie between 1 and {HIGHEST_LIMIT}'
        raise Rejected(detail, field="limit")
    order = _order(told.sort or f"-{sortable[0]}", sortable)
    return {
        "where": _search(told.query or ""),
        "from_at": since,
        "until_at": until,
        "limit": limit,
        "sort": order.field,
        "descending": order.descending,
    }


def _order(sort: str, sortable: tuple[str, ...]) -> _Order:
    field = sort.removeprefix("-").removeprefix("@")
    if field not in sortable:
        detail = f'attribute "sort" must be one of "{" ".join(sortable)}", with - in front for descending'
        raise Rejected(detail, field="sort")
    return _Order(field, descending=sort.startswith("-"))


def _search(query: str) -> Node:
    try:
        return parse(query)
    except SearchError as error:
        detail = f'attribute "query" cannot be read: {error}'
        raise Rejected(detail, field="query") from error
