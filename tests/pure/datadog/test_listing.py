from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog import wire
from fairlead.dialects.datadog.listing import deployments_page, failures_page
from fairlead.domain.errors import Rejected
from fairlead.search.parse import parse
from tests.datadog_requests import NOON, a_list

PAGES = [(deployments_page, "deployments", "finished_at"), (failures_page, "failures", "started_at")]
Asks = Callable[[wire.ListRequest], Any]


def request(kind: str, **attributes: Any) -> wire.ListRequest:
    return msgspec.convert(a_list(kind, **attributes), wire.ListRequest)


@pytest.mark.parametrize(("page_of", "kind", "usual"), PAGES)
def test_nothing_asked_means_the_ten_newest_of_all(page_of: Asks, kind: str, usual: str) -> None:
    page = page_of(request(kind))

    assert (parse(""), None, None, usual, True, 10) == (
        page.where,
        page.from_at,
        page.until_at,
        page.sort,
        page.descending,
        page.limit,
    )


@pytest.mark.parametrize(("page_of", "kind", "_usual"), PAGES)
def test_everything_asked_is_in_the_page(page_of: Asks, kind: str, _usual: str) -> None:
    page = page_of(
        request(
            kind,
            since="2025-03-12T12:00:00Z",
            to="2025-03-12T12:00:01Z",
            limit=500,
            query="env:prod -team:x",
            sort="team",
        )
    )

    assert (parse("env:prod -team:x"), NOON, NOON + 10**9, "team", False, 500) == (
        page.where,
        page.from_at,
        page.until_at,
        page.sort,
        page.descending,
        page.limit,
    )


@pytest.mark.parametrize(("page_of", "kind", "_usual"), PAGES)
@pytest.mark.parametrize("limit", [1, 1000])
def test_a_limit_may_lie_at_either_end(page_of: Asks, kind: str, _usual: str, limit: int) -> None:
    assert limit == page_of(request(kind, limit=limit)).limit


@pytest.mark.parametrize(("page_of", "kind", "_usual"), PAGES)
@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"sort": "colour"}, "sort"),
        ({"since": "x"}, "from"),
        ({"to": "x"}, "to"),
        ({"query": "("}, "query"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    page_of: Asks, kind: str, _usual: str, attributes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Rejected, match=f'"{field}"') as refused:
        page_of(request(kind, **attributes))

    assert field == refused.value.field


@pytest.mark.parametrize(
    ("page_of", "kind"), [(deployments_page, "failures"), (failures_page, "deployments")]
)
def test_a_request_for_the_other_kind_is_refused(page_of: Asks, kind: str) -> None:
    with pytest.raises(Rejected, match=f'got type "dora_{kind}_list_request" expected'):
        page_of(request(kind))
