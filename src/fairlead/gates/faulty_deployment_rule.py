"""Faulty deployment detection: the new version must not fail more than earlier ones did.

Looked at several times between its beginning and its end, it fails at the first look that finds a
resource at fault and passes at the end. Without enough requests nothing can be said, and that is
what it says. Not here: where counts come from, and how one resource is judged
(`version_comparison`).
"""

from collections.abc import Iterable, Sequence

from fairlead.domain.detection import Comparison, Counted, Detection, ResourceSeen, VersionSeen
from fairlead.domain.evaluations import Evidence, Watch
from fairlead.gates.corrections import Look, looks
from fairlead.gates.findings import Finding, Outcome, Watching
from fairlead.gates.version_comparison import is_judged, judge, told

NO_VERSION = "No version was told, so there is nothing to compare"
_MOST_NAMED = 5
_MOST_VERSIONS = 20
_SURE = 1e-12


def look_at(watch: Watch, detection: Detection, now: int) -> Look | None:
    """Return the latest look that is due; what is counted after it does not matter to it."""
    if not watch.version:
        return None
    due = [look for look in looks(watch.from_at, watch.until_at, detection.looks) if look.at <= now]
    return due[-1] if due else None


def find(watch: Watch, detection: Detection, seen: VersionSeen | None, now: int) -> Finding | Watching:
    """Return what the rule finds at `now`, or when to look again.

    `seen` holds what was counted up to the look that is due (`look_at`); None if none is.
    """
    if not watch.version:
        return Finding(outcome=Outcome.INCONCLUSIVE, reason=NO_VERSION)
    plan = looks(watch.from_at, watch.until_at, detection.looks)
    look = look_at(watch, detection, now)
    if look is None or seen is None:
        return Watching(plan[0].at)
    resources = [one for one in seen.resources if _is_watched(one.resource, watch)]
    judgement = judge(resources, detection, look.share)
    if judgement.at_fault:
        comparisons = told(judgement, detection)
        reason = _fault(watch, comparisons, detection)
        return Finding(outcome=Outcome.FAIL, reason=reason, evidence=_evidence(comparisons, seen))
    later = [one.at for one in plan if one.at > look.at]
    if later:
        return Watching(later[0])
    if not any(is_judged(one, detection) for one in resources):
        return Finding(outcome=Outcome.INCONCLUSIVE, reason=_missing(watch, resources, seen, detection))
    return Finding(outcome=Outcome.PASS, evidence=_evidence(told(judgement, detection), seen))


def _is_watched(resource: str, watch: Watch) -> bool:
    """Tell whether a rule looks at a resource, which it may name with its method or without."""
    names = {resource, resource.partition(" ")[2] or resource}
    options = watch.options
    if options.allowed_resources:
        return not names.isdisjoint(options.allowed_resources)
    return names.isdisjoint(options.excluded_resources or ())


def _fault(watch: Watch, comparisons: Sequence[Comparison], detection: Detection) -> str:
    """Return why a rule fails: which resources, and the figures of each."""
    by_resource: dict[str, list[Comparison]] = {}
    for one in comparisons:
        if one.at_fault:
            by_resource.setdefault(one.resource, []).append(one)
    named = [_one_fault(faults, detection) for faults in list(by_resource.values())[:_MOST_NAMED]]
    more = f"; and {len(by_resource) - _MOST_NAMED} more" if len(by_resource) > _MOST_NAMED else ""
    return f"Version {watch.version} fails more than before: {'; '.join(named)}{more}{_about_tag(watch)}"


def _one_fault(faults: Sequence[Comparison], detection: Detection) -> str:
    types = [f"{one.error_type} ({one.new.errors})" for one in faults if one.error_type]
    first = min(faults, key=lambda one: (bool(one.error_type), one.p_value))
    after = (
        f"{first.resource} answers {_share(first.new)} with an error, earlier versions {_share(first.old)}"
    )
    if first.error_type:
        after = f"{first.resource} answers {_share(first.new)} with an error that earlier versions never had"
    if first.ratio is not None:
        low = f"at least {first.ratio_low:.3g} times with {detection.confidence:.1%} confidence"
        after += f", {first.ratio:.3g} times as often, {low}"
    new = f", new types of errors: {', '.join(types[:_MOST_NAMED])}" if types else ""
    return f"{after} (p {_probability(first.p_value)}, threshold {first.threshold:.2g}){new}"


def _share(counted: Counted) -> str:
    return f"{counted.errors} of {counted.requests} requests ({counted.rate or 0:.2%})"


def _probability(p_value: float) -> str:
    return "< 1e-12" if p_value < _SURE else f"= {p_value:.2g}"


def _missing(watch: Watch, resources: Sequence[ResourceSeen], seen: VersionSeen, detection: Detection) -> str:
    """Return why nothing can be said."""
    requests = sum(one.new.requests for one in resources)
    if not requests:
        why = f"no requests of version {watch.version} were counted"
    elif not any(one.old.requests for one in resources):
        failed = f" but {_names(seen.left_out)}, which failed" if seen.left_out else ""
        why = f"no requests of an earlier version{failed} were counted to compare with"
    else:
        why = (
            f"{requests} requests of version {watch.version} were counted, but on no resource at least "
            f"{detection.min_requests} beside {detection.min_baseline_requests} of earlier versions"
        )
    return f"Not enough data: {why}{_about_tag(watch)}"


def _about_tag(watch: Watch) -> str:
    return (
        f"; all traffic was looked at, for it is not counted by {watch.primary_tag}"
        if watch.primary_tag
        else ""
    )


def _names(versions: Iterable[str]) -> str:
    return ", ".join(list(versions)[:_MOST_NAMED])


def _evidence(comparisons: tuple[Comparison, ...], seen: VersionSeen) -> Evidence:
    return Evidence(
        resources=tuple(dict.fromkeys(one.resource for one in comparisons if one.at_fault)),
        comparisons=comparisons,
        earlier_versions=seen.earlier[:_MOST_VERSIONS],
    )
