"""What a list of pull requests asks for, and how a page of it is shown."""

from uuid import UUID

from fairlead.dialects.launchdarkly import deployments_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.deployments_translate import (
    MOST_LISTED,
    USUALLY_LISTED,
    WEEK_NS,
    deployment,
    flag_references,
)
from fairlead.dialects.launchdarkly.pulls_translate import lead_time, pull_request
from fairlead.dialects.launchdarkly.wire import PageLinks
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.insights import STATUSES, PullsAsked, Territory
from fairlead.usecases.find_pull_requests import PullsFound, PullShown, PullsPage, PullsWanted

_SORTS = ("leadTime", "-leadTime")


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
        before="" if after else _cursor(asked, "before"),
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
    forth = asked.here(after=items[-1].id, before=None) if items and found.has_next else None
    back = asked.here(before=items[0].id, after=None) if items and found.has_previous else None
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


def _cursor(asked: Asked, name: str) -> str:
    told = asked.text(name)
    try:
        return str(UUID(told)) if told else ""
    except ValueError as error:
        raise Rejected(f'query parameter "{name}" is no cursor of this list', field=name) from error
