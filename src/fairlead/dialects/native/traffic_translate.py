"""From a question in Fairlead's own API to a span of traffic, and from counts to their shape."""

from collections.abc import Mapping

from fairlead.dialects.native import traffic_wire as wire
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, from_rfc3339, to_rfc3339
from fairlead.domain.texts import require_text
from fairlead.domain.traffic import MINUTE_NS, Series
from fairlead.store.traffic_sums import Span
from fairlead.usecases.get_traffic import Traffic

_USUAL_NS = 60 * MINUTE_NS
_FARTHEST = 1 << 62


def span_from(params: Mapping[str, str], org_id: OrgId, now: int) -> Span:
    """Return what is asked for: by default the last hour, in every environment.

    Raises:
        Rejected: no service is named, or an instant cannot be read.
    """
    service = require_text(params.get("service", "").strip(), "service")
    if not service:
        raise Rejected('parameter "service" is missing', field="service")
    env = params.get("env")
    to_at = _instant(params.get("to"), "to", now)
    from_at = _instant(params.get("from"), "from", to_at - _USUAL_NS)
    if from_at >= to_at:
        raise Rejected('parameter "from" must be earlier than "to"', field="from")
    return Span(
        org_id=org_id,
        service=service,
        env=None if env is None else require_text(env, "env"),
        from_minute=from_at // MINUTE_NS,
        to_minute=-(-to_at // MINUTE_NS),
    )


def seen(span: Span, traffic: Traffic) -> wire.TrafficSeen:
    """Return counts in the API's shape."""
    types: dict[Series, dict[str, int]] = {}
    for fault in traffic.faults:
        types.setdefault(fault.series, {})[fault.error_type] = fault.errors
    return wire.TrafficSeen(
        service=span.service,
        from_at=to_rfc3339(span.from_minute * MINUTE_NS),
        to_at=to_rfc3339(span.to_minute * MINUTE_NS),
        series=[
            wire.SeriesSeen(
                source=one.series.source,
                env=one.series.env or None,
                version=one.series.version or None,
                resource=one.series.resource,
                requests=one.requests,
                errors=one.errors,
                error_types=types.get(one.series, {}),
                first_at=to_rfc3339(one.first_minute * MINUTE_NS),
                last_at=to_rfc3339(one.last_minute * MINUTE_NS),
            )
            for one in traffic.sums
        ],
    )


def _instant(told: str | None, field: str, usual: int) -> int:
    """Return an instant told in RFC 3339 or in milliseconds since 1970."""
    if not told:
        return usual
    try:
        at = int(told) * NS_PER_MS if told.isascii() and told.isdigit() else from_rfc3339(told)
    except ValueError:
        at = -1
    if not 0 <= at < _FARTHEST:
        detail = f'parameter "{field}" must be an RFC 3339 date and time or milliseconds since 1970'
        raise Rejected(detail, field=field)
    return at
