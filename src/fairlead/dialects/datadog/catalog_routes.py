"""The operations of Datadog's software catalogue: decode, call one thing, encode.

Not here: service definitions (`definitions_routes.py`), schemas, and the wording of refusals.
"""

from collections.abc import Sequence
from functools import partial

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.datadog import catalog_answers as answers
from fairlead.dialects.datadog import catalog_wire as wire
from fairlead.dialects.datadog.catalog_documents import entry_from, kinds_from
from fairlead.dialects.datadog.catalog_listing import (
    ENTITY_INCLUDES,
    RELATION_INCLUDES,
    Query,
    entities_page,
    entity_named,
    kinds_page,
    path_name,
    relations_page,
)
from fairlead.dialects.datadog.errors import MEDIA_TYPE
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.domain.catalog_kinds import Kind
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation as _operation
from fairlead.usecases.delete_entries import EntryNamed, delete_entries
from fairlead.usecases.delete_kinds import KindNamed, delete_kinds
from fairlead.usecases.find_entries import find_entries
from fairlead.usecases.find_kinds import find_kinds
from fairlead.usecases.find_relations import find_relations
from fairlead.usecases.preview_entries import preview_entries
from fairlead.usecases.put_entries import put_entries
from fairlead.usecases.put_kinds import put_kinds

operation = partial(_operation, media_type=MEDIA_TYPE)

READ = Permission.APM_SERVICE_CATALOG_READ
WRITE = Permission.APM_SERVICE_CATALOG_WRITE


@get(
    "/api/v2/catalog/entity",
    opt=operation(
        "ListCatalogEntity",
        None,
        wire.EntitiesFetched,
        query=(
            "page[limit]# page[offset]# filter[id] filter[ref] filter[name] filter[kind] filter[owner] "
            "filter[relation][type] include"
        ),
    ),
)
async def list_entities(request: AnyRequest) -> Answer:
    """Return entities by reference, with what else is asked for."""
    exchange = await Exchange.with_member(request, READ)
    query = Query(request)
    includes, page = query.chosen("include", ENTITY_INCLUDES), entities_page(query)
    found = await exchange.reception.read(
        find_entries, exchange.org_id, page, with_relations="relation" in includes
    )
    links = query.links(is_last=found.is_last)
    return exchange.answer(200, answers.entities_fetched(found.entries, includes, found.relations, links))


@post(
    "/api/v2/catalog/entity",
    status_code=202,
    opt=operation("UpsertCatalogEntity", wire.EntityRequest, wire.EntitiesFetched),
)
async def put_entities(request: AnyRequest) -> Answer:
    """Create or update entities, as JSON or YAML."""
    exchange = await Exchange.with_member(request, WRITE)
    documents, now = await exchange.documents(), exchange.reception.now()
    told = [entry_from(one, exchange.org_id, now) for one in documents]
    kept = await exchange.reception.write(put_entries, told)
    return exchange.answer(202, answers.entities_fetched(kept, ["schema"]))


@post(
    "/api/v2/catalog/entity/preview",
    status_code=202,
    opt=operation("PreviewCatalogEntities", None, wire.EntitiesPreviewed),
)
async def preview_entities(request: AnyRequest) -> Answer:
    """Return what an upsert of the same body would make, and keep nothing."""
    exchange = await Exchange.with_member(request, READ)
    documents, now = await exchange.documents(may_be_absent=True), exchange.reception.now()
    told = [entry_from(one, exchange.org_id, now) for one in documents]
    made = await exchange.reception.read(preview_entries, told)
    return exchange.answer(202, answers.previewed(made))


@delete(
    "/api/v2/catalog/entity/{entity_id:path}",
    # The framework takes 204 for handlers that return nothing at all, not even an answer.
    status_code=200,
    opt=operation("DeleteCatalogEntity", None, None),
)
async def delete_entity(request: AnyRequest) -> Answer:
    """Delete one entity, by its UUID or reference."""
    exchange = await Exchange.with_member(request, WRITE)
    named = EntryNamed(org_id=exchange.org_id, name=entity_named(path_name(request)))
    await exchange.reception.write(delete_entries, named)
    return exchange.nothing()


@get(
    "/api/v2/catalog/kind",
    opt=operation(
        "ListCatalogKind", None, wire.KindsFetched, query="page[limit]# page[offset]# filter[id] filter[name]"
    ),
)
async def list_kinds(request: AnyRequest) -> Answer:
    """Return the kinds that were added, by name."""
    exchange = await Exchange.with_member(request, READ)
    page = kinds_page(Query(request))
    found = await exchange.reception.read(find_kinds, exchange.org_id, page)
    return exchange.answer(200, answers.kinds_fetched(found))


@post(
    "/api/v2/catalog/kind",
    status_code=202,
    opt=operation("UpsertCatalogKind", wire.KindBody, wire.KindsFetched),
)
async def put_kind(request: AnyRequest) -> Answer:
    """Create or update a kind, as JSON or YAML."""
    exchange = await Exchange.with_member(request, WRITE)
    documents, now = await exchange.documents(), exchange.reception.now()
    told = kinds_from(documents, exchange.org_id, now)
    kept: list[Kind] = await exchange.reception.write(put_kinds, told)
    return exchange.answer(202, answers.kinds_fetched(kept))


@delete(
    "/api/v2/catalog/kind/{kind_id:path}",
    status_code=200,  # As above.
    opt=operation("DeleteCatalogKind", None, None),
)
async def delete_kind(request: AnyRequest) -> Answer:
    """Delete one kind, by its name or UUID."""
    exchange = await Exchange.with_member(request, WRITE)
    named = KindNamed(org_id=exchange.org_id, name=path_name(request))
    await exchange.reception.write(delete_kinds, named)
    return exchange.nothing()


@get(
    "/api/v2/catalog/relation",
    opt=operation(
        "ListCatalogRelation",
        None,
        wire.RelationsFetched,
        query="page[limit]# page[offset]# filter[type] filter[from_ref] filter[to_ref] include",
    ),
)
async def list_relations(request: AnyRequest) -> Answer:
    """Return how entities are related, by the entity that says it."""
    exchange = await Exchange.with_member(request, READ)
    query = Query(request)
    includes, page = query.chosen("include", RELATION_INCLUDES), relations_page(query)
    found = await exchange.reception.read(find_relations, exchange.org_id, page, with_entries=bool(includes))
    links = query.links(is_last=found.is_last)
    return exchange.answer(200, answers.relations_fetched(found.relations, found.entries, includes, links))


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_entities,
    put_entities,
    preview_entities,
    delete_entity,
    list_kinds,
    put_kind,
    delete_kind,
    list_relations,
)
