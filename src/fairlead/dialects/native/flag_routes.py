"""Flags in Fairlead's own API: what happened to them, what they served, and how they stand."""

from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import flag_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.flag_translate import evaluations_from, reports_from, standings
from fairlead.domain.access import Permission
from fairlead.domain.flag_standing import spans_in_days
from fairlead.domain.flags import DEFAULT_PROJECT, require_key
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.find_flags import flag_standings
from fairlead.usecases.keep_projects import find_environment
from fairlead.usecases.record_flag_reports import record_evaluations, record_flag_report_lots

_HERE = "/api/fairlead/v1/flags"
_changes = msgspec.json.Decoder(wire.ChangesTold)
_evaluations = msgspec.json.Decoder(wire.EvaluationsTold)


@post(
    f"{_HERE}/changes",
    status_code=200,
    opt=operation("RecordFlagChanges", wire.ChangesTold, wire.Received, key_alone=True),
)
async def create_changes(request: AnyRequest) -> Answer:
    """Record what happened to flags, in any order; told again it is one."""
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_changes)
    await exchange.reception.write(record_flag_report_lots, reports_from(told, exchange.org_id))
    return exchange.answer(200, wire.Received(len(told.changes)))


@post(
    f"{_HERE}/evaluations",
    status_code=200,
    opt=operation("RecordFlagEvaluations", wire.EvaluationsTold, wire.Received, key_alone=True),
)
async def create_evaluations(request: AnyRequest) -> Answer:
    """Record what flags served, minute by minute; the count of a minute told again is replaced."""
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_evaluations)
    await exchange.reception.write(record_evaluations, evaluations_from(told, exchange.org_id))
    return exchange.answer(200, wire.Received(len(told.evaluations)))


@get(
    _HERE, opt=operation("ListFlagStandings", None, wire.FlagStandings, query="project_key environment_key!")
)
async def list_standings(request: AnyRequest) -> Answer:
    """Return how the flags of a project stand in an environment, by key."""
    exchange = await Exchange.with_member(request, Permission.INSIGHTS_READ)
    project = request.query_params.get("project_key") or DEFAULT_PROJECT
    place = require_key(request.query_params.get("environment_key", ""), "environment_key")
    now, settings = exchange.reception.now(), exchange.reception.settings
    await exchange.reception.read(find_environment, exchange.org_id, project, place)
    found = await exchange.reception.read(
        flag_standings,
        exchange.org_id,
        project,
        place,
        now=now,
        spans=spans_in_days(
            settings.flag_status_days, settings.stale_flag_age_days, settings.stale_flag_quiet_days
        ),
    )
    return exchange.answer(200, wire.FlagStandings(project, place, standings(found, now)))


HANDLERS: Sequence[HTTPRouteHandler] = (create_changes, create_evaluations, list_standings)
