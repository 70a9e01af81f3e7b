"""What faulty deployment detection finds, when, and in which words."""

from typing import Any

import pytest

from fairlead.domain.detection import Counted, Detection, ResourceSeen, VersionSeen
from fairlead.domain.evaluations import Watch
from fairlead.domain.gates import RuleKind, RuleOptions
from fairlead.domain.instants import NS_PER_S
from fairlead.gates.faulty_deployment_rule import NO_VERSION, find, look_at
from fairlead.gates.findings import Finding, Outcome, Watching
from tests.factories import NOON, ORG_ID

USUAL = Detection()
END = NOON + 800 * NS_PER_S


def a_watch(*, options: RuleOptions | None = None, **changes: Any) -> Watch:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "kind": RuleKind.FAULTY_DEPLOYMENT,
        "options": options or RuleOptions(),
        "service": "checkout",
        "env": "prod",
        "version": "2",
        "primary_tag": "",
        "from_at": NOON,
        "until_at": END,
    }
    return Watch(**fields | changes)


def seen(*resources: ResourceSeen, **changes: Any) -> VersionSeen:
    fields: dict[str, Any] = {"version": "2", "earlier": ("1",), "resources": resources}
    return VersionSeen(**fields | changes)


def a_resource(
    new: tuple[int, int], old: tuple[int, int], name: str = "GET /pay", **types: int
) -> ResourceSeen:
    return ResourceSeen(
        source="otlp",
        resource=name,
        new=Counted(*new),
        old=Counted(*old),
        new_types=tuple(types.items()),
    )


BAD = a_resource((26, 520), (1, 2000))
GOOD = a_resource((1, 520), (4, 2000), "GET /cart")


def found(version: VersionSeen, watch: Watch | None = None, now: int = END) -> Finding:
    finding = find(watch or a_watch(), USUAL, version, now)
    assert isinstance(finding, Finding)
    return finding


def test_a_fault_is_told_with_its_route_and_figures() -> None:
    finding = found(seen(BAD, GOOD))

    assert Outcome.FAIL is finding.outcome
    assert (
        "Version 2 fails more than before: GET /pay answers 26 of 520 requests (5.00%) with an error, "
        "earlier versions 1 of 2000 requests (0.05%), 100 times as often, at least 11.9 times with "
        "99.0% confidence (p < 1e-12, threshold 0.0048)" == finding.reason
    )
    assert ("GET /pay",) == finding.evidence.resources
    assert ("1",) == finding.evidence.earlier_versions
    first = finding.evidence.comparisons[0]
    assert (True, Counted(26, 520), Counted(1, 2000)) == (first.at_fault, first.new, first.old)


def test_types_of_errors_that_are_new_are_named() -> None:
    both = found(seen(a_resource((26, 520), (1, 2000), KeyError=20)))
    alone = found(seen(a_resource((14, 1000), (120, 10_000), KeyError=4)))

    assert both.reason.endswith("new types of errors: KeyError (20)")
    assert "GET /pay answers 4 of 1000 requests (0.40%) with an error that earlier versions never had" in (
        alone.reason
    )


def test_many_faults_are_named_as_far_as_they_can_be_read() -> None:
    faults = [a_resource((26, 520), (1, 2000), f"GET /{number}") for number in range(8)]

    assert found(seen(*faults)).reason.endswith("; and 3 more")


def test_a_version_as_good_as_before_passes_at_the_end_and_not_earlier() -> None:
    watch, version = a_watch(), seen(GOOD)
    looked = [find(watch, USUAL, version, NOON + seconds * NS_PER_S) for seconds in (100, 250, 500, 799)]

    assert [Watching(NOON + seconds * NS_PER_S) for seconds in (200, 400, 800, 800)] == looked
    finding = found(version)
    assert (Outcome.PASS, "") == (finding.outcome, finding.reason)
    assert [Counted(1, 520)] == [one.new for one in finding.evidence.comparisons]


def test_a_fault_that_is_beyond_doubt_is_found_at_the_first_look() -> None:
    assert Outcome.FAIL is found(seen(BAD), now=NOON + 100 * NS_PER_S).outcome


def test_a_fault_that_is_in_doubt_waits_for_the_last_look() -> None:
    doubtful = seen(a_resource((4, 100), (8, 1200)))

    assert isinstance(find(a_watch(), USUAL, doubtful, NOON + 100 * NS_PER_S), Watching)
    assert Outcome.FAIL is found(doubtful).outcome


def test_before_the_first_look_there_is_nothing_to_see() -> None:
    assert look_at(a_watch(), USUAL, NOON + 99 * NS_PER_S) is None
    assert Watching(NOON + 100 * NS_PER_S) == find(a_watch(), USUAL, None, NOON)


def test_a_rule_without_duration_looks_once_at_once() -> None:
    watch = a_watch(until_at=NOON)

    assert Outcome.FAIL is found(seen(BAD), watch, NOON).outcome
    assert Outcome.PASS is found(seen(GOOD), watch, NOON).outcome


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (seen(), "Not enough data: no requests of version 2 were counted"),
        (
            seen(a_resource((0, 50), (0, 0)), earlier=()),
            "Not enough data: no requests of an earlier version were counted to compare with",
        ),
        (
            seen(a_resource((0, 50), (0, 0)), earlier=(), left_out=("1", "1.1")),
            (
                "Not enough data: no requests of an earlier version but 1, 1.1, which failed were counted "
                "to compare with"
            ),
        ),
        (
            seen(a_resource((2, 4), (0, 2000)), a_resource((0, 3), (0, 20), "GET /cart")),
            (
                "Not enough data: 7 requests of version 2 were counted, but on no resource at least 10 "
                "beside 10 of earlier versions"
            ),
        ),
    ],
)
def test_without_data_it_says_so_and_decides_nothing(version: VersionSeen, reason: str) -> None:
    finding = found(version)

    assert (Outcome.INCONCLUSIVE, reason) == (finding.outcome, finding.reason)


def test_without_a_version_there_is_nothing_to_compare() -> None:
    finding = found(seen(), a_watch(version=""), NOON)

    assert (Outcome.INCONCLUSIVE, NO_VERSION) == (finding.outcome, finding.reason)


@pytest.mark.parametrize(
    ("options", "outcome"),
    [
        (RuleOptions(excluded_resources=("GET /pay",)), Outcome.PASS),
        (RuleOptions(excluded_resources=("/pay",)), Outcome.PASS),
        (RuleOptions(excluded_resources=("GET /cart",)), Outcome.FAIL),
        (RuleOptions(excluded_resources=()), Outcome.FAIL),
        (RuleOptions(allowed_resources=("GET /cart",)), Outcome.PASS),
        (RuleOptions(allowed_resources=("/pay",)), Outcome.FAIL),
        (RuleOptions(allowed_resources=("GET /nothing",)), Outcome.INCONCLUSIVE),
    ],
)
def test_a_rule_looks_at_the_resources_it_names(options: RuleOptions, outcome: Outcome) -> None:
    assert outcome is found(seen(BAD, GOOD), a_watch(options=options)).outcome


def test_a_tag_that_counts_are_not_split_by_is_told() -> None:
    finding = found(seen(BAD), a_watch(primary_tag="region:eu"))

    assert finding.reason.endswith("; all traffic was looked at, for it is not counted by region:eu")
