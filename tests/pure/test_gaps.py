from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.changes import Sha
from fairlead.domain.gaps import without_gaps

ONE, TWO, THREE, FOUR = (Sha(character * 40) for character in "1234")


def test_what_is_stored_down_to_the_end_is_known() -> None:
    assert {ONE, TWO} == without_gaps([TWO, ONE], {TWO: (ONE,), ONE: ()})


def test_what_is_not_stored_is_not_known() -> None:
    assert {ONE} == without_gaps([TWO, ONE], {ONE: ()})


def test_what_comes_after_something_missing_is_not_known() -> None:
    assert set() == without_gaps([THREE, TWO, ONE], {THREE: (TWO,), TWO: (ONE,)})


def test_what_was_not_asked_for_may_be_missing() -> None:
    assert {THREE, TWO} == without_gaps([THREE, TWO], {THREE: (TWO,), TWO: (ONE,)})


def test_one_missing_parent_of_a_merge_is_enough() -> None:
    assert {ONE} == without_gaps([FOUR, TWO, ONE], {FOUR: (ONE, TWO), ONE: ()})


def test_what_is_stored_and_was_not_asked_for_is_no_answer() -> None:
    assert set() == without_gaps([], {ONE: ()})


@st.composite
def histories(draw: st.DrawFn) -> tuple[Mapping[Sha, tuple[Sha, ...]], list[Sha], set[Sha]]:
    """Draw a history, the commits asked for, and those that are stored."""
    count = draw(st.integers(1, 12))
    names = [Sha(f"{number:040x}") for number in range(count)]
    parents = {
        name: tuple(draw(st.lists(st.sampled_from(names[:place]), max_size=3, unique=True))) if place else ()
        for place, name in enumerate(names)
    }
    asked = draw(st.lists(st.sampled_from(names), unique=True))
    return parents, asked, draw(st.sets(st.sampled_from(names)))


@given(histories())
def test_leaving_out_what_known_commits_reach_hides_nothing_that_was_asked_for(
    history: tuple[Mapping[Sha, tuple[Sha, ...]], list[Sha], set[Sha]],
) -> None:
    parents, asked, stored = history

    known = without_gaps(asked, {sha: parents[sha] for sha in stored & set(asked)})

    assert known <= stored
    for sha in known:
        assert asked_below(sha, parents, set(asked)) <= stored


def asked_below(sha: Sha, parents: Mapping[Sha, tuple[Sha, ...]], asked: set[Sha]) -> set[Sha]:
    """Return what is reached from `sha` through commits that were asked for."""
    found: set[Sha] = set()
    waiting = [sha]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent in asked and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
