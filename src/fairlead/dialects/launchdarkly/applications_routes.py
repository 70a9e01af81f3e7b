"""Applications, as far as Fairlead keeps them: decode, call one thing, encode."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from litestar import delete, get, patch
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import applications_wire as wire
from fairlead.dialects.launchdarkly import offsets
from fairlead.dialects.launchdarkly.applications_translate import HERE, application, changed_by, narrowed
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.dialects.launchdarkly.projects_routes import READ, WRITE
from fairlead.domain.applications import KnownApplication
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.keep_applications import (
    ApplicationChange,
    ApplicationFound,
    change_applications,
    find_application,
    find_applications,
)

_USUALLY_LISTED = 10
_APPLICATION = f"{HERE}/{{applicationKey:str}}"


@get(
    HERE, opt=operation("getApplications", None, wire.Applications, query="limit# offset# filter sort expand")
)
async def list_applications(request: AnyRequest) -> Answer:
    """Return one page of applications, with the flags their code names where they are to be expanded."""
    exchange = await Exchange.begin(request, *READ)
    asked = exchange.asked
    here, with_flags = offsets.page(asked, usual=_USUALLY_LISTED), _with_flags(exchange)
    every = await exchange.reception.read(find_applications, exchange.org_id, with_flags=with_flags)
    found = narrowed(every, asked)
    items = [application(one) for one in here.of(found)]
    return exchange.answer(wire.Applications(items, len(found), offsets.links(asked, here, len(found))))


@get(_APPLICATION, opt=operation("getApplication", None, wire.Application, query="expand"))
async def fetch_application(request: AnyRequest) -> Answer:
    """Return one application."""
    exchange = await Exchange.begin(request, *READ)
    found = await exchange.reception.read(
        find_application,
        exchange.org_id,
        exchange.part("applicationKey"),
        with_flags=_with_flags(exchange),
    )
    return exchange.answer(application(found))


@patch(_APPLICATION, opt=operation("patchApplication", dict, wire.Application))
async def change_application(request: AnyRequest) -> Answer:
    """Change an application."""
    exchange = await Exchange.begin(request, *WRITE)
    kept = await _change(exchange, changed_by(change_from(await exchange.body())))
    return exchange.answer(application(ApplicationFound(application=kept)))


@delete(_APPLICATION, status_code=HTTPStatus.OK, opt=operation("deleteApplication", None, None))
async def delete_application(request: AnyRequest) -> Answer:
    """Hide an application until it is deployed again; its deployments stay."""
    exchange = await Exchange.begin(request, *WRITE)
    await _change(exchange, None)
    return exchange.nothing()


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_applications,
    fetch_application,
    change_application,
    delete_application,
)


def _with_flags(exchange: Exchange) -> bool:
    return bool(exchange.asked.choices("expand", ("flags",)))


async def _change(
    exchange: Exchange, changed: Callable[[KnownApplication], KnownApplication] | None
) -> KnownApplication:
    wanted = ApplicationChange(
        org_id=exchange.org_id,
        key=exchange.part("applicationKey"),
        changed=changed,
        at=exchange.reception.now(),
    )
    kept: KnownApplication = await exchange.reception.write(change_applications, wanted)
    return kept
