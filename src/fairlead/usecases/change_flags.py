"""Create, change and delete flags; what happened to them is recorded with it."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Conflict, FairleadError, NotFound
from fairlead.domain.flag_changes import WholeFlag, happened
from fairlead.domain.flag_events import Member
from fairlead.domain.flags import FlagSetting
from fairlead.store import flag_history, flags, projects
from fairlead.store.engine import Transaction


class NewFlag(Struct, frozen=True, kw_only=True):
    """A flag that is to be."""

    whole: WholeFlag
    """What it is set to counts for the environments that there are."""
    is_on: bool = False
    """Whether it begins turned on in every environment."""
    by: Member


class FlagChangeWanted(Struct, frozen=True, kw_only=True):
    """What a flag is to become."""

    org_id: OrgId
    project_key: str
    key: str
    changed: Callable[[WholeFlag, frozenset[str]], WholeFlag]
    """From the flag and the keys of all environments. Raises a `FairleadError` where the change is not
    acceptable."""
    by: Member
    at: int


def create_flags(transaction: Transaction, told: Sequence[NewFlag]) -> list[WholeFlag | FairleadError]:
    """Keep each flag, or return `Conflict` where there is one of that key."""
    return [_create(transaction, one) for one in told]


def change_flags(
    transaction: Transaction, changes: Sequence[FlagChangeWanted]
) -> list[WholeFlag | FairleadError]:
    """Change each flag and return it; what changes nothing leaves no trace."""
    return [_change(transaction, one) for one in changes]


def whole_flag(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> WholeFlag | None:
    """Return a flag with what it is set to, or None; one that was deleted says so."""
    flag = flags.get(transaction, org_id, project_key, key)
    if flag is None:
        return None
    settings = flags.settings_of(transaction, org_id, project_key, keys=[key])
    return WholeFlag(flag=flag, settings={one.environment_key: one for one in settings})


def _create(transaction: Transaction, told: NewFlag) -> WholeFlag | FairleadError:
    flag = told.whole.flag
    where = flag.org_id, flag.project_key
    if projects.hold(transaction, *where) is None:
        return NotFound(f'there is no project "{flag.project_key}"')
    known = flags.get(transaction, *where, flag.key)
    if known is not None and known.deleted_at is None:
        return Conflict(f'there is a flag "{flag.key}" already')
    settings = {
        one.key: FlagSetting(
            org_id=flag.org_id,
            project_key=flag.project_key,
            flag_key=flag.key,
            environment_key=one.key,
            is_on=told.is_on,
            targeting={"offVariation": flag.off_variation, "fallthrough": {"variation": flag.on_variation}},
            changed_at=flag.created_at,
            switched_at=flag.created_at,
        )
        for one in projects.every_environment(transaction, *where)
    }
    whole = WholeFlag(flag=flag, settings=settings)
    _keep(transaction, None, whole, flag.created_at, told.by)
    return whole


def _change(transaction: Transaction, wanted: FlagChangeWanted) -> WholeFlag | FairleadError:
    where = wanted.org_id, wanted.project_key
    if projects.hold(transaction, *where) is None:
        return NotFound(f'there is no project "{wanted.project_key}"')
    known = whole_flag(transaction, *where, wanted.key)
    if known is None or known.flag.deleted_at is not None:
        return NotFound(f'there is no flag "{wanted.key}" in the project "{wanted.project_key}"')
    places = frozenset(one.key for one in projects.every_environment(transaction, *where))
    try:
        changed = wanted.changed(known, places)
    except FairleadError as refused:
        return refused
    if changed == known:
        return known
    flag = replace(changed.flag, version=known.flag.version + 1, updated_at=wanted.at)
    settings = {key: _dated(known.settings.get(key), one, wanted.at) for key, one in changed.settings.items()}
    whole = WholeFlag(flag=flag, settings=settings)
    _keep(transaction, known, whole, wanted.at, wanted.by)
    return whole


def _dated(before: FlagSetting | None, after: FlagSetting, at: int) -> FlagSetting:
    """Return a setting with the version and the times that its change gives it."""
    if after == before:
        return after
    was_on = before is not None and before.is_on
    switched_at = after.switched_at if after.is_on == was_on else at
    return replace(after, version=after.version + 1, changed_at=at, switched_at=switched_at)


def _keep(transaction: Transaction, before: WholeFlag | None, after: WholeFlag, at: int, by: Member) -> None:
    flags.put(transaction, [after.flag])
    known = {} if before is None else before.settings
    flags.put_settings(transaction, [one for key, one in after.settings.items() if one != known.get(key)])
    flag_history.add_events(transaction, happened(before, after, at, by))
