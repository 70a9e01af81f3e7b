"""Webhooks: made with a secret, what came last, and reading it again."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.hooks import (
    CHANCE_BYTES,
    SECRET_BYTES,
    DeliveryOutcome,
    Deploys,
    Hook,
    Reader,
    Vendor,
    deploys_from,
)
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_hook import HookWanted, create_hooks
from fairlead.usecases.list_hooks import list_hooks, list_hooks_with_deliveries
from fairlead.usecases.replay_deliveries import replay_deliveries
from fairlead.web.addresses import address
from fairlead.web.desk import Desk
from fairlead.web.drawing import go_to
from fairlead.web.visit import Visit

PATH = "/connect/webhooks"
_SHOWN_DELIVERIES = 5


@get(PATH)
async def show_webhooks(request: AnyRequest) -> Answer:
    """List the webhooks."""
    return await _page(await Visit.begin(request, Permission.ORG_ADMIN))


@post(PATH, status_code=200)
async def make_webhook(request: AnyRequest) -> Answer:
    """Make a webhook and show what to set up with it."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    try:
        vendor, deploys = _vendor(form.text("vendor")), _deploys(form.text("deploys"))
    except Rejected as error:
        return await _page(visit, complaint=str(error), status=400)
    wanted = HookWanted(
        org_id=visit.org_id,
        vendor=vendor,
        deploys=deploys,
        secret=visit.reception.chance(SECRET_BYTES),
        chance=visit.reception.chance(CHANCE_BYTES),
        at=visit.now,
    )
    made = await visit.change(create_hooks, wanted, "made webhook", vendor.value)
    return await _page(visit, made=made)


@post(f"{PATH}/replay")
async def replay_webhook(request: AnyRequest) -> Answer:
    """Read what was delivered to a webhook again."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    desk: Desk = request.app.state.desk
    found = await visit.reception.read(list_hooks, visit.org_id)
    hook = next((one for one in found if one.id == form.text("id")), None)
    if hook is None or hook.vendor not in desk.readers:
        raise NotFound("there is no such webhook in this organisation")
    counts = await asyncio.to_thread(_replayed, visit.reception.ledger, hook, desk.readers[hook.vendor])
    told = f"{counts.total()} read again, {counts[DeliveryOutcome.RECORDED]} told facts"
    return go_to(address(PATH, {"done": told}))


def _replayed(ledger: Ledger, hook: Hook, read: Reader) -> Counter[DeliveryOutcome]:
    return Counter(one.outcome for one in replay_deliveries(ledger, hook, read))


def _vendor(text: str) -> Vendor:
    if text not in set(Vendor):
        raise Rejected("choose who is to deliver", field="vendor")
    return Vendor(text)


def _deploys(text: str) -> tuple[Deploys, ...]:
    try:
        return tuple(deploys_from(line) for line in text.splitlines() if line.strip())
    except Rejected as error:
        detail = "each line names a workflow and what it deploys, such as Deploy=checkout:prod"
        raise Rejected(detail, field="deploys") from error


async def _page(visit: Visit, *, made: Hook | None = None, complaint: str = "", status: int = 200) -> Answer:
    desk: Desk = visit.request.app.state.desk
    found = await visit.reception.read(list_hooks_with_deliveries, visit.org_id, _SHOWN_DELIVERIES)
    return visit.page(
        "webhooks.html",
        status=status,
        hooks=found,
        made=made,
        complaint=complaint,
        vendors=list(Vendor),
        can_replay=set(desk.readers),
        address=visit.address,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_webhooks, make_webhook, replay_webhook)
