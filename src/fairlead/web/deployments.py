"""The list of deployments."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.errors import Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.search.tree import Everything
from fairlead.usecases.find_deployments import Page
from fairlead.usecases.page_deployments import Mark, page_deployments
from fairlead.web.addresses import address, deployment_address
from fairlead.web.searches import Search, search_of
from fairlead.web.spans import PRESETS, Span, span_of
from fairlead.web.visit import Visit

PATH = "/deployments"
_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
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
    view = view_of(visit)
    found, more = await found_by(visit, view)
    return visit.page(
        "deployments.html",
        view=view,
        search=view.search,
        span=view.span,
        presets=PRESETS,
        path=PATH,
        deployments=found,
        older=address(PATH, view.fields() | {"after": mark_text(found[-1])}) if more else "",
        newest=address(PATH, view.fields()),
        deployment_address=deployment_address,
    )


async def found_by(visit: Visit, view: View) -> tuple[list[KnownDeployment], bool]:
    """Return the rows that a view shows, and whether there are more; none where the query is wrong."""
    if view.search.is_wrong:
        return [], False
    return await visit.reception.read(page_deployments, visit.org_id, view.page(_ROWS), view.after)


def view_of(visit: Visit) -> View:
    """Return what the address of a visit asks for."""
    return View(search=search_of(visit), span=span_of(visit), after=_mark(visit.asked("after")))


def mark_text(known: KnownDeployment) -> str:
    """Return a row as an address names it, to go on after it."""
    return f"{known.fact.finished_at}.{known.fact.id}"


def _mark(text: str) -> Mark | None:
    if not text:
        return None
    at, dot, deployment_id = text.partition(".")
    if not (dot and at.isascii() and at.isdigit() and len(at) < 20):  # noqa: PLR2004 — 64 bits.
        raise Rejected("this is no place to go on from", field="after")
    return Mark(int(at), deployment_id)


HANDLERS: Sequence[HTTPRouteHandler] = (show_deployments,)
