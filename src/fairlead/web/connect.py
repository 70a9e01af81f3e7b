"""Connect: what to copy into a pipeline, and whether something arrives."""

from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import SECRET_BYTES, KeyKind, Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.create_key import KeyWanted, create_keys
from fairlead.usecases.watch_arrivals import Arrivals, watch_arrivals
from fairlead.web.addresses import deployment_address, failure_address
from fairlead.web.drawing import page_answer
from fairlead.web.snippets import snippets
from fairlead.web.visit import Visit
from fairlead.web.words import ago

_CHANCE_BYTES = 10


@get("/connect")
async def show_connect(request: AnyRequest) -> Answer:
    """Show what to copy."""
    return await _page(await Visit.begin(request), "")


@post("/connect", status_code=200)
async def make_first_key(request: AnyRequest) -> Answer:
    """Make an API key, and show what to copy with it, this once."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    wanted = KeyWanted(
        org_id=visit.org_id,
        kind=KeyKind.API,
        name=form.text("name") or "pipeline",
        secret=visit.reception.chance(SECRET_BYTES),
        chance=visit.reception.chance(_CHANCE_BYTES),
        at=visit.now,
    )
    made = await visit.change(create_keys, wanted, "made key", wanted.name, wanted.kind.value)
    return await _page(visit, made.text)


@get("/parts/connect/pulse")
async def pulse(request: AnyRequest) -> Answer:
    """Return what arrived last, for a page that waits for it."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    arrivals = await visit.reception.read(watch_arrivals, visit.org_id)
    told = msgspec.json.encode(_told(visit, arrivals))
    return page_answer(request, told, media_type="application/json")


async def _page(visit: Visit, key: str) -> Answer:
    arrivals = await visit.reception.read(watch_arrivals, visit.org_id)
    return visit.page(
        "connect.html",
        key=key,
        snippets=snippets(visit.address, key),
        arrived=_told(visit, arrivals),
        address=visit.address,
    )


def _told(visit: Visit, arrivals: Arrivals) -> dict[str, str]:
    """Return the newest arrival in a sentence, where it leads, and a mark that changes with each."""
    if arrivals.deployment is not None:
        fact = arrivals.deployment.fact
        version = f" {fact.version}" if fact.version else ""
        env = f" to {fact.env}" if fact.env else ""
        text = f"{fact.service}{version}{env}, ended {ago(fact.finished_at, visit.now)}"
        return {"text": text, "address": deployment_address(fact.id), "mark": f"{fact.received_at} {fact.id}"}
    if arrivals.failure is not None:
        failure = arrivals.failure
        text = f"the failure {failure.name or failure.id}, began {ago(failure.started_at, visit.now)}"
        return {"text": text, "address": failure_address(failure.id), "mark": failure.id}
    if arrivals.delivery_at is not None:
        text = f"a delivery to a webhook, {ago(arrivals.delivery_at, visit.now)}"
        return {"text": text, "address": "/connect/webhooks", "mark": str(arrivals.delivery_at)}
    return {"text": "", "address": "", "mark": ""}


HANDLERS: Sequence[HTTPRouteHandler] = (show_connect, make_first_key, pulse)
