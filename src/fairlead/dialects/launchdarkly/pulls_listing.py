"""What a list of pull requests asks for, and how a page of it is shown."""

import re

from fairlead.dialects.launchdarkly import deployments_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.deployments_translate import (
    MOST_LISTED,
    USUALLY_LISTED,
    WEEK_NS,
    cursor_text,
    deployment,
    flag_references,
    told_by_cursor,
)
from fairlead.dialects.launchdarkly.pulls_translate import lead_time, pull_request
from fairlead.dialects.launchdarkly.wire import PageLinks
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.insights import STATUSES, PullKey, PullPlace, PullsAsked, Territory
from fairlead.usecases.find_pull_requests import PullsFound, PullShown, PullsPage, PullsWanted

_SORTS = ("leadTime", "-leadTime")
# Lead time, instant, number, repository.
_CURSOR = re.compile(r"(\d{0,18}):(-?\d{1,18}|[1-8]\d{18}):(\d{1,18}):([^\0]+)", re.ASCII)


def pulls_asked(asked: Asked, org_id: OrgId, now: int) -> PullsAsked:
    """Return which pull requests a list asks for.

    Raises:
        Rejected: a parameter is not acceptable.
    """
    sort = asked.choice("sort", _SORTS)
    env = asked.required("environmentKey") if sort else asked.text("environmentKey")
    return PullsAsked(
        territory=Territory(
            org_id=org_id,
            project_key=asked.required("projectKey"),
            env=env,
            applications=asked.texts("applicationKey"),
        ),
        from_at=asked.instant("from", now - WEEK_NS),
        until_at=asked.instant("to", now),
        status=asked.choice("status", STATUSES),
        text=asked.text("query"),
        by_lead_time=bool(sort),
        descending=sort != "leadTime",
    )


def page(asked: Asked) -> PullsPage:
    """Return which of them.

    Raises:
        Rejected: a cursor is none of ours.
    """
    after = _cursor(asked, "after")
    return PullsPage(
        after=after,
        before=None if after else _cursor(asked, "before"),
        limit=asked.number("limit", USUALLY_LISTED, 1, MOST_LISTED),
    )


def wanted(asked: Asked) -> PullsWanted:
    """Return what is wanted of each beside itself."""
    told = asked.choices("expand", ["deployments", "flagReferences", "leadTime"])
    return PullsWanted(
        deployments="deployments" in told,
        flag_references="flagReferences" in told,
        lead_time="leadTime" in told,
    )


def pull_requests(asked: Asked, found: PullsFound, org_id: OrgId) -> wire.PullRequests:
    """Return one page with links to those beside it."""
    items = [_shown(one, org_id) for one in found.items]
    first, last = (_cursor_of(found.items[at].place) if items else "" for at in (0, -1))
    forth = asked.here(after=last, before=None) if items and found.has_next else None
    back = asked.here(before=first, after=None) if items and found.has_previous else None
    return wire.PullRequests(found.total, items, PageLinks(self=asked.here(), next=forth, prev=back))


def _shown(one: PullShown, org_id: OrgId) -> wire.PullRequest:
    told = pull_request(one.pull, org_id)
    if one.deployments is not None:
        shown = [deployment(each, org_id) for each in one.deployments]
        told.deployments = wire.Deployments(len(shown), shown)
    if one.flags is not None:
        told.flag_references = flag_references(one.flags)
    if one.lead is not None:
        told.lead_time = lead_time(one.lead)
    return told


def _cursor_of(place: PullPlace) -> str:
    lead = "" if place.lead_time_ns is None else place.lead_time_ns
    return cursor_text(f"{lead}:{place.at}:{place.key.number}:{place.key.repository_id}")


def _cursor(asked: Asked, name: str) -> PullPlace | None:
    told = asked.text(name)
    if not told:
        return None
    found = _CURSOR.fullmatch(told_by_cursor(told))
    if found is None:
        raise Rejected(f'query parameter "{name}" is no cursor of this list', field=name)
    lead, at, number, repository = found.groups()
    return PullPlace(
        key=PullKey(repository, int(number)), at=int(at), lead_time_ns=int(lead) if lead else None
    )
