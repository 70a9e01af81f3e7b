"""Which deployment repairs which: every example of the definition, by hand."""

import pytest

from fairlead.domain.deployments import (
    ChangeFailureDecision,
    DeploymentType,
    Outcome,
    Remediation,
    RemediationType,
)
from fairlead.domain.failure_rules import Aspect, FailureRules, LinkedRule, StaticRule
from fairlead.domain.links import Deployed
from fairlead.domain.repairs import PullRequestTraits, Repair, RepairKind, Traits
from fairlead.metrics.change_failures import Found, outcome, repairs_in, type_of
from tests.factories import MINUTE_NS, NOON, a_deployment, a_sha

REVERTS = FailureRules()
NO_RULES = FailureRules(linked=(), static=())


def a_place(number: int, **changes: object) -> Deployed:
    """Return deployment `number`, ten minutes after the one before, with neither commit nor version."""
    fields = {"id": str(number), "version": "", "commit_sha": "", "repository_id": ""}
    return a_deployment(finished_at=NOON + number * 10 * MINUTE_NS, **fields | changes).place


def versions(*names: str) -> list[Deployed]:
    """Return deployments of these versions, one after another."""
    return [a_place(number, version=name) for number, name in enumerate(names)]


def commits(*numbers: int) -> list[Deployed]:
    """Return deployments of these commits, one after another."""
    repository = {"repository_id": "github.com/shopist/checkout"}
    return [a_place(number, commit_sha=a_sha(which), **repository) for number, which in enumerate(numbers)]


def told(chain: list[Deployed], rules: FailureRules = NO_RULES, **traits: Traits) -> str:
    """Return the chain with `*` behind what failed, `r` behind rollbacks, `f` behind rollforwards."""
    named = {id.removeprefix("d"): each for id, each in traits.items()}
    pairs = [(one, named.get(one.id, Traits(version=one.version))) for one in chain]
    found = repairs_in(pairs, rules)
    failed = {repair.failed_id for theirs in found.values() for repair in theirs}
    marks = {DeploymentType.STANDARD: "", DeploymentType.ROLLBACK: "r", DeploymentType.ROLLFORWARD: "f"}
    return " ".join(
        f"{one.version or one.id}{'*' if one.id in failed else ''}{marks[type_of((), found[one.id])]}"
        for one in chain
    )


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [
        ("V1 V2 V1", "V1 V2* V1r"),
        ("V1 V2 V3 V1", "V1 V2* V3 V1r"),
        ("V1 V1", "V1 V1"),
        ("V1 V2 V2 V1", "V1 V2* V2 V1r"),
        ("V1 V2 V1 V2", "V1 V2* V1*r V2r"),
        ("V1 V2 V1 V1", "V1 V2* V1r V1"),
        ("V1 V2 V3 V2 V1", "V1 V2* V3* V2r V1r"),
        ("V1 V1 V2 V1", "V1 V1 V2* V1r"),
        ("V1 V2 V3", "V1 V2 V3"),
        ("V1", "V1"),
    ],
)
def test_a_version_that_is_put_back_tells_what_failed(sequence: str, expected: str) -> None:
    assert expected == told(versions(*sequence.split()))


def test_commits_tell_builds_apart_before_versions_do() -> None:
    repository = "github.com/shopist/checkout"
    chain = [
        a_place(number, version="latest", commit_sha=a_sha(which), repository_id=repository)
        for number, which in enumerate((1, 2, 1))
    ]

    assert "latest latest* latestr" == told(chain)


def test_one_commit_under_another_version_is_put_back_all_the_same() -> None:
    chain = commits(1, 2, 1)

    assert "0 1* 2r" == told(chain)


def test_where_one_of_two_has_no_commit_the_version_tells() -> None:
    with_commit = a_place(0, version="V1", commit_sha=a_sha(1), repository_id="github.com/shopist/checkout")
    chain = [with_commit, a_place(1, version="V2"), a_place(2, version="V1")]

    assert "V1 V2* V1r" == told(chain)
    again = a_place(3, version="V1", commit_sha=a_sha(1), repository_id="github.com/shopist/checkout")
    assert "V1 V2* V1r V1" == told([*chain, again])


def test_without_commit_and_version_nothing_is_put_back() -> None:
    assert "0 1 2" == told([a_place(number) for number in range(3)])


def test_order_is_by_end_then_start_then_id() -> None:
    first, second, third = versions("V1", "V2", "V1")

    assert "V1 V2* V1r" == told([first, second, third])
    found = repairs_in([(one, Traits(version=one.version)) for one in (third, first, second)], NO_RULES)
    assert ["1"] == [repair.failed_id for repair in found["2"]]


def test_a_build_may_be_rolled_out_again_where_that_is_no_rollback() -> None:
    rules = FailureRules(linked=(), static=(), rollbacks_of_rollbacks=False)

    assert "V1 V2* V1r V2" == told(versions("V1", "V2", "V1", "V2"), rules)
    assert "V1 V2* V1r V2* V1r" == told(versions("V1", "V2", "V1", "V2", "V1"), rules)


def test_rollbacks_may_be_left_to_people() -> None:
    assert "V1 V2 V1" == told(versions("V1", "V2", "V1"), FailureRules(rollbacks=False))


def pulls(*titles: str, version: str = "", numbers: tuple[int, ...] = ()) -> Traits:
    """Return a deployment that brought pull requests of these titles."""
    numbered = zip(numbers or range(100, 100 + len(titles)), titles, strict=True)
    return Traits(
        version=version,
        repository_id="github.com/shopist/checkout",
        pull_requests=tuple(PullRequestTraits(number=number, title=title) for number, title in numbered),
    )


def test_a_revert_is_linked_to_the_deployment_of_what_it_reverts() -> None:
    chain = commits(9, 10, 11, 12)
    expected = Repair(
        deployment_id="3",
        failed_id="0",
        kind=RepairKind.LINKED,
        rule='Revert "$pr_title"',
        value="Add cart cache",
    )
    brought = {
        "0": pulls("Add cart cache"),
        "1": pulls("Other"),
        "2": pulls("More"),
        "3": pulls('Revert "Add cart cache"'),
    }
    pairs = [(one, brought[one.id]) for one in chain]

    assert [expected] == repairs_in(pairs, REVERTS)["3"]


def test_a_revert_of_what_was_never_deployed_repairs_nothing() -> None:
    assert "0 1" == told(commits(1, 2), REVERTS, d1=pulls('Revert "Add cart cache"'))


def test_a_deployment_with_both_the_original_and_its_revert_repairs_nothing() -> None:
    both = pulls("Add cart cache", 'Revert "Add cart cache"')

    assert "0 1" == told(commits(1, 2), REVERTS, d0=pulls("Add cart cache"), d1=both)


def test_of_several_earlier_deployments_the_latest_is_linked() -> None:
    cache, revert = pulls("Add cart cache"), pulls('Revert "Add cart cache"')

    assert "0 1* 2f" == told(commits(1, 2, 3), REVERTS, d0=cache, d1=cache, d2=revert)


def test_two_reverts_repair_two_deployments() -> None:
    reverts = pulls('Revert "One"', 'Revert "Two"')

    assert "0* 1* 2f" == told(commits(1, 2, 3), REVERTS, d0=pulls("One"), d1=pulls("Two"), d2=reverts)


def test_a_revert_of_a_revert_is_linked_to_the_revert() -> None:
    brought = {"d0": pulls("One"), "d1": pulls('Revert "One"'), "d2": pulls('Revert "Revert "One""')}

    assert "0* 1*f 2f" == told(commits(1, 2, 3), REVERTS, **brought)


def test_the_number_of_a_pull_request_links_too() -> None:
    rules = FailureRules(linked=(LinkedRule(r"(?i)undo #$pr_number\b.*"),), static=())
    brought = {"d0": pulls("One", numbers=(17,)), "d2": pulls("Undo #17: it broke")}

    assert "0* 1 2f" == told(commits(1, 2, 3), rules, **brought)


def test_a_version_links_to_the_version_it_names() -> None:
    rules = FailureRules(linked=(LinkedRule(r"$version-hotfix\.\d+"),), static=(), rollbacks=False)

    assert "1.4* 1.5 1.4-hotfix.1f" == told(versions("1.4", "1.5", "1.4-hotfix.1"), rules)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (StaticRule(Aspect.PR_TITLE, ".*fix forward.*"), "Let us fix forward now"),
        (StaticRule(Aspect.PR_LABEL, ".*hotfix.*"), "area/hotfix"),
        (StaticRule(Aspect.PR_BRANCH, "hotfix/.*"), "hotfix/gateway"),
        (StaticRule(Aspect.COMMIT_MESSAGE, "^emergency: .*$"), "emergency: stop the queue"),
        (StaticRule(Aspect.VERSION, r".*-hotfix"), "1.4-hotfix"),
    ],
)
def test_a_static_rule_takes_the_deployment_right_before(rule: StaticRule, text: str) -> None:
    rules = FailureRules(linked=(), static=(rule,), rollbacks=False)
    pull = PullRequestTraits(number=1, title=text, labels=("x", text), branch=text)
    matching = Traits(version=text, pull_requests=(pull,), messages=("other", text))
    bland = PullRequestTraits(number=1, title="Change", labels=("x",), branch="main")
    other = Traits(version="1.4", pull_requests=(bland,), messages=("other",))

    assert "0 1* 2f" == told(commits(1, 2, 3), rules, d0=other, d1=other, d2=matching)
    assert "0 1" == told(commits(1, 2), rules, d0=other, d1=other)


def test_the_first_deployment_has_nothing_before_it_to_repair() -> None:
    rules = FailureRules(static=(StaticRule(Aspect.VERSION, ".*-hotfix"),))

    assert "1.4-hotfix 1.5" == told(versions("1.4-hotfix", "1.5"), rules)


@pytest.mark.parametrize("title", ["hotfix gateway", "Gateway HOTFIX", "a Hotfix"])
def test_what_is_called_a_hotfix_is_one_by_default(title: str) -> None:
    assert "0* 1f" == told(commits(1, 2), REVERTS, d0=pulls("x"), d1=pulls(title))


def test_an_incident_is_no_word_of_the_defaults() -> None:
    assert "0 1" == told(commits(1, 2), REVERTS, d0=pulls("x"), d1=pulls("incident 12"))


def test_a_rollback_is_stronger_than_any_rule() -> None:
    chain = commits(1, 2, 3, 1)
    pairs = [(one, pulls("hotfix")) for one in chain]

    assert RepairKind.ROLLBACK is repairs_in(pairs, REVERTS)["3"][0].kind
    assert "1" == repairs_in(pairs, REVERTS)["3"][0].failed_id


def test_a_linked_rule_is_stronger_than_a_static_one() -> None:
    chain = commits(1, 2, 3)
    brought = {"d0": pulls("One"), "d1": pulls("Two"), "d2": pulls('Revert "One"', "hotfix")}

    assert "0* 1 2f" == told(chain, REVERTS, **brought)


def test_a_linked_rule_that_finds_nothing_leaves_it_to_the_static_ones() -> None:
    assert "0* 1f" == told(commits(1, 2), REVERTS, d0=pulls("x"), d1=pulls('Revert "y"', "hotfix"))


def test_a_rule_that_is_switched_off_says_nothing() -> None:
    off = FailureRules(
        linked=(LinkedRule('Revert "$pr_title"', enabled=False),),
        static=(StaticRule(Aspect.PR_TITLE, ".*hotfix.*", enabled=False),),
    )

    assert "0 1" == told(commits(1, 2), off, d0=pulls("x"), d1=pulls('Revert "x"', "hotfix"))


FIRST, SECOND, THIRD, FOURTH = versions("V1", "V2", "V3", "V1")
ROLLED_BACK = Found(
    repair=Repair(deployment_id="3", failed_id="1", kind=RepairKind.ROLLBACK, value="V1"), by=FOURTH
)
FIXED = Found(repair=Repair(deployment_id="2", failed_id="1", kind=RepairKind.STATIC, rule="x"), by=THIRD)
LINKED = Found(repair=Repair(deployment_id="2", failed_id="1", kind=RepairKind.LINKED, rule="x"), by=THIRD)


def a_decision(*, failed: bool, **remediation: object) -> ChangeFailureDecision:
    said = Remediation(**remediation)  # type: ignore[arg-type]
    return ChangeFailureDecision(change_failure=failed, remediation=said, decided_at=NOON, decided_by="k-1")


STANDARD = DeploymentType.STANDARD


def test_recovery_is_from_the_end_of_the_failure_to_the_end_of_its_repair() -> None:
    assert Outcome(
        change_failure=True,
        remediation_id="3",
        remediation_type=RemediationType.ROLLBACK,
        recovery_time_ns=20 * MINUTE_NS,
    ) == outcome(SECOND, None, None, [ROLLED_BACK], STANDARD)


def test_a_rollback_counts_before_an_earlier_hotfix() -> None:
    assert "3" == outcome(SECOND, None, None, [FIXED, ROLLED_BACK], STANDARD).remediation_id
    assert "2" == outcome(SECOND, None, None, [FIXED, LINKED], STANDARD).remediation_id


def test_what_nothing_repaired_did_not_fail() -> None:
    assert Outcome(change_failure=False) == outcome(SECOND, None, None, [], STANDARD)


def test_what_has_neither_commit_nor_version_stays_undecided() -> None:
    assert Outcome() == outcome(a_place(1), None, None, [], STANDARD)


def test_a_person_stands_above_every_rule() -> None:
    stable = outcome(SECOND, a_decision(failed=False), None, [ROLLED_BACK], STANDARD)
    named = a_decision(failed=True, id="2", type=RemediationType.ROLLFORWARD)
    failed = outcome(SECOND, named, THIRD, [ROLLED_BACK], STANDARD)

    assert Outcome(change_failure=False) == stable
    assert ("2", 10 * MINUTE_NS) == (failed.remediation_id, failed.recovery_time_ns)


def test_who_names_no_repair_leaves_it_to_the_rules() -> None:
    decision = a_decision(failed=True)

    assert Outcome(change_failure=True) == outcome(SECOND, decision, None, [], STANDARD)
    assert "3" == outcome(SECOND, decision, None, [ROLLED_BACK], STANDARD).remediation_id


def test_a_repair_that_is_not_known_has_no_time() -> None:
    said = a_decision(failed=True, id="gone", type=RemediationType.ROLLBACK)
    found = outcome(SECOND, said, None, [], STANDARD)

    assert ("gone", None) == (found.remediation_id, found.recovery_time_ns)


def test_a_repair_that_ended_before_the_failure_has_no_time() -> None:
    said = a_decision(failed=True, id="0", type=RemediationType.ROLLBACK)

    assert outcome(SECOND, said, FIRST, [], STANDARD).recovery_time_ns is None
