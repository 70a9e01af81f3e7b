"""Traffic: every statement that writes counts of requests and errors, and that drops old ones.

Not here: what is asked of them (`traffic_sums.py`), and which series are admitted (`usecases`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.traffic import DAY_NS, MINUTE_NS, OTHER, Cell, Counts, Fault, Series
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import traffic_counts, traffic_deliveries, traffic_faults, traffic_series

_s, _c, _f, _d = traffic_series.c, traffic_counts.c, traffic_faults.c, traffic_deliveries.c
_MINUTES_A_DAY = DAY_NS // MINUTE_NS
# Longer than any exporter tries again.
_DELIVERIES_KEPT_NS = 30 * MINUTE_NS
_KEYS_A_STATEMENT = 500

_series = BulkInsert(traffic_series, [column.name for column in traffic_series.columns], replaces=False)
_counts = BulkInsert(
    traffic_counts,
    ("org_id", "series", "minute", "requests", "errors"),
    replaces=True,
    adds=("requests", "errors"),
)
_faults = BulkInsert(
    traffic_faults, ("org_id", "series", "minute", "error_type", "errors"), replaces=True, adds=("errors",)
)
_deliveries = BulkInsert(traffic_deliveries, ("org_id", "id", "received_at"), replaces=False)


def claim(transaction: Transaction, told: Sequence[Counts]) -> list[bool]:
    """Return of each whether it is new; what was delivered a while ago is forgotten."""
    latest = {(one.org_id, one.id): one.received_at for one in told}
    for org_id in sorted({one.org_id for one in told}):
        before = max(one.received_at for one in told if one.org_id == org_id) - _DELIVERIES_KEPT_NS
        old = delete(traffic_deliveries).where(_d.org_id == org_id, _d.received_at < before)
        transaction.execute(old)
    left = _deliveries.run_for_new(transaction, [(*key, at) for key, at in sorted(latest.items())])
    answers = []
    for one in told:
        answers.append((one.org_id, one.id) in left)
        left.discard((one.org_id, one.id))
    return answers


def last_days(transaction: Transaction, org_id: OrgId, series: Iterable[Series]) -> dict[Series, int]:
    """Return those of `series` that are known, with the last day on which each was counted."""
    by_id = {one.id: one for one in series}
    found: dict[Series, int] = {}
    for part in _parts(sorted(by_id)):
        wanted = select(_s.id, _s.last_day).where(_s.org_id == org_id, _s.id.in_(part))
        found |= {by_id[row.id]: row.last_day for row in transaction.execute(wanted)}
    return found


def resources_of(transaction: Transaction, org_id: OrgId, like: Series) -> int:
    """Return how many resources are counted apart for what `like` is of."""
    same = _s.service == like.service, _s.env == like.env, _s.version == like.version
    mine = select(func.count()).where(_s.org_id == org_id, *same, _s.source == like.source)
    return transaction.execute(mine.where(_s.resource != OTHER)).scalar_one()


def series_of(transaction: Transaction, org_id: OrgId) -> int:
    """Return how many series an organisation has."""
    return transaction.execute(select(func.count()).where(_s.org_id == org_id)).scalar_one()


def put_series(
    transaction: Transaction, org_id: OrgId, first_minutes: Mapping[Series, int], day: int
) -> None:
    """Keep series that are new, with the minute of their first request, as counted on `day`."""
    rows = [(org_id, one.id, *one, minute, day) for one, minute in first_minutes.items()]
    _series.run(transaction, sorted(rows))


def put_seen(transaction: Transaction, org_id: OrgId, series: Iterable[Series], day: int) -> None:
    """Say that known series were counted on `day`."""
    for part in _parts(sorted(one.id for one in series)):
        mine = traffic_series.update().where(_s.org_id == org_id, _s.id.in_(part), _s.last_day < day)
        transaction.execute(mine.values(last_day=day))


def error_types(transaction: Transaction, org_id: OrgId, cells: Collection[Cell]) -> dict[Cell, set[str]]:
    """Return the types of errors that are known of `cells`."""
    by_key = {(one.series.id, one.minute): one for one in cells}
    minutes = sorted({minute for _, minute in by_key})
    found: dict[Cell, set[str]] = {}
    for part in _parts(sorted({series for series, _ in by_key})):
        mine = _f.org_id == org_id, _f.series.in_(part), _f.minute >= minutes[0], _f.minute <= minutes[-1]
        for row in transaction.execute(select(_f.series, _f.minute, _f.error_type).where(*mine)):
            cell = by_key.get((row.series, row.minute))
            if cell is not None:
                found.setdefault(cell, set()).add(row.error_type)
    return found


def add(
    transaction: Transaction, org_id: OrgId, requests: Mapping[Cell, int], faults: Mapping[Fault, int]
) -> None:
    """Add requests, and the errors among them, to what is counted."""
    errors: dict[Cell, int] = {}
    for fault, number in faults.items():
        errors[fault.cell] = errors.get(fault.cell, 0) + number
    rows = [
        (org_id, cell.series.id, cell.minute, number, errors.get(cell, 0))
        for cell, number in requests.items()
    ]
    _counts.run(transaction, sorted(rows))
    kinds = [(org_id, one.cell.series.id, one.cell.minute, one.error_type, n) for one, n in faults.items()]
    _faults.run(transaction, sorted(kinds))


def drop_minutes(
    transaction: Transaction, org_id: OrgId, source: str, from_minute: int, to_minute: int
) -> None:
    """Drop what a source counted in a span of minutes, so that it can be counted anew."""
    mine = select(_s.id).where(_s.org_id == org_id, _s.source == source)
    for counted, table in ((_c, traffic_counts), (_f, traffic_faults)):
        span = counted.minute >= from_minute, counted.minute < to_minute
        transaction.execute(delete(table).where(counted.org_id == org_id, *span, counted.series.in_(mine)))


def drop_old(transaction: Transaction, org_id: OrgId, before_day: int) -> None:
    """Drop what was counted before a day, and series that were not counted since."""
    before = before_day * _MINUTES_A_DAY
    transaction.execute(delete(traffic_counts).where(_c.org_id == org_id, _c.minute < before))
    transaction.execute(delete(traffic_faults).where(_f.org_id == org_id, _f.minute < before))
    transaction.execute(delete(traffic_series).where(_s.org_id == org_id, _s.last_day < before_day))


def _parts(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[at : at + _KEYS_A_STATEMENT] for at in range(0, len(values), _KEYS_A_STATEMENT))
