"""The worked examples, asked of the plain meaning of a query."""

import pytest

from fairlead.search.errors import SearchError
from fairlead.search.match import matches
from fairlead.search.parse import parse
from tests.search_examples import EVENTS, EXAMPLES, REFUSED, PlainRecord


@pytest.mark.parametrize(("query", "expected"), EXAMPLES)
def test_a_query_holds_for_exactly_the_events_it_describes(query: str, expected: str) -> None:
    tree = parse(query)

    found = [name for name, event in EVENTS.items() if matches(tree, PlainRecord(event))]

    assert expected.split() == found


@pytest.mark.parametrize("query", REFUSED)
def test_a_query_with_a_mistake_is_refused(query: str) -> None:
    with pytest.raises(SearchError):
        parse(query)
