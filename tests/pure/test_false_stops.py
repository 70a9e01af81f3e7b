"""How often a version that is as good as before is stopped, worked out instead of simulated.

For a common rate of errors and so many requests, every way in which errors can fall to the earlier
versions and to the new one up to each look is weighed by its Poisson probability.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pytest
import scipy

from fairlead.domain.detection import Counted, Detection, Method, ResourceSeen
from fairlead.gates.corrections import looks
from fairlead.gates.version_comparison import judge

REQUESTS: Final = 80_000
MOST_NEW: Final = 75
MOST_OLD: Final = 140
# Errors expected in all: of the new version and of earlier ones together.
EXPECTED: Final = (*np.geomspace(0.2, 20, 30), *np.linspace(22, 64, 24))


def an_eager(confidence: float, **changes: Any) -> Detection:
    """Return parameters by which only chance decides, not how large a fault is."""
    return Detection(confidence=confidence, min_ratio=1, min_increase=0, **changes)


def worst_share_stopped(detection: Detection, times: float, arrives: Sequence[float] | None = None) -> float:
    """Return how often a version is stopped at the common rate at which that is most often.

    Earlier versions answered `times` as many requests; `arrives` says which share of its own the
    version has answered by each look.
    """
    plan = looks(0, REQUESTS, detection.looks)
    by_look = arrives or [look.at / REQUESTS for look in plan]
    first = [
        _fewest_that_stop(detection, look.share, round(REQUESTS * part), round(REQUESTS * times))
        for look, part in zip(plan, by_look, strict=True)
    ]
    return max(_share_stopped(first, by_look, expected, times) for expected in EXPECTED)


def _fewest_that_stop(detection: Detection, share: float, requests: int, before: int) -> Any:
    """Return for each number of earlier errors how many of the new version's stop it."""
    fewest, least = [], 1
    for old in range(MOST_OLD):
        while least < MOST_NEW:
            if _stops(detection, share, Counted(least, requests), Counted(old, before)):
                break
            least += 1
        fewest.append(least)
    return np.array(fewest)


def _stops(detection: Detection, share: float, new: Counted, old: Counted) -> bool:
    seen = ResourceSeen(source="otlp", resource="GET /pay", new=new, old=old)
    return bool(judge([seen], detection, share).at_fault)


def _share_stopped(first: Sequence[Any], by_look: Sequence[float], expected: float, times: float) -> float:
    """Return the probability of a stop at any look; what is beyond the tables counts as stopped."""
    errors = np.arange(MOST_NEW)
    going_on = np.zeros((MOST_OLD, MOST_NEW))
    going_on[:, 0] = 1
    for fewest, (before, now) in zip(first, pairwise([0.0, *by_look]), strict=True):
        more = scipy.stats.poisson.pmf(
            errors - errors[:, np.newaxis], expected / (1 + times) * (now - before)
        )
        going_on = (going_on @ more) * (errors < fewest[:, np.newaxis])
    old = scipy.stats.poisson.pmf(np.arange(MOST_OLD), expected * times / (1 + times))
    return float(1 - old @ going_on.sum(axis=1))


@pytest.mark.parametrize("confidence", [0.99, 0.95, 0.999])
@pytest.mark.parametrize("times", [1.4, 4, 9, 12, 40, 96, 110, 125, 400, 2000])
def test_no_common_rate_lets_more_be_stopped_in_vain_than_is_allowed(times: float, confidence: float) -> None:
    detection = an_eager(confidence)

    assert worst_share_stopped(detection, times) <= detection.allowed


@pytest.mark.parametrize("arrives", [(0.001, 0.01, 0.1, 1.0), (0.7, 0.9, 0.95, 1.0)])
@pytest.mark.parametrize("times", [4, 12, 96])
def test_it_does_not_matter_when_the_requests_come(times: float, arrives: Sequence[float]) -> None:
    assert worst_share_stopped(an_eager(0.99), times, arrives) <= 0.01


@pytest.mark.parametrize("times", [1.4, 12, 400])
def test_the_exact_method_never_stops_more_than_mid_p(times: float) -> None:
    exact = worst_share_stopped(an_eager(0.99, method=Method.EXACT), times)

    assert exact <= worst_share_stopped(an_eager(0.99), times)


@pytest.mark.parametrize("number", [1, 2, 10])
def test_more_looks_spend_no_more(number: int) -> None:
    assert worst_share_stopped(an_eager(0.99, looks=number), 12) <= 0.01


def test_nearly_all_that_is_allowed_is_used() -> None:
    assert worst_share_stopped(an_eager(0.99), 12) > 0.0085
