"""Insight groups: from what is told to what is kept, and from that to how it is shown."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from fairlead.dialects.launchdarkly import charts_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.charts_translate import score_metadata, scores_of
from fairlead.dialects.launchdarkly.projects_translate import environment_rep
from fairlead.dialects.launchdarkly.times import milliseconds
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.insights import InsightGroup
from fairlead.domain.texts import require_text
from fairlead.usecases.keep_insight_groups import GroupsAsked, GroupShown

MOST_GROUPS = 20
EDITABLE = frozenset({"name", "projectKey", "environmentKey", "applicationKeys"})
_MOST_APPLICATIONS = 200
_LONGEST_KEY = 256


def group_from(told: wire.GroupTold, org_id: OrgId, now: int) -> InsightGroup:
    """Return the group that was told.

    Raises:
        Rejected: an attribute is empty or too long.
    """
    return InsightGroup(
        org_id=org_id,
        key=_text(told.key, "key"),
        name=_text(told.name, "name"),
        project_key=_text(told.project_key, "projectKey"),
        env=_text(told.environment_key, "environmentKey"),
        applications=_applications(told.application_keys),
        created_at=now,
    )


def group_changed(group: InsightGroup, after: Mapping[str, Any]) -> InsightGroup:
    """Return a group as a patch leaves it.

    Raises:
        Rejected: an attribute has no acceptable value.
    """
    try:
        told = msgspec.convert({"key": group.key, **after}, wire.GroupTold)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else "name"
        field = field.partition("[")[0]
        raise Rejected(f'attribute "{field}" has no acceptable value', field=field) from error
    return msgspec.structs.replace(
        group_from(told, group.org_id, group.created_at), key=group.key, created_at=group.created_at
    )


def document(group: InsightGroup) -> dict[str, Any]:
    """Return a group as what patches are applied to."""
    found: dict[str, Any] = msgspec.to_builtins(_bare(group))
    return found


def groups_asked(asked: Asked, org_id: OrgId) -> GroupsAsked:
    """Return which groups a list asks for.

    Raises:
        Rejected: a parameter is not acceptable.
    """
    wanted = asked.choices("expand", ["scores", "environment", "metadata"])
    return GroupsAsked(
        org_id=org_id,
        text=asked.text("query"),
        descending=asked.choice("sort", ["name", "-name"]) == "-name",
        offset=asked.number("offset", 0, 0, 1_000_000),
        limit=asked.number("limit", MOST_GROUPS, 1, MOST_GROUPS),
        with_scores=bool(wanted & {"scores", "metadata"}),
    )


def group(shown: GroupShown, wanted: Collection[str]) -> wire.Group:
    """Return a group as it is shown, with `scores` and `environment` where these are wanted."""
    told = _bare(shown.group)
    if "environment" in wanted and shown.environment is not None:
        told.environment = environment_rep(shown.environment)
    if "scores" in wanted and shown.scored is not None:
        told.scores = scores_of(shown.scored)
        told.score_metadata = score_metadata(shown.scored)
    return told


def groups(
    asked: Asked, page: GroupsAsked, found: Sequence[GroupShown], total: int, items: list[wire.Group]
) -> wire.Groups:
    """Return one page with links to those beside it."""
    links: dict[str, Link] = {"self": asked.here()}
    if page.offset + page.limit < total:
        links["next"] = asked.here(offset=page.offset + page.limit)
    if page.offset:
        links["prev"] = asked.here(offset=max(0, page.offset - page.limit))
    told = wire.Groups(total, items, links)
    scored = [one.scored for one in found if one.scored is not None]
    if "metadata" in asked.texts("expand"):
        told.metadata = wire.GroupsMetadata(
            _counted([one.scores["overall"].indicator.name for one in scored])
        )
    if scored:
        told.score_metadata = score_metadata(scored[0])
    return told


def _counted(indicators: Sequence[str]) -> wire.CountByIndicator:
    return wire.CountByIndicator(
        excellent=indicators.count("excellent"),
        good=indicators.count("good"),
        fair=indicators.count("fair"),
        needs_attention=indicators.count("needsAttention"),
        not_calculated=indicators.count("notCalculated"),
        total=len(indicators),
    )


def _bare(one: InsightGroup) -> wire.Group:
    return wire.Group(
        key=one.key,
        name=one.name,
        project_key=one.project_key,
        environment_key=one.env,
        created_at=milliseconds(one.created_at),
        application_keys=None if one.applications is None else list(one.applications),
    )


def _applications(told: list[str] | None) -> tuple[str, ...] | None:
    if told is None:
        return None
    if len(told) > _MOST_APPLICATIONS:
        detail = f'attribute "applicationKeys" holds more than {_MOST_APPLICATIONS} keys'
        raise Rejected(detail, field="applicationKeys")
    return tuple(dict.fromkeys(_text(one, "applicationKeys") for one in told))


def _text(text: str, field: str) -> str:
    if not text.strip():
        raise Rejected(f'attribute "{field}" must not be empty', field=field)
    return require_text(text, field, longest=_LONGEST_KEY)
