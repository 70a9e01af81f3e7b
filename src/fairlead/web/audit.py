"""The audit log: who changed what, and when."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.list_audit import list_audit
from fairlead.web.addresses import address
from fairlead.web.visit import Visit

PATH = "/settings/audit"
_ROWS = 100


@get(PATH)
async def show_audit(request: AnyRequest) -> Answer:
    """Show a page of the log, the newest entry first."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    before = visit.asked("before")
    found = await visit.reception.read(list_audit, visit.org_id, before, _ROWS)
    older = address(PATH, {"before": found[-1].id}) if len(found) == _ROWS else ""
    return visit.page("audit.html", entries=found, older=older, before=before, newest=PATH)


HANDLERS: Sequence[HTTPRouteHandler] = (show_audit,)
