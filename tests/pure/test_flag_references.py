from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.flag_references import believed, change, difference, in_order, total

A, B = ("default", "a"), ("default", "b")
counts = st.dictionaries(st.sampled_from([A, B, ("other", "a")]), st.integers(1, 9))


def test_more_hunks_than_before_were_added_and_fewer_removed() -> None:
    changes = difference({A: 3, B: 2}, {A: 1, B: 5})

    assert (change(A, 0, 2), change(B, 3, 0)) == in_order(changes)


def test_a_flag_named_as_often_as_before_did_not_change() -> None:
    assert {} == difference({A: 3}, {A: 3})


def test_of_each_flag_the_first_source_that_knows_it_is_believed() -> None:
    sources = ({A: change(A, 1, 0)}, {A: change(A, 9, 9), B: change(B, 0, 1)})

    assert (change(A, 1, 0), change(B, 0, 1)) == in_order(believed(sources))


@given(counts, counts, counts)
def test_changes_one_after_another_come_to_what_changed_from_first_to_last(
    first: dict[tuple[str, str], int], second: dict[tuple[str, str], int], third: dict[tuple[str, str], int]
) -> None:
    steps = total([difference(first, second), difference(second, third)])
    net = {flag: one.added - one.removed for flag, one in steps.items() if one.added != one.removed}

    whole = {flag: one.added - one.removed for flag, one in difference(first, third).items()}
    assert whole == net
