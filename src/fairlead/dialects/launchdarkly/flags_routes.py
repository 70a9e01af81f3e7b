"""Flags and how they stand, as far as Fairlead keeps them: decode, call one thing, encode."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import flags_wire as wire
from fairlead.dialects.launchdarkly import offsets
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.flags_answers import ACROSS, HERE, STATUSES, flag_rep, status_rep
from fairlead.dialects.launchdarkly.flags_listing import flags_asked, page_of
from fairlead.dialects.launchdarkly.flags_translate import Changed, flag_change_from, flag_from
from fairlead.dialects.launchdarkly.projects_routes import READ, WRITE
from fairlead.domain.errors import NotFound
from fairlead.domain.flag_changes import WholeFlag
from fairlead.domain.flag_events import Member
from fairlead.domain.flag_standing import Spans, Standing, spans_in_days
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.settings import Settings
from fairlead.usecases.change_flags import FlagChangeWanted, NewFlag, change_flags, create_flags
from fairlead.usecases.find_flags import FlagsFound, find_flag, find_flags, flag_standings
from fairlead.usecases.keep_projects import find_environment

_PROJECT = f"{HERE}/{{projectKey:str}}"
_FLAG = f"{_PROJECT}/{{featureFlagKey:str}}"
_STATUSES = f"{STATUSES}/{{projectKey:str}}/{{environmentKey:str}}"
_flag_told = msgspec.json.Decoder(wire.FlagTold)


@get(
    _PROJECT,
    opt=operation(
        "getFeatureFlags", None, wire.FlagsRep, query="limit# offset# filter sort env tag archived"
    ),
)
async def list_flags(request: AnyRequest) -> Answer:
    """Return one page of the flags of a project; all of them where a version from before pages asks."""
    exchange = await Exchange.begin(request, *READ)
    asked = exchange.asked
    here = page_of(asked, exchange.api_version)
    wanted, narrowing = flags_asked(asked, exchange.org_id, exchange.part("projectKey"), here)
    found = await exchange.reception.read(find_flags, wanted, narrowing)
    places = narrowing.environment_keys or None
    items = [flag_rep(one, found.environment_names, places) for one in found.flags]
    return exchange.answer(wire.FlagsRep(items, offsets.links(asked, here, found.total), found.total))


@post(_PROJECT, status_code=HTTPStatus.CREATED, opt=operation("postFeatureFlag", wire.FlagTold, wire.FlagRep))
async def create_flag(request: AnyRequest) -> Answer:
    """Create a flag."""
    exchange = await Exchange.begin(request, *WRITE)
    told = await exchange.told(_flag_told)
    flag = flag_from(told, exchange.org_id, exchange.part("projectKey"), exchange.reception.now())
    wanted = NewFlag(whole=WholeFlag(flag=flag), is_on=told.is_flag_on, by=Member())
    await exchange.reception.write(create_flags, wanted)
    return exchange.answer(await _as_kept(exchange, flag.key), HTTPStatus.CREATED)


@get(_FLAG, opt=operation("getFeatureFlag", None, wire.FlagRep, query="env"))
async def fetch_flag(request: AnyRequest) -> Answer:
    """Return one flag, with what it is set to everywhere, or in the environments named by `env`."""
    exchange = await Exchange.begin(request, *READ)
    return exchange.answer(await _as_kept(exchange, exchange.part("featureFlagKey")))


@patch(_FLAG, opt=operation("patchFeatureFlag", dict, wire.FlagRep))
async def change_flag(request: AnyRequest) -> Answer:
    """Change a flag, by a patch of any kind."""
    exchange = await Exchange.begin(request, *WRITE)
    await _change(exchange, flag_change_from(await exchange.body(), exchange.reception.now()))
    return exchange.answer(await _as_kept(exchange, exchange.part("featureFlagKey")))


@delete(_FLAG, status_code=HTTPStatus.OK, opt=operation("deleteFeatureFlag", None, None))
async def delete_flag(request: AnyRequest) -> Answer:
    """Delete a flag; what happened to it stays known."""
    exchange = await Exchange.begin(request, *WRITE)
    now = exchange.reception.now()

    def gone(known: WholeFlag, _places: frozenset[str]) -> WholeFlag:
        return WholeFlag(flag=replace(known.flag, deleted_at=now), settings=known.settings)

    await _change(exchange, gone)
    return exchange.nothing()


@get(_STATUSES, opt=operation("getFeatureFlagStatuses", None, wire.StatusesRep))
async def list_statuses(request: AnyRequest) -> Answer:
    """Return how all flags of a project stand in an environment, by key."""
    exchange = await Exchange.begin(request, *READ)
    place = exchange.part("environmentKey")
    where = exchange.org_id, exchange.part("projectKey"), place
    await exchange.reception.read(find_environment, *where)
    found = await _standings(exchange, place)
    items = [status_rep(one, place) for one in found]
    return exchange.answer(wire.StatusesRep({"self": exchange.asked.here()}, items))


@get(f"{_STATUSES}/{{featureFlagKey:str}}", opt=operation("getFeatureFlagStatus", None, wire.StatusRep))
async def fetch_status(request: AnyRequest) -> Answer:
    """Return how a flag stands in an environment."""
    exchange = await Exchange.begin(request, *READ)
    key, place = exchange.part("featureFlagKey"), exchange.part("environmentKey")
    await exchange.reception.read(find_environment, exchange.org_id, exchange.part("projectKey"), place)
    found = await _standings(exchange, place, key)
    if not found:
        raise NotFound(f'there is no flag "{key}" in the project that is not archived')
    return exchange.answer(status_rep(found[0], place))


@get(
    f"{ACROSS}/{{projectKey:str}}/{{featureFlagKey:str}}",
    opt=operation("getFeatureFlagStatusAcrossEnvironments", None, wire.StatusAcrossRep, query="env"),
)
async def fetch_status_across(request: AnyRequest) -> Answer:
    """Return how a flag stands in every environment, or in the one named by `env`."""
    exchange = await Exchange.begin(request, *READ)
    key = exchange.part("featureFlagKey")
    found = await exchange.reception.read(find_flag, exchange.org_id, exchange.part("projectKey"), key)
    told: dict[str, wire.StatusRep] = {}
    for place in _places(exchange, found):
        for one in await _standings(exchange, place, key):
            told[place] = status_rep(one, place, linked=False)
    return exchange.answer(wire.StatusAcrossRep(told, key, {"self": exchange.asked.here()}))


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_flags,
    create_flag,
    fetch_flag,
    change_flag,
    delete_flag,
    list_statuses,
    fetch_status,
    fetch_status_across,
)


def spans_of(settings: Settings) -> Spans:
    """Return how long is lately, old and quiet, as it is set."""
    return spans_in_days(
        settings.flag_status_days, settings.stale_flag_age_days, settings.stale_flag_quiet_days
    )


async def _change(exchange: Exchange, changed: Changed) -> None:
    wanted = FlagChangeWanted(
        org_id=exchange.org_id,
        project_key=exchange.part("projectKey"),
        key=exchange.part("featureFlagKey"),
        changed=changed,
        by=Member(),
        at=exchange.reception.now(),
    )
    await exchange.reception.write(change_flags, wanted)


async def _as_kept(exchange: Exchange, key: str) -> wire.FlagRep:
    found = await exchange.reception.read(find_flag, exchange.org_id, exchange.part("projectKey"), key)
    return flag_rep(found.flags[0], found.environment_names, _places(exchange, found))


def _places(exchange: Exchange, found: FlagsFound) -> Sequence[str]:
    named = exchange.asked.texts("env")
    for key in named:
        if key not in found.environment_names:
            raise NotFound(f'there is no environment "{key}" in the project')
    return named or tuple(found.environment_names)


async def _standings(exchange: Exchange, place: str, key: str | None = None) -> list[Standing]:
    return await exchange.reception.read(
        flag_standings,
        exchange.org_id,
        exchange.part("projectKey"),
        place,
        now=exchange.reception.now(),
        spans=spans_of(exchange.reception.settings),
        keys=None if key is None else [key],
    )
