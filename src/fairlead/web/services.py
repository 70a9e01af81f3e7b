"""Services and teams side by side, and one service: who owns it, how it delivers, what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import Permission
from fairlead.domain.catalog import Service
from fairlead.domain.errors import NotFound
from fairlead.domain.flag_standing import Spans, spans_in_days
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.metrics.figures import Figures
from fairlead.metrics.level_tables import Year
from fairlead.metrics.levels import levels
from fairlead.metrics.measuring import Group
from fairlead.search.pattern import Pattern
from fairlead.search.tree import Everything, having
from fairlead.usecases.advise import noun, remedy, said
from fairlead.usecases.complete_search import written
from fairlead.usecases.describe_service import describe_service
from fairlead.usecases.find_missing import Gap, Looked, find_missing
from fairlead.usecases.find_owners import find_owners
from fairlead.usecases.find_stale_flags import find_stale_flags
from fairlead.usecases.keep_level_year import find_level_year
from fairlead.usecases.measure_delivery import Question, measure_delivery
from fairlead.web.addresses import address
from fairlead.web.searches import Search, read_search, search_of
from fairlead.web.spans import PRESETS, Span, span_of
from fairlead.web.tiles import tiles
from fairlead.web.visit import Visit

PATH: Final = "/services"
_ONE: Final = "/services/one"
_TEAMS: Final = "team"
_MOST_ROWS: Final = 500
_NONE: Final = "(none)"
_PLACES: Final = (("Overview", "/"), ("Deployments", "/deployments"), ("Failures", "/failures"))


class Row(Struct, frozen=True, kw_only=True):
    """A service or a team among others."""

    name: str
    address: str
    """Empty for what has no name."""
    owner: str
    figures: Figures
    levels: Mapping[str, Any]
    gaps: int


@get(PATH)
async def show_services(request: AnyRequest) -> Answer:
    """Compare services, or teams."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    span, search = span_of(visit), search_of(visit)
    is_of_teams = visit.asked("by") == _TEAMS
    by = _TEAMS if is_of_teams else "service"
    known: dict[str, Any] = {"span": span, "search": search, "presets": PRESETS, "path": PATH, "by": by}
    if search.is_wrong:
        return visit.page("services.html", rows=None, stale=[], **known)
    stale = await visit.reception.read(find_stale_flags, visit.org_id, visit.now, _spans(visit))
    rows = await (_teams(visit, span, search) if is_of_teams else _services(visit, span, search))
    rows.sort(key=lambda row: (-row.figures.deployments, row.name))
    return visit.page("services.html", rows=rows[:_MOST_ROWS], found=len(rows), stale=stale, **known)


@get(_ONE)
async def show_service(request: AnyRequest) -> Answer:
    """Show one service."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    name, span = visit.asked("name"), span_of(visit)
    service: Service | None = await visit.reception.read(describe_service, visit.org_id, name)
    whole = await _whole(visit, span, name)
    if service is None and whole is None:
        raise NotFound(f"no service is called {name[:200]!r} here")
    search = read_search(f"service:{written(name)}")
    year = await visit.reception.read(find_level_year, visit.org_id)
    shown = [] if whole is None else tiles(whole.summary, whole.previous, year)
    organisation = visit.visitor.organisation.name
    gaps = [gap for gap in await _gaps(visit, span) if gap.service == name]
    owners = await visit.reception.read(find_owners, _question(visit, span, search))
    return visit.page(
        "service.html",
        name=name,
        service=service,
        owner=service.team if service and service.team else owners.get(name, ""),
        span=span,
        tiles=[(one, address(one.path, _list_fields(span, search, one.term))) for one in shown],
        gaps=[(gap, said(gap), noun(gap), remedy(gap, organisation)) for gap in gaps],
        leads=[(label, address(path, _list_fields(span, search))) for label, path in _PLACES],
    )


async def _services(visit: Visit, span: Span, search: Search) -> list[Row]:
    groups = await _groups(visit, span, search, "service")
    owners = await visit.reception.read(find_owners, _question(visit, span, search))
    missing = Counter(gap.service for gap in await _gaps(visit, span))
    year = await visit.reception.read(find_level_year, visit.org_id)
    return [_row(group, year, owners, missing, _address(group, span)) for group in groups]


async def _teams(visit: Visit, span: Span, search: Search) -> list[Row]:
    groups = await _groups(visit, span, search, _TEAMS)
    year = await visit.reception.read(find_level_year, visit.org_id)
    return [_row(group, year, {}, {}, _team_address(group, span, search)) for group in groups]


async def _groups(visit: Visit, span: Span, search: Search, key: str) -> Sequence[Group]:
    question = replace(_question(visit, span, search), group_by=(key,))
    groups = (await visit.reception.read(measure_delivery, question)).groups
    return [group for group in groups if group.summary.deployments or group.summary.failures]


def _question(visit: Visit, span: Span, search: Search) -> Question:
    where = search.tree or Everything()
    return Question(org_id=visit.org_id, from_at=span.from_at, until_at=span.until_at, where=where)


async def _whole(visit: Visit, span: Span, name: str) -> Group | None:
    """Return how one service delivers, against the time before; None where it did nothing in either."""
    question = Question(
        org_id=visit.org_id,
        from_at=span.from_at,
        until_at=span.until_at,
        where=having("service", Pattern((name,))),
        group_by=("service",),
        compares=True,
    )
    groups = (await visit.reception.read(measure_delivery, question)).groups
    return next((group for group in groups if group.values == (name,)), None)


async def _gaps(visit: Visit, span: Span) -> Sequence[Gap]:
    looked = Looked(org_id=visit.org_id, from_at=span.from_at, until_at=span.until_at)
    gaps: Sequence[Gap] = await visit.reception.read(find_missing, looked)
    return gaps


def _row(
    group: Group, year: Year, owners: Mapping[str, str], missing: Mapping[str, int], leads_to: str
) -> Row:
    name = group.values[0] or ""
    return Row(
        name=name or _NONE,
        address=leads_to if name else "",
        owner=owners.get(name, ""),
        figures=group.summary,
        levels=levels(group.summary, year).by_metric,
        gaps=missing.get(name, 0),
    )


def _address(group: Group, span: Span) -> str:
    return address(_ONE, {"name": group.values[0] or ""} | span.fields())


def _team_address(group: Group, span: Span, search: Search) -> str:
    return address("/", _list_fields(span, search, f"team:{written(group.values[0] or '')}"))


def _list_fields(span: Span, search: Search, *terms: str) -> dict[str, str]:
    whole = f"({search.text})" if " OR " in search.text else search.text
    query = " ".join(term for term in (whole, *terms) if term)
    return {"query": query} | span.fields()


def _spans(visit: Visit) -> Spans:
    told = visit.reception.settings
    return spans_in_days(told.flag_status_days, told.stale_flag_age_days, told.stale_flag_quiet_days)


HANDLERS: Sequence[HTTPRouteHandler] = (show_services, show_service)
