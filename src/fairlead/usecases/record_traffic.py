"""Record counts of requests, within the caps; counts that are delivered again change nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from msgspec import Struct, field

from fairlead.domain.access import OrgId
from fairlead.domain.traffic import DAY_NS, OTHER, Caps, Cell, Counts, Fault, Kept, Series
from fairlead.store import traffic
from fairlead.store.engine import Transaction


class CountsTold(Struct, frozen=True, kw_only=True):
    """Counts, and the caps in force."""

    counts: Counts
    caps: Caps


def record_traffic(transaction: Transaction, facts: Sequence[CountsTold]) -> list[Kept]:
    """Add each fact's counts to what is kept, and say of each what became of it."""
    new = traffic.claim(transaction, [fact.counts for fact in facts])
    by_org: dict[OrgId, list[CountsTold]] = defaultdict(list)
    for fact, is_new in zip(facts, new, strict=True):
        if is_new:
            by_org[fact.counts.org_id].append(fact)
    # One order everywhere, so that two processes never wait for each other.
    kept = {
        id(fact): result
        for org_id in sorted(by_org)
        for fact, result in zip(by_org[org_id], _record(transaction, org_id, by_org[org_id]), strict=True)
    }
    return [kept.get(id(fact), Kept(is_new=False)) for fact in facts]


class _Sums(Struct):
    """What is to be added, of all facts of one organisation."""

    requests: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    faults: dict[Fault, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, counts: Counts, homes: Mapping[Series, Series | None]) -> Kept:
        """Add one fact, each series where it is to be counted."""
        in_other = left_out = 0
        for cell, number in counts.requests.items():
            home = homes[cell.series]
            if home is None:
                left_out += number
                continue
            if home != cell.series:
                in_other += number
            self.requests[Cell(home, cell.minute)] += number
        for fault, number in counts.faults.items():
            home = homes[fault.cell.series]
            if home is not None:
                self.faults[Fault(Cell(home, fault.cell.minute), fault.error_type)] += number
        return Kept(is_new=True, in_other=in_other, left_out=left_out)


def add_traffic(transaction: Transaction, told: CountsTold) -> Kept:
    """Add counts that are known to be new to what is kept, and say what became of them."""
    return _record(transaction, told.counts.org_id, [told])[0]


def _record(transaction: Transaction, org_id: OrgId, facts: Sequence[CountsTold]) -> list[Kept]:
    caps = facts[-1].caps
    day = max(fact.counts.received_at for fact in facts) // DAY_NS
    first_minutes: dict[Series, int] = {}
    for fact in facts:
        for cell in fact.counts.requests:
            first_minutes[cell.series] = min(cell.minute, first_minutes.get(cell.series, cell.minute))
    homes = _homes(transaction, org_id, first_minutes, caps, day)
    sums = _Sums()
    kept = [sums.take(fact.counts, homes) for fact in facts]
    faults = _capped(transaction, org_id, sums.faults, caps)
    traffic.add(transaction, org_id, sums.requests, faults)
    return kept


def _homes(
    transaction: Transaction, org_id: OrgId, first_minutes: Mapping[Series, int], caps: Caps, day: int
) -> dict[Series, Series | None]:
    """Return where each series is to be counted: as itself, under `(other)`, or nowhere."""
    known = traffic.last_days(transaction, org_id, first_minutes)
    homes: dict[Series, Series | None] = {one: one for one in known}
    unknown = [one for one in first_minutes if one not in known]
    homes |= _within_resources(transaction, org_id, unknown, caps.resources)
    others = {home for home in homes.values() if home is not None and home.resource == OTHER}
    known |= traffic.last_days(transaction, org_id, others - known.keys())
    new = sorted({home for home in homes.values() if home is not None} - known.keys())
    if new:
        room = max(0, caps.series - traffic.series_of(transaction, org_id))
        refused = set(new[room:])
        homes = {one: None if home in refused else home for one, home in homes.items()}
        earliest = min(first_minutes.values())
        fresh = {one: first_minutes.get(one, earliest) for one in new[:room]}
        traffic.put_series(transaction, org_id, fresh, day)
    if stale := [one for one, last_day in known.items() if last_day < day]:
        traffic.put_seen(transaction, org_id, stale, day)
        traffic.drop_old(transaction, org_id, day - caps.days)
    return homes


def _within_resources(
    transaction: Transaction, org_id: OrgId, unknown: Iterable[Series], cap: int
) -> dict[Series, Series | None]:
    groups: dict[Series, list[Series]] = defaultdict(list)
    for one in unknown:
        groups[one._replace(resource=OTHER)].append(one)
    homes: dict[Series, Series | None] = {}
    for other, mine in groups.items():
        room = max(0, cap - traffic.resources_of(transaction, org_id, other))
        fitting = set(islice((one for one in sorted(mine) if one != other), room))
        homes |= {one: one if one in fitting or one == other else other for one in mine}
    return homes


def _capped(
    transaction: Transaction, org_id: OrgId, faults: Mapping[Fault, int], caps: Caps
) -> Mapping[Fault, int]:
    """Return `faults` with those beyond the cap of their minute under `(other)`."""
    if not faults:
        return faults
    known = traffic.error_types(transaction, org_id, {fault.cell for fault in faults})
    capped: dict[Fault, int] = defaultdict(int)
    for fault, number in sorted(faults.items()):
        types = known.setdefault(fault.cell, set())
        if fault.error_type in types or len(types) < caps.error_types:
            types.add(fault.error_type)
            capped[fault] += number
        else:
            capped[fault._replace(error_type=OTHER)] += number
    return capped
