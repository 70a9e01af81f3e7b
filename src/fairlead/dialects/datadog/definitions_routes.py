"""The operations of Datadog's service definitions: decode, call one thing, encode.

Not here: versions and warnings, and the wording of refusals.
"""

from collections.abc import Sequence
from typing import Any

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.datadog import definitions_wire as wire
from fairlead.dialects.datadog.catalog_documents import entry_from, require_services
from fairlead.dialects.datadog.catalog_listing import Query, definitions_page, service_named, wanted_version
from fairlead.dialects.datadog.definitions_answers import definition_object, raw_definition
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.domain.catalog import Entry
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.delete_entries import EntryNamed, delete_entries
from fairlead.usecases.find_entries import find_entries
from fairlead.usecases.get_entry import get_entry
from fairlead.usecases.put_entries import put_entries

READ = Permission.APM_SERVICE_CATALOG_READ
WRITE = Permission.APM_SERVICE_CATALOG_WRITE
MEDIA_TYPE = "application/json"
_NOTHING_MEDIA_TYPE = "text/html; charset=utf-8"
"""Of the answer to a DELETE, as recorded."""
_DefinitionRequest = wire.Definition | str


@get(
    "/api/v2/services/definitions",
    opt=operation(
        "ListServiceDefinitions",
        None,
        wire.DefinitionsFetched,
        query="page[size]# page[number]# schema_version",
    ),
)
async def list_definitions(request: AnyRequest) -> Answer:
    """Return service definitions, by name."""
    exchange = await Exchange.with_member(request, READ)
    query = Query(request)
    version, page = wanted_version(query), definitions_page(query)
    found = await exchange.reception.read(find_entries, exchange.org_id, page)
    objects = [definition_object(one, version) for one in found.entries]
    return _answer(exchange, wire.DefinitionsFetched(objects))


@post(
    "/api/v2/services/definitions",
    status_code=200,
    opt=operation("CreateOrUpdateServiceDefinitions", _DefinitionRequest, wire.DefinitionsFetched),
)
async def put_definitions(request: AnyRequest) -> Answer:
    """Create or update a service definition, in any of its schemas, as JSON or YAML."""
    exchange = await Exchange.with_member(request, WRITE)
    documents, now = await exchange.documents(), exchange.reception.now()
    told = require_services([entry_from(one, exchange.org_id, now) for one in documents])
    kept: list[Entry] = await exchange.reception.write(put_entries, told)
    return _answer(exchange, wire.DefinitionsFetched([definition_object(one, with_id=False) for one in kept]))


@get(
    "/api/v2/services/definitions/{service_name:path}",
    opt=operation("GetServiceDefinition", None, wire.DefinitionFetched, query="schema_version"),
)
async def fetch_definition(request: AnyRequest) -> Answer:
    """Return one service definition."""
    exchange = await Exchange.with_member(request, READ)
    version = wanted_version(Query(request))
    entry = await _entry(exchange)
    return _answer(exchange, wire.DefinitionFetched(definition_object(entry, version)))


@get(
    "/api/v2/services/raw_definitions/{service_name:path}",
    opt=operation("GetRawServiceDefinition", None, wire.RawFetched),
)
async def fetch_raw_definition(request: AnyRequest) -> Answer:
    """Return the text that a service definition was told as."""
    exchange = await Exchange.with_member(request, READ)
    return _answer(exchange, raw_definition(await _entry(exchange)))


@delete(
    "/api/v2/services/definitions/{service_name:path}",
    # The framework takes 204 for handlers that return nothing at all, not even an answer.
    status_code=200,
    opt=operation("DeleteServiceDefinition", None, None),
)
async def delete_definition(request: AnyRequest) -> Answer:
    """Delete one service definition."""
    exchange = await Exchange.with_member(request, WRITE)
    named = EntryNamed(org_id=exchange.org_id, name=service_named(request))
    await exchange.reception.write(delete_entries, named)
    return exchange.nothing(_NOTHING_MEDIA_TYPE)


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_definitions,
    put_definitions,
    fetch_definition,
    fetch_raw_definition,
    delete_definition,
)


async def _entry(exchange: Exchange) -> Entry:
    return await exchange.reception.read(get_entry, exchange.org_id, service_named(exchange.request))


def _answer(exchange: Exchange, content: Any) -> Answer:
    return exchange.answer(200, content, MEDIA_TYPE)
