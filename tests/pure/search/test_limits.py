"""What a query may not exceed, and that a hostile one is refused cheaply."""

import time
from collections.abc import Callable

import pytest

from fairlead.search.errors import SearchError
from fairlead.search.limits import DEEPEST, LONGEST, WIDEST
from fairlead.search.match import matches
from fairlead.search.parse import parse
from fairlead.search.text import to_text
from fairlead.search.tree import Not, leaves
from tests.search_examples import PlainRecord

TOO_DEEP = [
    "(" * LONGEST,
    "-" * LONGEST,
    "- " * (LONGEST // 2),
    "NOT " * (LONGEST // 4),
    "(-" * (LONGEST // 2),
    "(" * 1_000 + "a" + ")" * 1_000,
    "k:" + "(" * 1_000 + "a" + ")" * 1_000,
    "-(a OR " * 1_000 + "b" + ")" * 1_000,
]
HOSTILE = [
    *TOO_DEEP,
    "a " * (LONGEST // 2),
    "a||" * (LONGEST // 3),
    '"' * LONGEST,
    '"' + "a" * (LONGEST - 1),
    '"' + "\\a" * (LONGEST // 2 - 1),
    "[" * LONGEST,
    "k:[" * (LONGEST // 3),
    ":" * LONGEST,
    "a:" * (LONGEST // 2),
    "&" * LONGEST,
    "\\" * (LONGEST - 1),
    " " * (LONGEST - 1) + "(",
    "(" + " " * (LONGEST - 1),
    "a" * (LONGEST - 1) + ":",
    "*" * (LONGEST - 1) + ":",
    "a" * 10_000_000,
]
BOUND_S = 0.25
"""Far above the few milliseconds it takes, far below what a text that got out of hand would take."""


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_a_hostile_text_is_refused_at_once(text: str) -> None:
    parse("warm")
    began = time.perf_counter()

    with pytest.raises(SearchError):
        parse(text)

    assert time.perf_counter() - began < BOUND_S


@pytest.mark.parametrize("text", TOO_DEEP, ids=lambda text: text[:8])
def test_a_text_that_is_too_deep_is_told_so_where_it_is(text: str) -> None:
    with pytest.raises(SearchError, match=f"deeper than {DEEPEST}") as refused:
        parse(text)

    assert refused.value.position < 10 * DEEPEST


@pytest.mark.parametrize(
    "nested",
    [
        lambda depth: "(" * depth + "a" + ")" * depth,
        lambda depth: "-" * depth + "a",
        lambda depth: "-" * (depth - 1) + "_missing_:a",
        lambda depth: "-(" * (depth // 2) + "-" * (depth % 2) + "a" + ")" * (depth // 2),
        lambda depth: "(a OR b " * depth + "c" + ")" * depth,
        lambda depth: "k:" + "(a " * depth + "c" + ")" * depth,
        lambda depth: "(" * (depth - 1) + "k:[1 TO 2]" + ")" * (depth - 1),
    ],
)
def test_the_deepest_query_is_read_and_one_more_level_is_not(nested: Callable[[int], str]) -> None:
    parse(nested(DEEPEST))

    with pytest.raises(SearchError, match="nested deeper"):
        parse(nested(DEEPEST + 1))


def test_depth_is_counted_anew_for_each_clause() -> None:
    deep = "-(" * (DEEPEST // 2) + "a" + ")" * (DEEPEST // 2)

    assert 3 == len(list(leaves(parse(f"{deep} {deep} OR {deep}"))))


def test_any_number_of_clauses_may_be_negated() -> None:
    assert WIDEST == len(list(leaves(parse(" ".join(["-a"] * WIDEST)))))


def test_the_widest_query_is_read_and_one_more_clause_is_not() -> None:
    parse(" ".join("a" * WIDEST))

    with pytest.raises(SearchError, match=f"more than {WIDEST} clauses"):
        parse(" OR ".join("a" * (WIDEST + 1)))


def test_values_of_a_key_count_as_clauses() -> None:
    with pytest.raises(SearchError, match="clauses"):
        parse(f"k:({' '.join('a' * (WIDEST + 1))})")


def test_the_longest_query_is_read_and_one_more_character_is_not() -> None:
    parse("a" * LONGEST)

    with pytest.raises(SearchError, match=f"longer than {LONGEST}") as refused:
        parse("a" * (LONGEST + 1))

    assert LONGEST == refused.value.position


def test_the_deepest_tree_can_be_matched_printed_hashed_and_compared() -> None:
    text = "(a OR b:1 " * DEEPEST + "c OR d:2 e" + ")" * DEEPEST
    tree, twin = parse(text), parse.__wrapped__(text)

    assert (False, tree, True) == (
        matches(tree, PlainRecord({})),
        parse(to_text(tree)),
        hash(tree) == hash(twin),
    )


def test_a_row_of_negations_as_long_as_allowed_is_matched() -> None:
    tree = parse("-" * DEEPEST + "a:*")

    assert [True, False] == [
        matches(tree, PlainRecord({"a": "x"})),
        matches(Not(tree), PlainRecord({"a": "x"})),
    ]


def test_a_usual_query_is_read_in_less_than_a_millisecond() -> None:
    text = 'service:(checkout OR search) -env:dev version:"1.4.2" @duration:[100 TO 300]'
    parse(text)
    began = time.perf_counter()

    for _ in range(50):
        parse.__wrapped__(text)

    # Typically a fifth of a millisecond; the machine may be busy with something else.
    assert (time.perf_counter() - began) / 50 < 0.005
