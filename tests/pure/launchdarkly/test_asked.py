"""Query parameters, and the links that repeat them."""

from collections.abc import Callable
from typing import Any

import pytest

from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.domain.errors import Rejected

PATH = "/api/v2/engineering-insights/deployments"


def asked(query: str) -> Asked:
    """Return a query as a request carries it."""
    return Asked(PATH, query.encode())


def test_lists_are_split_at_commas_encoded_or_not() -> None:
    assert ("a", "b c") == asked("applicationKey=a%2Cb%20c,a,").texts("applicationKey")
    assert ("a", "b") == asked("applicationKey=a&applicationKey=b").texts("applicationKey")
    assert frozenset({"x", "y"}) == asked("expand=x%2Cy").choices("expand", ["x", "y", "z"])


def test_what_is_absent_or_empty_has_its_default() -> None:
    one = asked("limit=&hasExperiments=&from=&kind=")

    assert (20, None, 5, "") == (
        one.number("limit", 20, 1, 100),
        one.is_true("hasExperiments"),
        one.instant("from", 5),
        one.text("kind"),
    )


@pytest.mark.parametrize(
    ("query", "question", "field"),
    [
        ("", lambda one: one.required("projectKey"), "projectKey"),
        ("limit=0", lambda one: one.number("limit", 20, 1, 100), "limit"),
        ("limit=101", lambda one: one.number("limit", 20, 1, 100), "limit"),
        ("limit=ten", lambda one: one.number("limit", 20, 1, 100), "limit"),
        ("limit=1e1", lambda one: one.number("limit", 20, 1, 100), "limit"),
        ("limit=" + "9" * 5000, lambda one: one.number("limit", 20, 1, 100), "limit"),
        ("expand=everything", lambda one: one.choices("expand", ["x"]), "expand"),
        ("global=maybe", lambda one: one.choice("global", ["include", "exclude"]), "global"),
        ("hasExperiments=1", lambda one: one.is_true("hasExperiments"), "hasExperiments"),
        ("from=now", lambda one: one.instant("from", 0), "from"),
        ("projectKey=" + "k" * 1001, lambda one: one.text("projectKey"), "projectKey"),
        ("projectKey=%00", lambda one: one.text("projectKey"), "projectKey"),
        ("&".join(f"a{n}=1" for n in range(101)), lambda one: one, "query"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(
    query: str, question: Callable[[Asked], Any], field: str
) -> None:
    with pytest.raises(Rejected) as refused:
        question(asked(query))

    assert field == refused.value.field


def test_links_repeat_the_query_and_are_relative() -> None:
    link = asked("projectKey=a%20b&after=old&limit=5").here(after="new", before=None)

    assert (f"{PATH}?projectKey=a+b&limit=5&after=new", "application/json") == (link.href, link.type)
    assert PATH == asked("").here().href
