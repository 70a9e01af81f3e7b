"""The year of levels in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import get, put
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import levels_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.audited import write_audited
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.metrics.level_tables import YEARS, Year
from fairlead.metrics.levels import year_of
from fairlead.usecases.keep_level_year import YearTold, find_level_year, keep_level_years

_PATH = "/api/fairlead/v1/levels"
_year = msgspec.json.Decoder(wire.YearTold)


@get(_PATH, opt=operation("GetLevelYear", None, wire.YearSeen))
async def fetch_year(request: AnyRequest) -> Answer:
    """Return the year whose levels are shown where nobody asks for another."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    return exchange.answer(200, _seen(await exchange.reception.read(find_level_year, exchange.org_id)))


@put(_PATH, status_code=200, opt=operation("PutLevelYear", wire.YearTold, wire.YearSeen))
async def replace_year(request: AnyRequest) -> Answer:
    """Replace that year."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_WRITE)
    year = year_of((await exchange.told(_year)).year)
    told = YearTold(org_id=exchange.org_id, year=year, at=exchange.reception.now(), by=exchange.caller.key_id)
    await write_audited(
        exchange.reception,
        exchange.caller,
        keep_level_years,
        told,
        action="changed levels",
        subject="levels",
        detail=str(year.year),
    )
    return exchange.answer(200, _seen(year))


def _seen(year: Year) -> wire.YearSeen:
    return wire.YearSeen(year=year.year, source=year.source, confirmed=year.confirmed, years=list(YEARS))


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_year, replace_year)
