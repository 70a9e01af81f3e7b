"""Which resources of a version are at fault."""

import pytest
from msgspec.structs import replace

from fairlead.domain.detection import Correction, Counted, Detection, Method, ResourceSeen
from fairlead.domain.errors import Rejected
from fairlead.gates.version_comparison import judge, told

USUAL = Detection()


def a_resource(
    new: tuple[int, int], old: tuple[int, int], name: str = "GET /pay", **types: int
) -> ResourceSeen:
    """Return a resource with (errors, requests) of the new version and of earlier ones."""
    return ResourceSeen(
        source="otlp",
        resource=name,
        new=Counted(*new),
        old=Counted(*old),
        new_types=tuple(types.items()),
    )


def faults(*seen: ResourceSeen, detection: Detection = USUAL, share: float = 1.0) -> list[tuple[str, str]]:
    return [(one.resource, one.error_type) for one in judge(seen, detection, share).at_fault]


@pytest.mark.parametrize(
    ("new", "old", "is_fault"),
    [
        ((25, 500), (1, 2000), True),
        ((5, 500), (20, 2000), False),
        ((2, 100), (0, 1200), True),
        # A single error is enough where fewer than one in 38 requests were the new version's, and beside
        # one other where fewer than one in 85 were.
        ((1, 100), (0, 100_000), True),
        ((1, 100), (0, 3900), True),
        ((1, 100), (0, 3700), False),
        ((1, 100), (1, 8700), True),
        ((1, 100), (1, 8400), False),
        ((0, 500), (0, 2000), False),
        ((9, 9), (0, 2000), False),
        ((5, 100), (0, 9), False),
        # Surely more, and not enough more to matter.
        ((1100, 10_000), (10_000, 100_000), False),
        ((40, 1_000_000), (10, 1_000_000), False),
        # Fewer than before.
        ((1, 1000), (500, 10_000), False),
    ],
)
def test_a_fault_is_too_much_for_chance_and_large_enough_to_matter(
    new: tuple[int, int], old: tuple[int, int], is_fault: bool
) -> None:
    assert is_fault == bool(faults(a_resource(new, old)))


def test_a_type_of_error_that_is_new_is_judged_by_itself() -> None:
    seen = a_resource((14, 1000), (120, 10_000), KeyError=4)

    assert [("GET /pay", "KeyError")] == faults(seen)


def test_a_first_error_of_a_new_type_is_one_question_and_not_two() -> None:
    [fault, same] = faults(a_resource((1, 30), (0, 1550), KeyError=1))

    assert [("GET /pay", ""), ("GET /pay", "KeyError")] == [fault, same]


def test_where_earlier_versions_had_rare_errors_of_their_own_one_more_is_nothing() -> None:
    seen = a_resource((1, 30), (5, 3000), KeyError=1)

    assert [("GET /pay", "KeyError")] == faults(seen)
    assert [] == faults(replace(seen, rare_types=(1, 1, 1, 1, 1)))
    assert [("GET /pay", "KeyError")] == faults(
        replace(a_resource((3, 30), (80, 3000), KeyError=2, OSError=1), rare_types=(1, 1, 1, 1, 1))
    )


def test_one_bad_resource_among_many_is_found() -> None:
    good = [a_resource((3, 300), (30, 3000), f"GET /{number}") for number in range(40)]

    assert [("GET /pay", "")] == faults(*good, a_resource((15, 300), (3, 3000)))


def test_many_resources_make_each_harder_to_fault() -> None:
    doubtful = a_resource((4, 100), (8, 1200))
    others = [a_resource((3, 300), (30, 3000), f"GET /{number}") for number in range(40)]

    assert [("GET /pay", "")] == faults(doubtful)
    assert [] == faults(doubtful, *others)
    assert [("GET /pay", "")] == faults(doubtful, *others, detection=Detection(correction=Correction.NONE))


def test_resources_without_errors_do_not_make_others_harder_to_fault() -> None:
    quiet = [a_resource((0, 300), (0, 3000), f"GET /{number}") for number in range(400)]

    assert [("GET /pay", "")] == faults(a_resource((4, 100), (8, 1200)), *quiet)


def test_an_early_look_asks_for_more() -> None:
    doubtful = a_resource((4, 100), (8, 1200))

    assert [] == faults(doubtful, share=0.01)


def test_each_parameter_can_be_set() -> None:
    doubtful = a_resource((4, 100), (8, 1200))
    stricter = [
        Detection(confidence=0.9999),
        Detection(min_errors=5),
        Detection(min_ratio=7),
        Detection(min_increase=0.04),
        Detection(min_requests=101),
        Detection(min_baseline_requests=1201),
    ]

    assert [[]] * len(stricter) == [faults(doubtful, detection=detection) for detection in stricter]
    assert [] == faults(
        a_resource((4, 100), (9, 1200)), detection=Detection(method=Method.EXACT, confidence=0.993)
    )


@pytest.mark.parametrize(
    "wrong",
    [{"confidence": 1.0}, {"looks": 0}, {"min_errors": 0}, {"min_ratio": 0.5}, {"min_increase": -0.1}],
)
def test_a_parameter_out_of_bounds_is_named(wrong: dict[str, float]) -> None:
    with pytest.raises(Rejected, match=next(iter(wrong))):
        Detection(**wrong)  # type: ignore[arg-type]  # that is the test


def test_what_is_told_begins_with_the_faults_and_carries_the_figures() -> None:
    good = [a_resource((3, 300), (30, 3000), f"GET /{number}") for number in range(40)]
    judgement = judge([*good, a_resource((25, 500), (1, 2000))], USUAL, 1.0)

    first, *others = told(judgement, USUAL)

    assert (True, "GET /pay", Counted(25, 500), Counted(1, 2000), 100.0) == (
        first.at_fault,
        first.resource,
        first.new,
        first.old,
        first.ratio,
    )
    assert first.ratio_low > 10
    assert first.p_value < first.threshold < USUAL.allowed
    assert [False] * 4 == [one.at_fault for one in others]
