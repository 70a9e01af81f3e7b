"""Believable monitors, rules and evaluations; a test names only what it is about."""

from typing import Any

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.authors import Author
from fairlead.domain.evaluations import Watch
from fairlead.domain.gates import MonitorChoice, RuleKind, RuleOptions
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import Monitor, MonitorId, MonitorState, Mute, Span, Watched
from fairlead.usecases.trigger_evaluations import EvaluationWanted, InlineRules, RuleWanted

ORG = organisation_id(DEFAULT_ORGANISATION)
ADA = Author("ada-id", "ada")
NOON = 1_741_780_800 * NS_PER_S


def after(seconds: float) -> int:
    """Return the instant so many seconds after noon."""
    return NOON + round(seconds * NS_PER_S)


def a_monitor(id: int = 1, **changes: Any) -> Monitor:
    told: dict[str, Any] = {
        "kind": "service check",
        "query": "shop is up",
        "name": f"Monitor {id}",
        "tags": ("service:shop", "env:prod"),
        "created_at": after(-3600),
        "created_by": ADA,
        "updated_at": after(-3600),
    }
    return Monitor(org_id=ORG, id=MonitorId(id), **told | changes)


def a_span(state: str = "ok", since_s: float = -3600, until_s: float | None = None, **changes: Any) -> Span:
    told: dict[str, Any] = {"monitor_id": MonitorId(1)} | changes
    until_at = None if until_s is None else after(until_s)
    return Span(state=MonitorState(state), from_at=after(since_s), until_at=until_at, **told)


def a_mute(since_s: float, until_s: float | None = None, group: str = "") -> Mute:
    until_at = None if until_s is None else after(until_s)
    return Mute(monitor_id=MonitorId(1), group=group, from_at=after(since_s), until_at=until_at)


def watched(*spans: Span, mutes: tuple[Mute, ...] = (), **monitor: Any) -> Watched:
    return Watched(monitor=a_monitor(**monitor), spans=spans, mutes=mutes)


def a_watch(since_s: float = 0, duration_s: float = 60, **options: Any) -> Watch:
    told = {"query": "service:shop"} | options
    if "monitor_ids" in told:
        told.pop("query")
    return Watch(
        org_id=ORG,
        kind=RuleKind.MONITOR,
        options=RuleOptions(**told),
        service="shop",
        env="prod",
        version="2",
        primary_tag="",
        from_at=after(since_s),
        until_at=after(since_s + duration_s),
    )


def chosen(id: int, *groups: str) -> MonitorChoice:
    return MonitorChoice(id=id, groups=groups)


def a_rule_wanted(**changes: Any) -> RuleWanted:
    options = {"query": "service:shop"} | changes.pop("options", {})
    told: dict[str, Any] = {"name": "monitors", "kind": RuleKind.MONITOR, "dry_run": False} | changes
    return RuleWanted(options=RuleOptions(**options), **told)


def an_evaluation_wanted(*rules: RuleWanted, dry_run: bool = False, **changes: Any) -> EvaluationWanted:
    told: dict[str, Any] = {
        "org_id": ORG,
        "service": "shop",
        "env": "prod",
        "identifier": "default",
        "by": ADA,
        "at": NOON,
        "chance": b"0123456789",
    }
    return EvaluationWanted(inline=InlineRules(rules=rules, dry_run=dry_run), **told | changes)
