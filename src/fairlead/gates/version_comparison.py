"""Comparing a version with those before it, resource by resource.

For each resource two questions, each with the null hypothesis that the new version fails no more
often than earlier ones: are all its errors more than before, and are those of a type more that no
earlier version had? A resource is at fault if chance explains what was counted too badly
(`sparse_counts`, `corrections`), and if the difference is also large enough to matter.

Not here: when to look, and what becomes of it (`faulty_deployment_rule`).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from fairlead.domain.detection import Comparison, Counted, Detection, Method, ResourceSeen
from fairlead.gates.corrections import threshold
from fairlead.gates.sparse_counts import least_p_value, p_value, ratio, ratio_interval

MOST_TOLD = 20
_FEWEST_TOLD = 5


class Judged(Struct, frozen=True):
    """One comparison, without what is only worth working out for those that are told."""

    resource: str
    error_type: str
    new: Counted
    old: Counted
    p_value: float


class Judgement(Struct, frozen=True):
    """All comparisons of one look."""

    judged: tuple[Judged, ...]
    limit: float
    """The p-value that a fault may have at most."""
    at_fault: tuple[Judged, ...]


def is_judged(seen: ResourceSeen, detection: Detection) -> bool:
    """Return whether there were enough requests of a resource to say anything about it."""
    enough = seen.new.requests >= detection.min_requests
    return enough and seen.old.requests >= detection.min_baseline_requests


def judge(seen: Sequence[ResourceSeen], detection: Detection, share: float) -> Judgement:
    """Compare all resources that can be judged, and return which are at fault.

    `share` is how much of the allowed error may be spent this time.
    """
    mid, allowed = detection.method is Method.MID_P, detection.allowed * share
    enough = [one for one in seen if is_judged(one, detection)]
    judged = tuple(question for one in enough for question in _questions(one, mid=mid))
    limit = allowed
    # No way of sharing gives more than all there is, so most looks need not work it out.
    if any(one.p_value <= allowed for one in judged):
        least = [*_least(judged, mid=mid), *_least_of_rare(enough, mid=mid)]
        limit = threshold(allowed, least, detection.correction)
    at_fault = (one for one in judged if one.p_value <= limit and _matters(one.new, one.old, detection))
    return Judgement(judged, limit, tuple(at_fault))


def told(judgement: Judgement, detection: Detection) -> tuple[Comparison, ...]:
    """Return what a finding tells of a judgement: the faults, or those that come nearest to one."""
    faults = set(judgement.at_fault)
    first = sorted(judgement.judged, key=lambda one: (one not in faults, one.p_value, one.resource))
    number = min(MOST_TOLD, max(_FEWEST_TOLD, len(faults)))
    return tuple(
        _comparison(one, detection, judgement.limit, at_fault=one in faults) for one in first[:number]
    )


def _questions(seen: ResourceSeen, *, mid: bool) -> Iterator[Judged]:
    yield _judged(seen.resource, "", seen.new, seen.old, mid=mid)
    for error_type, errors in seen.new_types:
        new, old = Counted(errors, seen.new.requests), Counted(0, seen.old.requests)
        yield _judged(seen.resource, error_type, new, old, mid=mid)


def _judged(resource: str, error_type: str, new: Counted, old: Counted, *, mid: bool) -> Judged:
    # Without errors there is nothing to work out, and this is how most resources are.
    return Judged(resource, error_type, new, old, p_value(new, old, mid=mid) if new.errors else 1.0)


def _least(judged: Sequence[Judged], *, mid: bool) -> Iterator[float]:
    """Yield the p-values there would be if all errors were the new version's.

    Where all errors of a resource are of one new type, both questions are one.
    """
    for one in {(one.resource, one.new, one.old): one for one in judged}.values():
        yield least_p_value(one.new, one.old, mid=mid) if one.new.errors + one.old.errors else 1.0


def _least_of_rare(seen: Sequence[ResourceSeen], *, mid: bool) -> Iterator[float]:
    """Yield the same for types of errors that would be new if chance had given them to the new version.

    Where earlier versions have a new rare error every hour, one more is nothing.
    """
    for one in seen:
        for errors in one.rare_types:
            yield least_p_value(Counted(0, one.new.requests), Counted(errors, one.old.requests), mid=mid)


def _comparison(one: Judged, detection: Detection, limit: float, *, at_fault: bool) -> Comparison:
    low, high = ratio_interval(one.new, one.old, detection.confidence)
    return Comparison(
        resource=one.resource,
        error_type=one.error_type,
        new=one.new,
        old=one.old,
        ratio=ratio(one.new, one.old),
        ratio_low=low,
        ratio_high=high,
        p_value=one.p_value,
        threshold=limit,
        at_fault=at_fault,
    )


def _matters(new: Counted, old: Counted, detection: Detection) -> bool:
    before, now = old.rate or 0.0, new.rate or 0.0
    return (
        new.errors >= detection.min_errors
        and now >= before * detection.min_ratio
        and now - before >= detection.min_increase
    )
