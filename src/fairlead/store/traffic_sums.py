"""Traffic: what is asked of the counts. Not here: writing them (`traffic.py`)."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.traffic import Series
from fairlead.store.engine import Transaction
from fairlead.store.tables import traffic_counts, traffic_faults, traffic_series

_s, _c, _f = traffic_series.c, traffic_counts.c, traffic_faults.c
Versions = Collection[str] | None
"""Which versions are meant; None is all of them."""
_NAMES = (_s.source, _s.service, _s.env, _s.version, _s.resource)


class Span(Struct, frozen=True, kw_only=True):
    """Whose traffic is asked for, and of which minutes; the last one does not belong."""

    org_id: OrgId
    service: str
    env: str | None
    """None asks for all of them."""
    from_minute: int
    to_minute: int

    def of_series(self) -> tuple[ColumnElement[bool], ...]:
        """Return which series are meant."""
        env = () if self.env is None else (_s.env == self.env.lower(),)
        return (_s.org_id == self.org_id, _s.service == self.service.lower(), *env)


class Sum(Struct, frozen=True):
    """What was counted of a series."""

    series: Series
    requests: int
    errors: int
    first_minute: int
    last_minute: int


class FaultSum(Struct, frozen=True):
    """Errors of one type that were counted of a series."""

    series: Series
    error_type: str
    errors: int


def sums(transaction: Transaction, span: Span, *, most: int, versions: Versions = None) -> list[Sum]:
    """Return up to `most` series with what was counted of them, by name."""
    joined = traffic_series.join(traffic_counts, (_c.org_id == _s.org_id) & (_c.series == _s.id))
    totals = func.sum(_c.requests), func.sum(_c.errors), func.min(_c.minute), func.max(_c.minute)
    wanted = (
        select(*_NAMES, *totals)
        .select_from(joined)
        .where(*span.of_series(), *_among(versions))
        .where(_c.minute >= span.from_minute, _c.minute < span.to_minute)
        .group_by(*_NAMES)
        .order_by(*_NAMES)
        .limit(most)
    )
    return [
        Sum(Series(*names), int(requests), int(errors), first, last)
        for *names, requests, errors, first, last in transaction.execute(wanted)
    ]


def fault_sums(
    transaction: Transaction, span: Span, *, most: int, versions: Versions = None
) -> list[FaultSum]:
    """Return up to `most` types of errors with how many were counted, by series and name."""
    joined = traffic_series.join(traffic_faults, (_f.org_id == _s.org_id) & (_f.series == _s.id))
    wanted = (
        select(*_NAMES, _f.error_type, func.sum(_f.errors))
        .select_from(joined)
        .where(*span.of_series(), *_among(versions))
        .where(_f.minute >= span.from_minute, _f.minute < span.to_minute)
        .group_by(*_NAMES, _f.error_type)
        .order_by(*_NAMES, _f.error_type)
        .limit(most)
    )
    return [
        FaultSum(Series(*names), error_type, int(errors))
        for *names, error_type, errors in transaction.execute(wanted)
    ]


def first_minutes(transaction: Transaction, span: Span) -> dict[tuple[str, str], int]:
    """Return the minute in which each source first saw each version of a service."""
    wanted = (
        select(_s.source, _s.version, func.min(_s.first_minute))
        .where(*span.of_series())
        .group_by(_s.source, _s.version)
    )
    return {(source, version): minute for source, version, minute in transaction.execute(wanted)}


def error_types(transaction: Transaction, span: Span, versions: Collection[str]) -> set[str]:
    """Return every type of error that any of `versions` had."""
    joined = traffic_series.join(traffic_faults, (_f.org_id == _s.org_id) & (_f.series == _s.id))
    wanted = select(_f.error_type).distinct().select_from(joined).where(*span.of_series(), *_among(versions))
    bounds = _f.minute >= span.from_minute, _f.minute < span.to_minute
    return {error_type for (error_type,) in transaction.execute(wanted.where(*bounds))}


def _among(versions: Versions) -> tuple[ColumnElement[bool], ...]:
    return () if versions is None else (_s.version.in_(sorted(versions)),)
