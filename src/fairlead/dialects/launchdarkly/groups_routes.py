"""Insight groups: decode, call one thing, encode."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import charts_wire as wire
from fairlead.dialects.launchdarkly import groups_translate as translate
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.keep_insight_groups import (
    GroupNamed,
    GroupShown,
    Moment,
    change_insight_groups,
    create_insight_groups,
    delete_insight_groups,
    find_insight_groups,
    get_insight_group,
)

_READ, _WRITE = Permission.INSIGHTS_READ, Permission.INSIGHTS_WRITE
_PATH = "/api/v2/engineering-insights/insights/groups"
_group = msgspec.json.Decoder(wire.GroupTold)


@post(
    "/api/v2/engineering-insights/insights/group",
    opt=operation("createInsightGroup", wire.GroupTold, wire.Group),
)
async def create_group(request: AnyRequest) -> Answer:
    """Create an insight group."""
    exchange = await Exchange.begin(request, _WRITE)
    group = translate.group_from(await exchange.told(_group), exchange.org_id, exchange.reception.now())
    await exchange.reception.write(create_insight_groups, group)
    shown = translate.group(GroupShown(group=group, scored=None), ())
    return exchange.answer(shown, HTTPStatus.CREATED)


@get(_PATH, opt=operation("getInsightGroups", None, wire.Groups, query="query sort offset# limit# expand"))
async def list_groups(request: AnyRequest) -> Answer:
    """Return a page of insight groups."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    page = translate.groups_asked(asked, exchange.org_id)
    found, total = await exchange.reception.read(find_insight_groups, page, _moment(exchange))
    wanted = asked.texts("expand")
    items = [translate.group(one, wanted) for one in found]
    return exchange.answer(translate.groups(asked, page, found, total, items))


@get(f"{_PATH}/{{group_key:str}}", opt=operation("getInsightGroup", None, wire.Group, query="expand"))
async def fetch_group(request: AnyRequest) -> Answer:
    """Return one insight group."""
    exchange = await Exchange.begin(request, _READ)
    wanted = exchange.asked.choices("expand", ["scores", "environment"])
    shown = await exchange.reception.read(
        get_insight_group,
        exchange.org_id,
        exchange.part("group_key"),
        _moment(exchange),
        with_scores="scores" in wanted,
    )
    return exchange.answer(translate.group(shown, wanted))


@patch(f"{_PATH}/{{group_key:str}}", opt=operation("patchInsightGroup", None, wire.Group))
async def change_group(request: AnyRequest) -> Answer:
    """Change an insight group."""
    exchange = await Exchange.begin(request, _WRITE)
    change = change_from(await exchange.body())
    key, moment = exchange.part("group_key"), _moment(exchange)
    shown = await exchange.reception.read(get_insight_group, exchange.org_id, key, moment, with_scores=False)
    after = change.applied(translate.document(shown.group), translate.EDITABLE)
    group = translate.group_changed(shown.group, after)
    await exchange.reception.write(change_insight_groups, group)
    return exchange.answer(translate.group(GroupShown(group=group, scored=None), ()))


@delete(f"{_PATH}/{{group_key:str}}", status_code=200, opt=operation("deleteInsightGroup", None, None))
async def delete_group(request: AnyRequest) -> Answer:
    """Delete an insight group."""
    exchange = await Exchange.begin(request, _WRITE)
    named = GroupNamed(org_id=exchange.org_id, key=exchange.part("group_key"))
    await exchange.reception.write(delete_insight_groups, named)
    return exchange.nothing()


def _moment(exchange: Exchange) -> Moment:
    return Moment(exchange.reception.now(), exchange.flag_spans)


HANDLERS: Sequence[HTTPRouteHandler] = (create_group, list_groups, fetch_group, change_group, delete_group)
