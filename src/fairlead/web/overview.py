"""The overview: how an organisation delivers, in tiles, charts and a table of groups."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.metrics.figures import Coverage
from fairlead.metrics.level_tables import Year
from fairlead.metrics.measuring import Group
from fairlead.metrics.periods import Interval
from fairlead.search.tree import Everything
from fairlead.usecases.complete_search import tags_to_group_by, written
from fairlead.usecases.keep_level_year import find_level_year
from fairlead.usecases.measure_delivery import Question, measure_delivery
from fairlead.web.addresses import address, with_term
from fairlead.web.chart_library import library_url, png_of
from fairlead.web.charts import MOST_SERIES, Behind, Chart, Drawn, charts
from fairlead.web.drawing import HEADERS
from fairlead.web.reasons import NO_LEAD_TIME
from fairlead.web.searches import Search, search_of
from fairlead.web.spans import PRESETS, Span, span_of
from fairlead.web.tiles import tiles
from fairlead.web.visit import Visit
from fairlead.web.words import moment

PATH: Final = "/"
GROUPS: Final = {
    "": "no grouping",
    "service": "service",
    "team": "team",
    "env": "environment",
    "repository": "repository",
    "source": "source",
}
_INTERVALS: Final = ("", Interval.DAY, Interval.WEEK, Interval.MONTH)
_DAYS_FOR_DAYS: Final = 32
_DAYS_FOR_WEEKS: Final = 200
_DAYS_OF_A_YEAR: Final = 330
_MOST_GROUPS: Final = 50


class View(Struct, frozen=True, kw_only=True):
    """What the address of the overview asks for."""

    search: Search
    span: Span
    by: str
    """What to group by: one of `GROUPS`, or the key of a tag."""
    interval: Interval
    chosen_interval: str
    """As the address has it; empty for whichever suits the span."""
    zone_name: str
    """As the address has it."""

    def fields(self) -> dict[str, str]:
        """Return how an address says it."""
        own = {"by": self.by, "interval": self.chosen_interval, "tz": self.zone_name}
        return {"query": self.search.text} | self.span.fields() | own

    def list_fields(self, term: str = "") -> dict[str, str]:
        """Return how the list of deployments says the same, with a further term."""
        query = _and(self.search.text, term)
        return {"query": query, "tz": self.zone_name} | self.span.fields()


@get(PATH)
async def show_overview(request: AnyRequest) -> Answer:
    """Show the overview."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    view = view_of(visit)
    common: dict[str, Any] = {
        "view": view,
        "search": view.search,
        "span": view.span,
        "presets": PRESETS,
        "path": PATH,
        "groupings": GROUPS,
        "tags": await visit.reception.read(tags_to_group_by, visit.org_id),
        "intervals": [one for one in _INTERVALS if one],
        "library": library_url(),
    }
    if view.search.is_wrong:
        return visit.page("overview.html", summary=None, **common)
    [whole] = await _measured(visit, replace(_question(visit, view), compares=True))
    groups = await _measured(visit, replace(_question(visit, view), group_by=(view.by,))) if view.by else []
    year = await visit.reception.read(find_level_year, visit.org_id)
    return visit.page("overview.html", **common, **_shown(visit, view, whole, groups, year))


@get("/charts/{name:str}")
async def picture(request: AnyRequest, name: FromPath[str]) -> Answer:
    """Return one chart as a picture, for what the address asks as the overview would."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    view = view_of(visit)
    if view.search.is_wrong:
        raise Rejected(view.search.detail, field="query")
    question = _question(visit, view)
    groups = await _measured(visit, replace(question, group_by=(view.by,)) if view.by else question)
    found = [one for one in _charts(visit, view, groups) if f"{one.name}.png" == name]
    if not found:
        raise NotFound("there is no such chart")
    made = await png_of(request.app.state.desk, msgspec.json.encode(found[0].on_paper()))
    headers = HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return Answer(200, made, "image/png", headers)


def view_of(visit: Visit) -> View:
    """Return what the address of a visit asks for.

    Raises:
        Rejected: it cannot be read.
    """
    span, chosen = span_of(visit), visit.asked("interval")
    if chosen not in _INTERVALS:
        raise Rejected("the interval must be day, week or month", field="interval")
    usual = (
        Interval.DAY
        if span.days <= _DAYS_FOR_DAYS
        else Interval.WEEK
        if span.days <= _DAYS_FOR_WEEKS
        else Interval.MONTH
    )
    return View(
        search=search_of(visit),
        span=span,
        by=visit.asked("by"),
        interval=Interval(chosen) if chosen else usual,
        chosen_interval=chosen,
        zone_name=visit.asked("tz"),
    )


def _question(visit: Visit, view: View) -> Question:
    return Question(
        org_id=visit.org_id,
        from_at=view.span.from_at,
        until_at=view.span.until_at,
        where=view.search.tree or Everything(),
        interval=view.interval,
        zone=visit.zone,
    )


async def _measured(visit: Visit, question: Question) -> Sequence[Group]:
    return (await visit.reception.read(measure_delivery, question)).groups


def _shown(visit: Visit, view: View, whole: Group, groups: Sequence[Group], year: Year) -> dict[str, Any]:
    drawn = _charts(visit, view, groups if view.by else [whole])
    return {
        "summary": whole.summary,
        "year": year,
        "tiles": [
            (one, address(one.path, view.list_fields(one.term)))
            for one in tiles(whole.summary, whole.previous, year)
        ],
        "coverage": _coverage(view, whole.summary.coverage, whole.summary.deployments),
        "charts": drawn,
        "pictures": {one.name: address(f"/charts/{one.name}.png", view.fields()) for one in drawn},
        "specifications": _inlined({one.name: one.specification for one in drawn if not one.is_empty}),
        "groups": _table(view, groups),
        "groups_cut": len(groups) > _MOST_GROUPS,
    }


def _charts(visit: Visit, view: View, groups: Sequence[Group]) -> list[Chart]:
    most = sorted(groups, key=lambda group: -group.summary.deployments)[:MOST_SERIES]
    names = [_name(group) if view.by else "" for group in most]
    where = partial(_period_address, visit, view)
    return charts(
        Drawn(
            groups=most,
            names=names,
            interval=view.interval,
            zone=visit.zone,
            address=where,
            is_within_a_year=view.span.days < _DAYS_OF_A_YEAR,
        )
    )


def _period_address(visit: Visit, view: View, of: Behind) -> str:
    """Return where the deployments of a period are listed: its days, both included."""
    name, term = of.series, of.term
    query = _and(view.search.text, term)
    if view.by and name:
        query = _and(query, f"{_search_key(view.by)}:{written(name)}" if name != _NONE else f"-{view.by}:*")
    first, last = (moment(at, visit.zone).date().isoformat() for at in (of.from_at, of.until_at - 1))
    return address("/deployments", {"query": query, "from": first, "to": last, "tz": view.zone_name})


_NONE: Final = "(none)"


def _name(group: Group) -> str:
    return group.values[0] or _NONE


def _search_key(by: str) -> str:
    return "repository_id" if by == "repository" else by


def _and(query: str, term: str) -> str:
    if not term:
        return query
    return term if not query.strip() else f"({query}) {term}" if " OR " in query else f"{query} {term}"


def _coverage(view: View, coverage: Coverage, total: int) -> dict[str, Any]:
    """Return what share of the deployments has a lead time, and the share of each reason for having none."""
    left_out = [
        {
            "reason": reason.replace("_", " "),
            "why": NO_LEAD_TIME.get(reason, ""),
            "count": count,
            "share": count / total,
            "address": address("/deployments", view.list_fields(f"lead_time_reason:{reason}")),
        }
        for reason, count in sorted(coverage.excluded.items(), key=lambda one: -one[1])
        if total
    ]
    return {"share": coverage.with_lead_time / total if total else None, "left_out": left_out}


def _table(view: View, groups: Sequence[Group]) -> list[Mapping[str, Any]]:
    found = sorted(groups, key=lambda group: -group.summary.deployments)[:_MOST_GROUPS]
    return [
        {
            "name": _name(group),
            "figures": group.summary,
            "address": address(
                PATH,
                view.fields()
                | {"by": "", "query": with_term(view.search.text, _search_key(view.by), group.values[0])},
            )
            if group.values[0]
            else "",
        }
        for group in found
    ]


def _inlined(specifications: Mapping[str, Any]) -> str:
    """Return JSON that may stand in a page: nothing in it can end the element it stands in."""
    text = msgspec.json.encode(specifications).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


HANDLERS: Sequence[HTTPRouteHandler] = (show_overview, picture)
