import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.failure_rules import Aspect, FailureRules, LinkedRule, StaticRule, Variable
from fairlead.domain.instants import NS_PER_S


def test_the_variable_stands_for_what_the_rest_of_the_pattern_leaves() -> None:
    rule = LinkedRule('Revert "$pr_title"')

    assert Variable.PR_TITLE is rule.variable
    assert "Add cart cache" == rule.value_in('Revert "Add cart cache"')


@pytest.mark.parametrize("text", ['revert "x"', 'Revert "x" now', 'See: Revert "x"', 'Revert ""', ""])
def test_the_whole_text_has_to_match_with_its_case(text: str) -> None:
    assert LinkedRule('Revert "$pr_title"').value_in(text) is None


def test_a_number_is_digits() -> None:
    rule = LinkedRule("Undo #$pr_number.*")

    assert "12" == rule.value_in("Undo #12 at once")
    assert rule.value_in("Undo #twelve") is None


def test_what_is_escaped_is_no_variable() -> None:
    assert "3" == LinkedRule(r"\$version is $version").value_in("$version is 3")


@pytest.mark.parametrize(
    "pattern", ["Revert .*", "$pr_title $pr_number", "$pr_titles", "$VERSION", r"\$version"]
)
def test_a_linked_rule_has_exactly_one_variable(pattern: str) -> None:
    with pytest.raises(Rejected, match="exactly one of"):
        LinkedRule(pattern)


@pytest.mark.parametrize("pattern", ["(", "[", r"(a)\1", "(?=x)", "a{2000}", "(?P<fairlead_value>x)$version"])
def test_a_pattern_is_one_that_re2_reads(pattern: str) -> None:
    with pytest.raises(Rejected, match=r"RE2|exactly one"):
        LinkedRule(pattern)


def test_a_pattern_that_would_take_for_ever_elsewhere_does_not() -> None:
    assert not StaticRule(Aspect.VERSION, "(a+)+b").matches("a" * 50_000)


@pytest.mark.parametrize("pattern", ["", "x" * 1001])
def test_a_pattern_has_a_sensible_length(pattern: str) -> None:
    with pytest.raises(Rejected, match="pattern"):
        StaticRule(Aspect.VERSION, pattern)


def test_there_are_only_so_many_rules() -> None:
    rules = tuple(StaticRule(Aspect.VERSION, f"v{number}") for number in range(51))

    with pytest.raises(Rejected, match="static"):
        FailureRules(static=rules)


@pytest.mark.parametrize("window", [0, -1, 31 * 86_400 * NS_PER_S])
def test_the_window_of_a_failure_has_bounds(window: int) -> None:
    with pytest.raises(Rejected, match="failure_window_s"):
        FailureRules(failure_window_ns=window)
