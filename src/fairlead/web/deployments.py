"""The list of deployments: a search, what it can be narrowed by, rows that stay fresh, and files of them."""

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from fairlead.domain.access import Permission
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.search.tree import Everything
from fairlead.usecases.count_facets import Facet, count_facets
from fairlead.usecases.find_deployments import Page
from fairlead.usecases.measure_delivery import Question
from fairlead.usecases.page_deployments import Mark, page_deployments
from fairlead.web.addresses import address, deployment_address, with_term, without_term
from fairlead.web.drawing import HEADERS, HTML, drawn, page_answer
from fairlead.web.searches import Search, search_of
from fairlead.web.spans import PRESETS, Span, span_of
from fairlead.web.tables_out import table_file
from fairlead.web.visit import Visit

PATH: Final = "/deployments"
PARTS: Final = "/parts/deployments"
"""Parts of the page that are asked for by themselves; below `PATH` every name may be that of a deployment."""
_ROWS: Final = 50
_MOST_EXPORTED: Final = 50_000
_FIRST_VALUES: Final = 8
_COLUMNS: Final = (
    *("id", "service", "version", "env", "team", "finished_at", "lead_time_s"),
    *("lead_time_reason", "commits", "change_failure", "deployment_type"),
)


class View(Struct, frozen=True, kw_only=True):
    """What the address of the list asks for."""

    search: Search
    span: Span
    after: Mark | None

    def fields(self) -> dict[str, str]:
        """Return how an address says it, from its first row on."""
        return {"query": self.search.text} | self.span.fields()

    def page(self, limit: int) -> Page:
        """Return the same as a question."""
        return Page(
            where=self.search.tree or Everything(),
            from_at=self.span.from_at,
            until_at=self.span.until_at - 1,
            limit=limit,
        )


@get(PATH)
async def show_deployments(request: AnyRequest) -> Answer:
    """Show the list."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    view = _view(visit)
    found, more = await _found(visit, view)
    asked = view.fields() | {"after": visit.asked("after")}
    return visit.page(
        "deployments.html",
        view=view,
        search=view.search,
        span=view.span,
        presets=PRESETS,
        path=PATH,
        deployments=found,
        older=address(PATH, view.fields() | {"after": _mark_text(found[-1])}) if more else "",
        newest=address(PATH, view.fields()),
        rows_address=address(f"{PARTS}/rows", view.fields()),
        facets_address=address(f"{PARTS}/facets", view.fields()),
        exports={form: address(f"/export/deployments/{form}", asked) for form in ("csv", "json")},
        all_exports={
            form: address(f"/export/deployments/{form}", view.fields() | {"all": "yes"})
            for form in ("csv", "json")
        },
        deployment_address=deployment_address,
    )


@get(f"{PARTS}/rows")
async def show_rows(request: AnyRequest) -> Answer:
    """Return the newest rows alone, or that they are the same as before."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    found, _ = await _found(visit, _view(visit))
    # Only what can change without a reload: the clock goes on in every answer.
    tag = f'"{hashlib.sha256(repr(found).encode()).hexdigest()[:20]}"'
    if headers_of(request).get(b"if-none-match", b"").decode("latin-1") == tag:
        return Answer(HTTPStatus.NOT_MODIFIED, b"", HTML, HEADERS | {"ETag": tag})
    values = visit.known() | {"deployments": found, "deployment_address": deployment_address}
    return page_answer(request, drawn("deployments_fresh.html", values), headers={"ETag": tag})


@get(f"{PARTS}/facets")
async def show_facets(request: AnyRequest) -> Answer:
    """Return what the list can be narrowed by, with counts."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    view = _view(visit)
    question = Question(
        org_id=visit.org_id,
        from_at=view.span.from_at,
        until_at=view.span.until_at,
        where=view.search.tree or Everything(),
        zone=visit.zone,
    )
    total, facets = (0, []) if view.search.is_wrong else await visit.reception.read(count_facets, question)
    shown = [_shown(facet, view) for facet in facets]
    values = visit.known() | {"total": total, "facets": shown, "span": view.span, "first": _FIRST_VALUES}
    return page_answer(request, drawn("facets.html", values))


@get("/export/deployments/{form:str}")
async def export_deployments(request: AnyRequest, form: FromPath[str]) -> Answer:
    """Return the rows that are shown, or all that the search finds, as a file."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    if form not in {"csv", "json"}:
        raise NotFound("deployments can be had as csv and json")
    view = _view(visit)
    if view.search.is_wrong:
        raise Rejected(view.search.detail, field="query")
    limit = _MOST_EXPORTED if visit.asked("all") else _ROWS
    found, _ = await visit.reception.read(page_deployments, visit.org_id, view.page(limit), view.after)
    return table_file([_row(one) for one in found], _COLUMNS, form, "deployments")


async def _found(visit: Visit, view: View) -> tuple[list[KnownDeployment], bool]:
    """Return the rows that a view shows, and whether there are more; none where the query is wrong."""
    if view.search.is_wrong:
        return [], False
    return await visit.reception.read(page_deployments, visit.org_id, view.page(_ROWS), view.after)


def _view(visit: Visit) -> View:
    return View(search=search_of(visit), span=span_of(visit), after=_mark(visit.asked("after")))


def _mark_text(known: KnownDeployment) -> str:
    """Return a row as an address names it, to go on after it."""
    return f"{known.fact.finished_at}.{known.fact.id}"


def _mark(text: str) -> Mark | None:
    if not text:
        return None
    at, dot, deployment_id = text.partition(".")
    if not (dot and at.isascii() and at.isdigit() and len(at) < 20):  # noqa: PLR2004 — 64 bits.
        raise Rejected("this is no place to go on from", field="after")
    return Mark(int(at), deployment_id)


def _shown(facet: Facet, view: View) -> dict[str, Any]:
    """Return a facet with where each of its values leads: into the query, or out of it again."""
    values = []
    for value, count in facet.values:
        wider = without_term(view.search.text, facet.key, value)
        query = with_term(view.search.text, facet.key, value) if wider is None else wider
        where = address(PATH, view.fields() | {"query": query})
        values.append({"value": value, "count": count, "address": where, "is_asked": wider is not None})
    return {"key": facet.key, "values": values}


def _row(known: KnownDeployment) -> dict[str, Any]:
    """Return what the table shows of a deployment, for programs."""
    fact, link = known.fact, known.link
    return {
        "id": fact.id,
        "service": fact.service,
        "version": fact.version or None,
        "env": fact.env or None,
        "team": fact.team or None,
        "finished_at": to_rfc3339(fact.finished_at),
        "lead_time_s": None if link.lead.average_ns is None else link.lead.average_ns / NS_PER_S,
        "lead_time_reason": None if link.reason is None else link.reason.value,
        "commits": link.number_of_commits,
        "change_failure": known.outcome.change_failure,
        "deployment_type": known.outcome.deployment_type.value,
    }


HANDLERS: Sequence[HTTPRouteHandler] = (show_deployments, show_rows, show_facets, export_deployments)
