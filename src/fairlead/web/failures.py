"""The list of failures."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.failures import Failure
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.search.tree import Everything
from fairlead.usecases.find_failures import Page, find_failures
from fairlead.web.addresses import address, failure_address
from fairlead.web.searches import Search, search_of
from fairlead.web.spans import PRESETS, Span, span_of
from fairlead.web.tables_out import table_file
from fairlead.web.visit import Visit

PATH: Final = "/failures"
_ROWS: Final = 200
_COLUMNS: Final = (
    "id",
    "name",
    "severity",
    "services",
    "env",
    "team",
    "started_at",
    "finished_at",
    "duration_s",
)


@get(PATH)
async def show_failures(request: AnyRequest) -> Answer:
    """Show the list: the newest of the span, as many as one page holds."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    search, span = search_of(visit), span_of(visit)
    found = [] if search.is_wrong else await _found(visit, search, span)
    fields = {"query": search.text} | span.fields()
    return visit.page(
        "failures.html",
        search=search,
        span=span,
        presets=PRESETS,
        path=PATH,
        failures=found,
        is_cut=len(found) == _ROWS,
        most=_ROWS,
        exports={form: address(f"/export/failures/{form}", fields) for form in ("csv", "json")},
        failure_address=failure_address,
    )


@get("/export/failures/{form:str}")
async def export_failures(request: AnyRequest, form: FromPath[str]) -> Answer:
    """Return the failures that are shown as a file."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    if form not in {"csv", "json"}:
        raise NotFound("failures can be had as csv and json")
    search = search_of(visit)
    if search.is_wrong:
        raise Rejected(search.detail, field="query")
    found = await _found(visit, search, span_of(visit))
    return table_file([_row(one) for one in found], _COLUMNS, form, "failures")


async def _found(visit: Visit, search: Search, span: Span) -> list[Failure]:
    page = Page(
        where=search.tree or Everything(), from_at=span.from_at, until_at=span.until_at - 1, limit=_ROWS
    )
    return await visit.reception.read(find_failures, visit.org_id, page)


def _row(failure: Failure) -> dict[str, Any]:
    """Return what the table shows of a failure, for programs."""
    return {
        "id": failure.id,
        "name": failure.name or None,
        "severity": failure.severity or None,
        "services": " ".join(failure.services) or None,
        "env": failure.env or None,
        "team": failure.team or None,
        "started_at": to_rfc3339(failure.started_at),
        "finished_at": None if failure.finished_at is None else to_rfc3339(failure.finished_at),
        "duration_s": None if failure.duration_ns is None else failure.duration_ns / NS_PER_S,
    }


HANDLERS: Sequence[HTTPRouteHandler] = (show_failures, export_failures)
