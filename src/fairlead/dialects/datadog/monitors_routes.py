"""The operations of Datadog's v1 monitors: decode, call one thing, encode.

Not here: any rule about monitors, and the wording of refusals.
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.datadog import monitors_answers as answers
from fairlead.dialects.datadog import monitors_listing as listing
from fairlead.dialects.datadog import monitors_translate as translate
from fairlead.dialects.datadog import monitors_wire as wire
from fairlead.dialects.datadog.catalog_listing import Query
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.dialects.datadog.monitors_translate import monitor_named
from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.monitors import KnownMonitor, MonitorId, MonitorState, Mute
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.openapi import operation
from fairlead.usecases.change_monitors import MonitorChange, change_monitors
from fairlead.usecases.create_monitors import create_monitors
from fairlead.usecases.delete_monitors import MonitorNamed, delete_monitors, users_of
from fairlead.usecases.find_monitors import entered, find_monitors, get_monitor

_monitor = msgspec.json.Decoder(wire.MonitorRequest)
_mute = msgspec.json.Decoder(wire.MuteRequest)
_change = msgspec.json.Decoder(wire.MonitorChangeRequest)

READ = Permission.MONITORS_READ
WRITE = Permission.MONITORS_WRITE
MEDIA_TYPE = "application/json"
_CHANCE_BYTES = 8
_LATEST_S = 4_102_444_799
_MONITORS = "/api/v1/monitor"


@get(
    _MONITORS,
    opt=operation(
        "ListMonitors",
        None,
        list[wire.MonitorSeen],
        query="name tags monitor_tags group_states with_downtimes id_offset# page# page_size#",
    ),
)
async def list_monitors(request: AnyRequest) -> Answer:
    """Return monitors by name and tags."""
    exchange = await Exchange.with_member(request, READ)
    wanted, now = listing.list_wanted(Query(request)), exchange.reception.now()
    found = await exchange.reception.read(find_monitors, exchange.org_id, "", now)
    shown = listing.listed(found, wanted)
    return exchange.answer(
        200, await _seen(exchange, shown, wanted.states, wanted.with_downtimes), MEDIA_TYPE
    )


@post(_MONITORS, status_code=200, opt=operation("CreateMonitor", wire.MonitorRequest, wire.MonitorSeen))
async def create_monitor(request: AnyRequest) -> Answer:
    """Create a monitor."""
    exchange = await Exchange.with_member(request, WRITE)
    told, reception = await exchange.told(_monitor), exchange.reception
    chance = reception.chance(_CHANCE_BYTES)
    wanted = translate.monitor_from(told, exchange.caller, reception.now(), chance)
    created: KnownMonitor = await reception.write(create_monitors, wanted)
    return exchange.answer(200, answers.monitor_seen(created), MEDIA_TYPE)


@post(
    f"{_MONITORS}/validate",
    status_code=200,
    opt=operation("ValidateMonitor", wire.MonitorRequest, wire.Nothing),
)
async def validate_monitor(request: AnyRequest) -> Answer:
    """Say whether a monitor could be created, and keep nothing."""
    exchange = await Exchange.with_member(request, WRITE)
    told = await exchange.told(_monitor)
    translate.monitor_from(told, exchange.caller, exchange.reception.now(), b"")
    return exchange.answer(200, wire.Nothing(), MEDIA_TYPE)


@get(
    f"{_MONITORS}/can_delete",
    opt=operation("CheckCanDeleteMonitor", None, wire.DeletableFetched, query="monitor_ids!"),
)
async def can_delete(request: AnyRequest) -> Answer:
    """Say which monitors no rule of a gate names."""
    exchange = await Exchange.with_member(request, WRITE)
    ids = _ids(Query(request))
    users = await exchange.reception.read(users_of, exchange.org_id, ids)
    free = [int(id) for id in ids if id not in users]
    named = {str(id): told for id, told in users.items()} or None
    status = HTTPStatus.CONFLICT if named else HTTPStatus.OK
    return exchange.answer(status, wire.DeletableFetched(wire.Deletable(list(free)), named), MEDIA_TYPE)


@get(
    f"{_MONITORS}/search",
    opt=operation("SearchMonitors", None, wire.FoundFetched, query="query page# per_page# sort"),
)
async def search(request: AnyRequest) -> Answer:
    """Return the monitors that a search finds, with counts."""
    exchange = await Exchange.with_member(request, READ)
    page = listing.search_page(Query(request))
    found = await exchange.reception.read(
        find_monitors, exchange.org_id, page.query, exchange.reception.now()
    )
    in_order = listing.ordered(found, page)
    ids = [one.monitor.id for one in page.of(in_order)]
    when = await exchange.reception.read(entered, exchange.org_id, ids)
    return exchange.answer(200, answers.found_fetched(in_order, page, when), MEDIA_TYPE)


@get(
    f"{_MONITORS}/groups/search",
    opt=operation("SearchMonitorGroups", None, wire.FoundGroupsFetched, query="query page# per_page# sort"),
)
async def search_groups(request: AnyRequest) -> Answer:
    """Return the groups of monitors that a search finds, with counts."""
    exchange = await Exchange.with_member(request, READ)
    page = listing.search_page(Query(request))
    known = await exchange.reception.read(find_monitors, exchange.org_id, "", exchange.reception.now())
    found = listing.groups_of(known, page)
    ids = sorted({one.known.monitor.id for one in page.of(found)})
    when = await exchange.reception.read(entered, exchange.org_id, ids)
    return exchange.answer(200, answers.groups_fetched(found, page, when), MEDIA_TYPE)


@get(
    f"{_MONITORS}/{{monitor_id:str}}",
    opt=operation("GetMonitor", None, wire.MonitorSeen, query="group_states with_downtimes"),
)
async def fetch_monitor(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Return one monitor."""
    exchange = await Exchange.with_member(request, READ)
    query = Query(request)
    states, with_downtimes = listing.states_wanted(query), listing.with_downtimes(query)
    known = await _known(exchange, monitor_named(monitor_id))
    [seen] = await _seen(exchange, [known], states, with_downtimes)
    return exchange.answer(200, seen, MEDIA_TYPE)


@put(
    f"{_MONITORS}/{{monitor_id:str}}",
    opt=operation("UpdateMonitor", wire.MonitorChangeRequest, wire.MonitorSeen),
)
async def change_monitor(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Change a monitor; what is not named stays."""
    exchange = await Exchange.with_member(request, WRITE)
    id = monitor_named(monitor_id)
    told, known = await exchange.told(_change), await _known(exchange, id)
    change = translate.change_from(told, id, known.monitor, exchange.caller, exchange.reception.now())
    return await _changed(exchange, change)


@delete(
    f"{_MONITORS}/{{monitor_id:str}}",
    status_code=200,
    opt=operation("DeleteMonitor", None, wire.Deleted, query="force"),
)
async def delete_monitor(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Delete a monitor that no rule names, or any by force."""
    exchange = await Exchange.with_member(request, WRITE)
    force = (Query(request).texts("force") or ["false"])[-1].lower() in ("true", "1")
    named = MonitorNamed(
        org_id=exchange.org_id,
        monitor_id=monitor_named(monitor_id),
        force=force,
        at=exchange.reception.now(),
    )
    gone: MonitorId = await exchange.reception.write(delete_monitors, named)
    return exchange.answer(200, wire.Deleted(gone), MEDIA_TYPE)


@post(
    f"{_MONITORS}/{{monitor_id:str}}/validate",
    status_code=200,
    opt=operation("ValidateExistingMonitor", wire.MonitorRequest, wire.Nothing),
)
async def validate_existing(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Say whether a monitor could be changed so, and change nothing."""
    exchange = await Exchange.with_member(request, WRITE)
    told, known = await exchange.told(_change), await _known(exchange, monitor_named(monitor_id))
    translate.change_from(told, known.monitor.id, known.monitor, exchange.caller, exchange.reception.now())
    return exchange.answer(200, wire.Nothing(), MEDIA_TYPE)


@post(
    f"{_MONITORS}/{{monitor_id:str}}/mute",
    status_code=200,
    opt=operation("MuteMonitor", wire.MuteRequest, wire.MonitorSeen, query="scope end#"),
)
async def mute(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """Mute a monitor, or the groups of a scope."""
    exchange = await Exchange.with_member(request, WRITE)
    known, told = await _known(exchange, monitor_named(monitor_id)), await _mute_told(exchange)
    wanted = translate.mute_of(known.monitor.id, told.scope or "", told.end, known.at)
    others = [one for one in known.mutes if one.group != wanted.group]
    return await _changed(exchange, _muting(known, [*others, wanted]))


@post(
    f"{_MONITORS}/{{monitor_id:str}}/unmute",
    status_code=200,
    opt=operation("UnmuteMonitor", wire.MuteRequest, wire.MonitorSeen),
)
async def unmute(request: AnyRequest, monitor_id: FromPath[str]) -> Answer:
    """End the mute of a monitor, of a scope, or of all scopes."""
    exchange = await Exchange.with_member(request, WRITE)
    known, told = await _known(exchange, monitor_named(monitor_id)), await _mute_told(exchange)
    ended = translate.mute_of(known.monitor.id, told.scope or "", None, known.at).group
    left = [one for one in known.mutes if not told.all_scopes and one.group != ended]
    return await _changed(exchange, _muting(known, left))


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_monitors,
    create_monitor,
    validate_monitor,
    can_delete,
    search,
    search_groups,
    fetch_monitor,
    change_monitor,
    delete_monitor,
    validate_existing,
    mute,
    unmute,
)


async def _known(exchange: Exchange, id: MonitorId) -> KnownMonitor:
    return await exchange.reception.read(get_monitor, exchange.org_id, id, exchange.reception.now())


async def _changed(exchange: Exchange, change: MonitorChange) -> Answer:
    changed: KnownMonitor = await exchange.reception.write(change_monitors, change)
    return exchange.answer(200, answers.monitor_seen(changed), MEDIA_TYPE)


def _muting(known: KnownMonitor, mutes: Sequence[Mute]) -> MonitorChange:
    monitor = known.monitor
    return MonitorChange(org_id=monitor.org_id, monitor_id=monitor.id, mutes=tuple(mutes), at=known.at)


async def _mute_told(exchange: Exchange) -> wire.MuteRequest:
    """Return what is to be muted: clients tell it in the body, in the query, or not at all."""
    query = Query(exchange.request)
    scopes = query.texts("scope")
    if not scopes and not query.texts("end"):
        has_body = headers_of(exchange.request).get(b"content-length", b"0") != b"0"
        return await exchange.told(_mute) if has_body else wire.MuteRequest()
    end = query.number("end", 0, 0, _LATEST_S)
    return wire.MuteRequest(scope=scopes[-1] if scopes else "", end=end or None)


async def _seen(
    exchange: Exchange,
    shown: Sequence[KnownMonitor],
    states: frozenset[MonitorState] | None,
    with_downtimes: bool,  # noqa: FBT001 — as the query says it.
) -> list[wire.MonitorSeen]:
    """Return monitors, with the states of their groups where those were asked for."""
    ids = [one.monitor.id for one in shown] if states is not None else []
    when = await exchange.reception.read(entered, exchange.org_id, ids)
    return [
        answers.monitor_seen(
            one,
            groups=None if states is None else [span for span in one.spans if span.state in states],
            entered=when,
            with_downtimes=with_downtimes,
        )
        for one in shown
    ]


def _ids(query: Query) -> list[MonitorId]:
    texts = [part.strip() for text in query.texts("monitor_ids") for part in text.split(",")]
    if not texts or not all(text.isascii() and text.isdigit() for text in texts):
        raise Rejected("parameter 'monitor_ids' must name monitors by their numbers", field="monitor_ids")
    return [monitor_named(text) for text in texts]
