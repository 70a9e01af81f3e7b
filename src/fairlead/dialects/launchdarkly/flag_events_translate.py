"""From questions to flag events, and from those to their shape."""

from uuid import UUID

import msgspec

from fairlead.dialects.launchdarkly import flag_events_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.deployments_translate import MOST_LISTED, USUALLY_LISTED, WEEK_NS
from fairlead.dialects.launchdarkly.times import milliseconds
from fairlead.dialects.launchdarkly.wire import PageLinks
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import FlagEventShown, Impact, ImpactSize
from fairlead.domain.flags import hex_id
from fairlead.domain.insights import Territory
from fairlead.usecases.find_flag_events import FlagEventsAsked, FlagEventsFound, FlagEventsPage

GLOBAL = ("include", "exclude")


def events_asked(asked: Asked, org_id: OrgId, now: int) -> FlagEventsAsked:
    """Return which events a list asks for.

    Raises:
        Rejected: a parameter is not acceptable.
    """
    size = asked.choice("impactSize", [one.value for one in ImpactSize])
    return FlagEventsAsked(
        territory=Territory(
            org_id=org_id,
            project_key=asked.required("projectKey"),
            env=asked.required("environmentKey"),
            applications=asked.texts("applicationKey"),
        ),
        from_at=asked.instant("from", now - WEEK_NS),
        until_at=asked.instant("to", now),
        text=asked.text("query"),
        impact_size=ImpactSize(size) if size else None,
        has_experiments=asked.is_true("hasExperiments"),
        with_global=asked.choice("global", GLOBAL, "include") == "include",
        now=now,
    )


def page(asked: Asked) -> FlagEventsPage:
    """Return which of them.

    Raises:
        Rejected: a cursor is none of ours.
    """
    after = _cursor(asked, "after")
    return FlagEventsPage(
        after=after,
        before="" if after else _cursor(asked, "before"),
        limit=asked.number("limit", USUALLY_LISTED, 1, MOST_LISTED),
    )


def flag_events(asked: Asked, found: FlagEventsFound, org_id: OrgId) -> wire.FlagEvents:
    """Return one page with links to those beside it."""
    with_experiments = bool(asked.choices("expand", ["experiments"]))
    items = [_shown(one, org_id, with_experiments=with_experiments) for one in found.items]
    forth = asked.here(after=items[-1].id, before=None) if items and found.has_next else None
    back = asked.here(before=items[0].id, after=None) if items and found.has_previous else None
    return wire.FlagEvents(found.total, items, PageLinks(self=asked.here(), next=forth, prev=back))


def _shown(shown: FlagEventShown, org_id: OrgId, *, with_experiments: bool) -> wire.FlagEvent:
    one = shown.event
    place = one.environment_key
    return wire.FlagEvent(
        id=one.id,
        project_id=hex_id(org_id, one.project_key),
        project_key=one.project_key,
        flag_key=one.flag_key,
        event_type=one.type.value,
        event_time=milliseconds(one.happened_at),
        description=one.description,
        impact=_impact(shown.impact),
        environment_id=hex_id(org_id, one.project_key, place) if place else None,
        environment_key=place or None,
        audit_log_entry_id=one.entry_id or None,
        member=_member(one),
        actions=list(one.actions) or None,
        experiments=wire.Experiments(0, []) if with_experiments else None,
    )


def _impact(impact: Impact | None) -> wire.Impact:
    if impact is None:
        return wire.Impact()
    variations = [
        wire.Variation(_value(one), impact.before.get(one, 0), impact.after.get(one, 0))
        for one in sorted({*impact.before, *impact.after})
    ]
    return wire.Impact(
        size=impact.size.value,
        percentage=impact.percentage,
        reason="evaluations",
        evaluations_summary=wire.Summary(variations),
    )


def _member(one: FlagEvent) -> wire.Member | None:
    told = one.member
    if not (told.id or told.email):
        return None
    return wire.Member(told.id, told.email, told.first_name, told.last_name)


def _value(variation: str) -> object:
    try:
        return msgspec.json.decode(variation)
    except msgspec.DecodeError:
        return variation


def _cursor(asked: Asked, name: str) -> str:
    told = asked.text(name)
    try:
        return str(UUID(told)) if told else ""
    except ValueError as error:
        raise Rejected(f'query parameter "{name}" is no cursor of this list', field=name) from error
