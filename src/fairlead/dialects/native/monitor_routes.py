"""Monitors in Fairlead's own API: decode, call one thing, encode."""

import re
from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.native import monitor_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.domain.access import OrgId, Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339, require_instant, to_rfc3339
from fairlead.domain.monitors import MonitorId, MonitorState, Span, overall
from fairlead.domain.texts import require_text
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.find_monitors import find_spans
from fairlead.usecases.tell_states import NO_MONITOR, StatesTold, tell_states

_state = msgspec.json.Decoder(wire.StateRequest)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_USUAL_SPAN_NS = 7 * 86_400 * NS_PER_S
_AHEAD_NS = 60 * NS_PER_S
"""How far a sender's clock may be ahead of this one."""


@post(
    "/api/fairlead/v1/monitors/{monitor_id:str}/state",
    status_code=200,
    opt=operation("TellMonitorState", wire.StateRequest, wire.StatesSeen),
)
async def tell_state(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Tell in which state a monitor is, or one of its groups, and since when."""
    exchange = await Exchange.with_member(request, Permission.MONITORS_WRITE)
    told, now = await exchange.told(_state), exchange.reception.now()
    states = _states_told(told, exchange.org_id, _id(monitor_id), now)
    await exchange.reception.write(tell_states, states)
    return await _seen(exchange, states.monitor_id, now)


@get(
    "/api/fairlead/v1/monitors/{monitor_id:str}/states",
    opt=operation("GetMonitorStates", None, wire.StatesSeen, query="from"),
)
async def fetch_states(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Return every state of a monitor since `from`, of the last seven days unless told otherwise."""
    exchange = await Exchange.with_member(request, Permission.MONITORS_READ)
    since = request.query_params.get("from")
    now = exchange.reception.now()
    since_at = now - _USUAL_SPAN_NS if since is None else _instant(since, "from")
    return await _seen(exchange, _id(monitor_id), since_at)


HANDLERS: Sequence[HTTPRouteHandler] = (tell_state, fetch_states)


async def _seen(exchange: Exchange, id: MonitorId, since_at: int) -> Answer:
    spans = await exchange.reception.read(find_spans, exchange.org_id, id, since_at)
    states = [
        wire.StateSeen(
            group=span.group,
            state=span.state.value,
            from_at=to_rfc3339(span.from_at),
            until_at=None if span.until_at is None else to_rfc3339(span.until_at),
            reason=span.reason,
            source=span.source.value,
        )
        for span in spans
    ]
    state = overall(span.state for span in spans if span.until_at is None)
    return exchange.answer(200, wire.StatesSeen(monitor_id=id, state=state.value, states=states))


def _states_told(told: wire.StateRequest, org_id: OrgId, id: MonitorId, now: int) -> StatesTold:
    at = now if told.at is None else _instant(told.at, "at")
    if at > now + _AHEAD_NS:
        raise Rejected('attribute "at" lies in the future', field="at")
    group = ",".join(part.strip() for part in require_text(told.group, "group").split(",") if part.strip())
    span = Span(
        monitor_id=id,
        group=group,
        state=_known_state(told.state),
        from_at=min(at, now),
        reason=require_text(told.reason, "reason"),
    )
    return StatesTold(org_id=org_id, monitor_id=id, spans=(span,), at=now)


def _known_state(text: str) -> MonitorState:
    try:
        return MonitorState(text.strip().lower().replace(" ", "_"))
    except ValueError:
        known = ", ".join(MonitorState)
        raise Rejected(f'attribute "state" must be one of {known}', field="state") from None


def _instant(told: str | int, field: str) -> int:
    try:
        at = told * NS_PER_MS if isinstance(told, int) else _from_text(told)
    except (ValueError, OverflowError):
        raise Rejected(
            f'attribute "{field}" must be an RFC 3339 date-time or milliseconds', field=field
        ) from None
    return require_instant(at, field)


def _from_text(text: str) -> int:
    return int(text) * NS_PER_MS if text.isascii() and text.isdigit() else from_rfc3339(text)


def _id(text: str) -> MonitorId:
    if not _NUMBER.fullmatch(text):
        raise NotFound(NO_MONITOR)
    return MonitorId(int(text))
