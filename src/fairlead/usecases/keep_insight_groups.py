"""Keep insight groups: create, find, rename and delete them, with their scores where these are wanted."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Conflict, FairleadError, NotFound, Rejected
from fairlead.domain.flag_standing import Spans
from fairlead.domain.flags import Environment
from fairlead.domain.insights import InsightGroup, Territory
from fairlead.store import insight_groups, projects, territories
from fairlead.store.engine import Transaction
from fairlead.usecases.score_insights import Scored, score_insights


class Moment(Struct, frozen=True):
    """When something is asked, and how long a flag's life counts as lately, old and quiet."""

    now: int
    spans: Spans


class GroupsAsked(Struct, frozen=True, kw_only=True):
    """Which groups are asked for."""

    org_id: OrgId
    text: str = ""
    """Part of the name, in whatever case."""
    descending: bool = False
    """By name."""
    offset: int = 0
    limit: int
    with_scores: bool = False


class GroupShown(Struct, frozen=True, kw_only=True):
    """A group with its scores; None where they were not wanted."""

    group: InsightGroup
    scored: Scored | None
    environment: Environment | None = None
    """None where only deployments know of it."""


class GroupNamed(Struct, frozen=True, kw_only=True):
    """Which group is meant."""

    org_id: OrgId
    key: str


def create_insight_groups(
    transaction: Transaction, told: Sequence[InsightGroup]
) -> list[FairleadError | None]:
    """Keep new groups; `Conflict` where the key is taken, `Rejected` where a place is not known."""
    return [_create(transaction, one) for one in told]


def change_insight_groups(
    transaction: Transaction, told: Sequence[InsightGroup]
) -> list[FairleadError | None]:
    """Replace groups; `NotFound` where there is none of that key, `Rejected` where a place is not known."""
    return [_change(transaction, one) for one in told]


def delete_insight_groups(
    transaction: Transaction, named: Sequence[GroupNamed]
) -> list[FairleadError | None]:
    """Delete groups; `NotFound` where there is none."""
    return [
        None if insight_groups.remove(transaction, one.org_id, one.key) else _absent(one.key) for one in named
    ]


def get_insight_group(
    transaction: Transaction, org_id: OrgId, key: str, moment: Moment, *, with_scores: bool
) -> GroupShown:
    """Return one group.

    Raises:
        NotFound: there is none of that key.
    """
    group = insight_groups.get(transaction, org_id, key)
    if group is None:
        raise _absent(key)
    return _shown(transaction, group, moment, with_scores=with_scores)


def find_insight_groups(
    transaction: Transaction, asked: GroupsAsked, moment: Moment
) -> tuple[list[GroupShown], int]:
    """Return one page of groups, and how many there are on all pages."""
    found = insight_groups.find(transaction, asked.org_id, asked.text, descending=asked.descending)
    page = found[asked.offset : asked.offset + asked.limit]
    shown = [_shown(transaction, one, moment, with_scores=asked.with_scores) for one in page]
    return shown, len(found)


def _shown(transaction: Transaction, group: InsightGroup, moment: Moment, *, with_scores: bool) -> GroupShown:
    territory = Territory(
        org_id=group.org_id,
        project_key=group.project_key,
        env=group.env,
        applications=group.applications or (),
    )
    scored = score_insights(transaction, territory, moment.now, moment.spans) if with_scores else None
    known = projects.every_environment(transaction, group.org_id, group.project_key)
    environment = next((one for one in known if one.key == group.env), None)
    return GroupShown(group=group, scored=scored, environment=environment)


def _create(transaction: Transaction, group: InsightGroup) -> FairleadError | None:
    refusal = _refusal(transaction, group)
    if refusal is not None:
        return refusal
    if insight_groups.add(transaction, group):
        return None
    return Conflict(f"there is an insight group with the key {group.key} already")


def _change(transaction: Transaction, group: InsightGroup) -> FairleadError | None:
    if insight_groups.get(transaction, group.org_id, group.key) is None:
        return _absent(group.key)
    refusal = _refusal(transaction, group)
    if refusal is None:
        insight_groups.put(transaction, group)
    return refusal


def _refusal(transaction: Transaction, group: InsightGroup) -> Rejected | None:
    if group.project_key not in territories.project_names(transaction, group.org_id):
        detail = f'attribute "projectKey" names an unknown project: {group.project_key}'
        return Rejected(detail, field="projectKey")
    if group.env not in territories.environment_keys(transaction, group.org_id, group.project_key):
        detail = f'attribute "environmentKey" names an unknown environment: {group.env}'
        return Rejected(detail, field="environmentKey")
    return None


def _absent(key: str) -> NotFound:
    return NotFound(f"there is no insight group {key}")
