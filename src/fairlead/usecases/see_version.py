"""See a version: what was counted of it, and of the versions before it.

Not here: what follows from it (`fairlead.gates`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from fairlead.domain.detection import Counted, Detection, ResourceSeen, VersionSeen
from fairlead.domain.evaluations import Watch
from fairlead.domain.traffic import MINUTE_NS, Series
from fairlead.store import failed_versions, traffic_sums
from fairlead.store.engine import Transaction
from fairlead.store.traffic_sums import Span, Sum

_MOST_SERIES = 50_000
_MINUTES_AN_HOUR = 60


def see_version(transaction: Transaction, watch: Watch, detection: Detection, until_at: int) -> VersionSeen:
    """Return what was counted up to the minute of `until_at`.

    A version is an earlier one if it was not first counted after the version that is watched. Those
    that are known to have failed are no measure, and left out.
    """
    start = watch.from_at // MINUTE_NS
    span = Span(
        org_id=watch.org_id,
        service=watch.service,
        env=watch.env,
        from_minute=start - detection.baseline_hours * _MINUTES_AN_HOUR,
        to_minute=until_at // MINUTE_NS + 1,
    )
    first = traffic_sums.first_minutes(transaction, span)
    failed = failed_versions.of(transaction, watch.org_id, watch.service, watch.env)
    earlier, left_out = _before(first, watch.version, failed)
    new = _by_resource(
        transaction, replace(span, from_minute=start - detection.lead_minutes), {watch.version}
    )
    old = _by_resource(transaction, span, earlier)
    types = _new_types(transaction, span, watch.version, earlier, start - detection.lead_minutes)
    rare = _rare_types(transaction, span, earlier, types)
    return VersionSeen(
        version=watch.version,
        earlier=tuple(sorted(earlier)),
        left_out=tuple(sorted(left_out)),
        resources=tuple(
            ResourceSeen(
                source=source,
                resource=resource,
                new=counted,
                old=old.get((source, resource), Counted(0, 0)),
                new_types=tuple(sorted(types.get((source, resource), {}).items())),
                rare_types=tuple(rare.get((source, resource), ())),
            )
            for (source, resource), counted in sorted(new.items())
        ),
    )


def _before(
    first: dict[tuple[str, str], int], version: str, failed: Collection[str]
) -> tuple[set[str], set[str]]:
    """Return the versions before `version`, and those among them that failed."""
    minutes: dict[str, int] = {}
    for (_, name), minute in first.items():
        minutes[name] = min(minute, minutes.get(name, minute))
    before = {
        name
        for name, minute in minutes.items()
        # Of two that began within one minute each counts as earlier: nobody knows which was.
        if name != version and (version not in minutes or minute <= minutes[version])
    }
    left_out = before.intersection(failed)
    return before - left_out, left_out


def _by_resource(
    transaction: Transaction, span: Span, versions: Collection[str]
) -> dict[tuple[str, str], Counted]:
    errors: dict[tuple[str, str], int] = defaultdict(int)
    requests: dict[tuple[str, str], int] = defaultdict(int)
    found: list[Sum] = traffic_sums.sums(transaction, span, most=_MOST_SERIES, versions=versions)
    for one in found:
        place = _place(one.series)
        errors[place] += one.errors
        requests[place] += one.requests
    return {place: Counted(errors[place], requests[place]) for place in requests}


def _new_types(
    transaction: Transaction, span: Span, version: str, earlier: Collection[str], start: int
) -> dict[tuple[str, str], dict[str, int]]:
    """Return types of errors of the version that no earlier one had, as far back as is kept."""
    mine = traffic_sums.fault_sums(
        transaction, replace(span, from_minute=start), most=_MOST_SERIES, versions={version}
    )
    if not mine:
        return {}
    known = traffic_sums.error_types(transaction, replace(span, from_minute=0), earlier)
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for fault in mine:
        if fault.error_type not in known:
            found[_place(fault.series)][fault.error_type] = fault.errors
    return found


def _rare_types(
    transaction: Transaction,
    span: Span,
    earlier: Collection[str],
    types: Mapping[tuple[str, str], Mapping[str, int]],
) -> dict[tuple[str, str], list[int]]:
    """Return how often earlier versions had each type that is no more frequent than a new one."""
    if not types:
        return {}
    errors: dict[tuple[tuple[str, str], str], int] = defaultdict(int)
    for fault in traffic_sums.fault_sums(transaction, span, most=_MOST_SERIES, versions=earlier):
        errors[_place(fault.series), fault.error_type] += fault.errors
    most = max(number for here in types.values() for number in here.values())
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (place, _), number in errors.items():
        if number <= most:
            found[place].append(number)
    return found


def _place(series: Series) -> tuple[str, str]:
    return series.source, series.resource
