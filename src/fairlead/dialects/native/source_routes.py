"""Sources of traffic and strictness of judgement in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.native import source_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.source_translate import (
    detection_from,
    seen_detection,
    seen_source,
    source_from,
)
from fairlead.domain.access import Permission
from fairlead.domain.texts import require_text
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.change_detection import DetectionTold, change_detection, get_detection
from fairlead.usecases.list_traffic_sources import list_traffic_sources
from fairlead.usecases.put_traffic_sources import (
    SourceNamed,
    SourceTold,
    delete_traffic_sources,
    put_traffic_sources,
)

_source = msgspec.json.Decoder(wire.SourceTold)
_detection = msgspec.json.Decoder(wire.DetectionTold)
_SOURCE = "/api/fairlead/v1/traffic/sources/{name:str}"
_DETECTION = "/api/fairlead/v1/detection"


@get("/api/fairlead/v1/traffic/sources", opt=operation("ListTrafficSources", None, wire.Sources))
async def list_sources(request: AnyRequest) -> Answer:
    """List what Prometheus is asked for requests and errors, and how that went last time."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_READ)
    kept = await exchange.reception.read(list_traffic_sources, exchange.org_id)
    return exchange.answer(200, wire.Sources([seen_source(one) for one in kept]))


@put(_SOURCE, opt=operation("PutTrafficSource", wire.SourceTold, wire.SourceSeen))
async def put_source(request: AnyRequest, name: FromPath[str]) -> Answer:
    """Ask Prometheus for requests and errors of a service, from now on."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_WRITE)
    source = source_from(name, await exchange.told(_source))
    told = SourceTold(org_id=exchange.org_id, source=source, now=exchange.reception.now())
    return exchange.answer(200, seen_source(await exchange.reception.write(put_traffic_sources, told)))


@delete(_SOURCE, status_code=200, opt=operation("DeleteTrafficSource", None, None))
async def delete_source(request: AnyRequest, name: FromPath[str]) -> Answer:
    """Stop asking; what was counted stays."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_WRITE)
    named = SourceNamed(org_id=exchange.org_id, name=name)
    await exchange.reception.write(delete_traffic_sources, named)
    return Answer(204, b"", "application/json")


@get(_DETECTION, opt=operation("GetDetection", None, wire.DetectionSeen, query="service!"))
async def fetch_detection(request: AnyRequest) -> Answer:
    """Return how strictly versions are judged, of the service in the address or of all."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_READ)
    service = _service(request)
    found = await exchange.reception.read(get_detection, exchange.org_id, service)
    return exchange.answer(200, seen_detection(service, found))


@put(_DETECTION, opt=operation("PutDetection", wire.DetectionTold, wire.DetectionSeen))
async def put_detection(request: AnyRequest) -> Answer:
    """Say how strictly versions are judged; what is not told is as usual."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_WRITE)
    detection = detection_from(await exchange.told(_detection))
    return await _changed(
        exchange,
        DetectionTold(
            org_id=exchange.org_id,
            service=_service(request),
            detection=detection,
            now=exchange.reception.now(),
        ),
    )


@delete(
    _DETECTION, status_code=200, opt=operation("DeleteDetection", None, wire.DetectionSeen, query="service!")
)
async def delete_detection(request: AnyRequest) -> Answer:
    """Judge as usual again."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_WRITE)
    return await _changed(
        exchange,
        DetectionTold(
            org_id=exchange.org_id, service=_service(request), detection=None, now=exchange.reception.now()
        ),
    )


async def _changed(exchange: Exchange, told: DetectionTold) -> Answer:
    found = await exchange.reception.write(change_detection, told)
    return exchange.answer(200, seen_detection(told.service, found))


def _service(request: AnyRequest) -> str:
    return require_text(request.query_params.get("service", "").strip(), "service")


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_sources,
    put_source,
    delete_source,
    fetch_detection,
    put_detection,
    delete_detection,
)
