"""What holds for every query and every event, on generated ones."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.search.errors import SearchError
from fairlead.search.match import matches
from fairlead.search.parse import parse
from fairlead.search.text import to_text
from fairlead.search.tree import Node, Not, all_of, any_of
from tests.search_examples import Event, PlainRecord
from tests.search_strategies import events, trees

SIGNS = [
    *(
        "a",
        "b",
        "1",
        "k:",
        "@",
        "*",
        "?",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        '"',
        "\\",
        "-",
        "+",
        "!",
        "~",
        "=",
        "<",
        ">",
    ),
    *("&&", "|", " ", "\n", " AND ", " OR ", "NOT ", " TO ", "_exists_:", "_missing_:", "k:[1 TO 2]", "k:("),
]


def scribbles() -> st.SearchStrategy[str]:
    """Texts of signs that mean something, most of them no queries."""
    return st.lists(st.sampled_from(SIGNS), max_size=12).map("".join)


# The laws are about answers; how long a busy machine takes is measured elsewhere.
law = settings(deadline=None)


@law
@given(trees())
def test_a_printed_tree_is_read_as_the_same_tree(tree: Node) -> None:
    assert tree == parse(to_text(tree))


@law
@given(scribbles())
def test_the_canonical_text_of_any_text_is_its_own_canonical_text(text: str) -> None:
    if place_of_mistake(text) is None:
        canonical = to_text(parse(text))

        assert canonical == to_text(parse(canonical))


@law
@given(scribbles())
def test_a_mistake_lies_within_the_text_or_at_its_end(text: str) -> None:
    place = place_of_mistake(text)

    assert place is None or 0 <= place <= len(text)


@law
@given(trees(), events())
def test_a_negation_holds_exactly_where_its_clause_does_not(tree: Node, event: Event) -> None:
    record = PlainRecord(event)

    assert matches(tree, record) != matches(Not(tree), record)


@law
@given(trees(), trees(), events())
def test_de_morgan(one: Node, other: Node, event: Event) -> None:
    record = PlainRecord(event)

    assert matches(Not(all_of([one, other])), record) == matches(any_of([Not(one), Not(other)]), record)


@law
@given(trees(), trees(), events())
def test_and_holds_where_both_do_and_or_where_one_does(one: Node, other: Node, event: Event) -> None:
    record = PlainRecord(event)
    alone = [matches(one, record), matches(other, record)]

    assert [all(alone), any(alone)] == [
        matches(all_of([one, other]), record),
        matches(any_of([one, other]), record),
    ]


@law
@given(trees())
def test_equal_trees_have_equal_hashes(tree: Node) -> None:
    assert hash(tree) == hash(parse.__wrapped__(to_text(tree)))


def place_of_mistake(text: str) -> int | None:
    try:
        parse(text)
    except SearchError as refused:
        return refused.position
    return None
