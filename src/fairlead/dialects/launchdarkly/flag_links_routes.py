"""Links of flags, which a pull-request scanner sends: decode, call one thing, encode."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import flags_wire as wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.flags_answers import LINKS, link_rep
from fairlead.dialects.launchdarkly.patches import Change, change_from
from fairlead.dialects.launchdarkly.projects_routes import READ
from fairlead.dialects.launchdarkly.times import instant_from
from fairlead.domain.access import OrgId, Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.flag_links import LONGEST_LINK, LONGEST_TEXT, MOST_METADATA, FlagLink
from fairlead.domain.flags import hex_id
from fairlead.domain.texts import require_text
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.decoding import decode
from fairlead.usecases.keep_flag_links import (
    FlagLinkChange,
    change_flag_links,
    create_flag_links,
    find_flag_links,
)

WRITE = (Permission.INSIGHTS_WRITE, Permission.CODE_REFS_WRITE)
_FLAG = f"{LINKS}/{{projectKey:str}}/flags/{{featureFlagKey:str}}"
_LINK = f"{_FLAG}/{{id:str}}"
_EDITABLE = frozenset({"deepLink", "title", "description", "metadata", "timestamp"})
_link_told = msgspec.json.Decoder(wire.FlagLinkTold)


@get(_FLAG, opt=operation("getFlagLinks", None, wire.FlagLinksRep))
async def list_links(request: AnyRequest) -> Answer:
    """Return the links of a flag, the latest first."""
    exchange = await Exchange.begin(request, *READ)
    found = await exchange.reception.read(find_flag_links, exchange.org_id, *_flag_of(exchange))
    items = [link_rep(one) for one in found]
    return exchange.answer(wire.FlagLinksRep(items, {"self": exchange.asked.here()}))


@post(
    _FLAG,
    status_code=HTTPStatus.CREATED,
    opt=operation("createFlagLink", wire.FlagLinkTold, wire.FlagLinkRep),
)
async def create_link(request: AnyRequest) -> Answer:
    """Create a link; 409 where the flag has one of that key."""
    exchange = await Exchange.begin(request, *WRITE)
    told = await exchange.told(_link_told)
    where = (exchange.org_id, *_flag_of(exchange))
    wanted = link_from(told, where, exchange.reception.now(), exchange.reception.chance(8))
    kept: FlagLink = await exchange.reception.write(create_flag_links, wanted)
    return exchange.answer(link_rep(kept), HTTPStatus.CREATED)


@patch(_LINK, opt=operation("updateFlagLink", dict, wire.FlagLinkRep))
async def change_link(request: AnyRequest) -> Answer:
    """Change a link."""
    exchange = await Exchange.begin(request, *WRITE)
    changed = _changed_by(change_from(await exchange.body()))
    kept: FlagLink = await exchange.reception.write(change_flag_links, _named(exchange, changed))
    return exchange.answer(link_rep(kept))


@delete(_LINK, status_code=HTTPStatus.OK, opt=operation("deleteFlagLink", None, None))
async def delete_link(request: AnyRequest) -> Answer:
    """Delete a link."""
    exchange = await Exchange.begin(request, *WRITE)
    await exchange.reception.write(change_flag_links, _named(exchange, None))
    return exchange.nothing()


HANDLERS: Sequence[HTTPRouteHandler] = (list_links, create_link, change_link, delete_link)


def link_from(told: wire.FlagLinkTold, flag: tuple[OrgId, str, str], now: int, chance: bytes) -> FlagLink:
    """Return the link that was told of the flag of an organisation, a project and a key.

    Raises:
        Rejected: something about it is not acceptable; the field is the attribute's name.
    """
    org_id, project_key, flag_key = flag
    key = require_text(told.key or "", "key")
    metadata = told.metadata or {}
    if len(metadata) > MOST_METADATA:
        raise Rejected(f'attribute "metadata" holds more than {MOST_METADATA} texts', field="metadata")
    for name, text in metadata.items():
        require_text(name, "metadata")
        require_text(text, "metadata", longest=LONGEST_TEXT)
    return FlagLink(
        org_id=org_id,
        project_key=project_key,
        flag_key=flag_key,
        id=hex_id(org_id, project_key, flag_key, key, "" if key else chance.hex()),
        key=key,
        integration_key=require_text(told.integration_key or "", "integrationKey"),
        deep_link=require_text(told.deep_link or "", "deepLink", longest=LONGEST_LINK),
        title=require_text(told.title or "", "title", longest=LONGEST_TEXT),
        description=require_text(told.description or "", "description", longest=LONGEST_TEXT),
        metadata=metadata,
        at=now if told.timestamp is None else instant_from(told.timestamp, "timestamp"),
        created_at=now,
    )


def _changed_by(change: Change) -> Callable[[FlagLink], FlagLink]:
    def changed(known: FlagLink) -> FlagLink:
        document = {
            "deepLink": known.deep_link,
            "title": known.title,
            "description": known.description,
            "metadata": known.metadata,
        }
        told = decode(_link_told, msgspec.json.encode(change.applied(document, _EDITABLE)))
        told.key, told.integration_key = known.key, known.integration_key
        flag = known.org_id, known.project_key, known.flag_key
        wanted = link_from(told, flag, known.at, b"")
        return replace(wanted, id=known.id, created_at=known.created_at)

    return changed


def _flag_of(exchange: Exchange) -> tuple[str, str]:
    return exchange.part("projectKey"), exchange.part("featureFlagKey")


def _named(exchange: Exchange, changed: Callable[[FlagLink], FlagLink] | None) -> FlagLinkChange:
    project_key, flag_key = _flag_of(exchange)
    return FlagLinkChange(
        org_id=exchange.org_id,
        project_key=project_key,
        flag_key=flag_key,
        id=exchange.part("id"),
        changed=changed,
    )
