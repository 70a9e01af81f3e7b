"""Rules for failed deployments, and the audit log, in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import failure_rules_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.failure_rules_translate import (
    preview_seen,
    preview_wanted,
    rules_from,
    rules_seen,
    rules_text,
)
from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import to_rfc3339
from fairlead.intake.answer import Answer
from fairlead.intake.audited import write_audited
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.list_audit import list_audit
from fairlead.usecases.preview_failure_rules import preview_failure_rules
from fairlead.usecases.put_failure_rules import RulesTold, get_failure_rules, put_failure_rules

_rules = msgspec.json.Decoder(wire.RulesTold)
_tried = msgspec.json.Decoder(wire.RulesTried)
_PATH = "/api/fairlead/v1/change-failure-rules"
_MOST_ENTRIES = 1000


@get(_PATH, opt=operation("GetChangeFailureRules", None, wire.RulesSeen))
async def fetch_rules(request: AnyRequest) -> Answer:
    """Return the rules by which failed deployments are recognised."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    return exchange.answer(200, rules_seen(await exchange.reception.read(get_failure_rules, exchange.org_id)))


@put(_PATH, status_code=200, opt=operation("PutChangeFailureRules", wire.RulesTold, wire.RulesSeen))
async def replace_rules(request: AnyRequest) -> Answer:
    """Replace the rules; past deployments are decided about again, save for what people decided."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_WRITE)
    told = await exchange.told(_rules)
    rules = rules_from(told, exchange.caller.key_id, exchange.reception.now())
    await write_audited(
        exchange.reception,
        exchange.caller,
        put_failure_rules,
        RulesTold(org_id=exchange.org_id, rules=rules),
        action="changed rules",
        subject="change failures",
        detail=rules_text(rules),
    )
    return exchange.answer(200, rules_seen(rules))


@post(
    f"{_PATH}/preview",
    status_code=200,
    opt=operation("PreviewChangeFailureRules", wire.RulesTried, wire.Preview),
)
async def try_rules(request: AnyRequest) -> Answer:
    """Return what rules would decide otherwise about past deployments; nothing is saved."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    wanted = preview_wanted(await exchange.told(_tried), exchange.org_id, exchange.reception.now())
    found = await exchange.reception.read(preview_failure_rules, wanted)
    return exchange.answer(200, preview_seen(wanted, found))


@get("/api/fairlead/v1/audit", opt=operation("ListAudit", None, wire.AuditPage, query="limit# before"))
async def list_entries(request: AnyRequest) -> Answer:
    """Return who changed what, the newest first: `limit` entries (100), older than the one of id `before`."""
    exchange = await Exchange.with_member(request, Permission.ORG_ADMIN)
    limit = request.query_params.get("limit", "100")
    if not (limit.isdecimal() and len(limit) <= len(str(_MOST_ENTRIES)) and 1 <= int(limit) <= _MOST_ENTRIES):
        raise Rejected(f'attribute "limit" must lie between 1 and {_MOST_ENTRIES}', field="limit")
    before = request.query_params.get("before", "")
    found = await exchange.reception.read(list_audit, exchange.org_id, before, int(limit) + 1)
    shown = found[: int(limit)]
    entries = [
        wire.AuditSeen(one.id, to_rfc3339(one.at), one.actor, one.action, one.subject, one.detail)
        for one in shown
    ]
    return exchange.answer(200, wire.AuditPage(entries, shown[-1].id if len(found) > len(shown) else None))


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_rules, replace_rules, try_rules, list_entries)
