"""Find flags, how they stand, and what happened to them."""

from collections.abc import Collection

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.flag_changes import WholeFlag
from fairlead.domain.flag_standing import Spans, Standing, standing
from fairlead.domain.flags import FlagSetting
from fairlead.store import flag_history, flags
from fairlead.store.engine import Transaction
from fairlead.store.flags import FlagsAsked
from fairlead.usecases.change_flags import whole_flag
from fairlead.usecases.find_code_references import flag_uses
from fairlead.usecases.keep_projects import find_project

__all__ = ["FlagNarrowing", "FlagsAsked", "FlagsFound", "find_flag", "find_flags", "flag_standings"]


class FlagNarrowing(Struct, frozen=True, kw_only=True):
    """What else is asked of flags, beyond their own table."""

    environment_keys: tuple[str, ...] = ()
    """Where what they are set to is asked for."""
    evaluated_after: int | None = None
    """Evaluated since then in `evaluated_in`."""
    evaluated_in: str = ""
    fewest_references: int | None = None
    """Hunks that name them on default branches."""
    most_references: int | None = None


class FlagsFound(Struct, frozen=True, kw_only=True):
    """One page of flags."""

    flags: tuple[WholeFlag, ...]
    total: int
    environment_names: dict[str, str]
    """Of all environments of the project, by key."""


def find_flags(transaction: Transaction, asked: FlagsAsked, narrowing: FlagNarrowing) -> FlagsFound:
    """Return one page of flags, with what they are set to in the environments that were named.

    Raises:
        NotFound: there is no such project, or no such environment in it.
    """
    project = find_project(transaction, asked.org_id, asked.project_key)
    names = {one.key: one.name for one in project.environments}
    wanted = {*narrowing.environment_keys, narrowing.evaluated_in, asked.environment_key} - {""}
    for key in sorted(wanted - set(names)):
        raise NotFound(f'there is no environment "{key}" in the project "{asked.project_key}"')
    found, total = flags.find(transaction, _among(transaction, asked, narrowing))
    keys = [one.key for one in found]
    settings = flags.settings_of(
        transaction,
        asked.org_id,
        asked.project_key,
        keys=keys,
        environment_keys=narrowing.environment_keys,
    )
    by_flag: dict[str, dict[str, FlagSetting]] = {one.key: {} for one in found}
    for setting in settings:
        by_flag[setting.flag_key][setting.environment_key] = setting
    wholes = tuple(WholeFlag(flag=one, settings=by_flag[one.key]) for one in found)
    return FlagsFound(flags=wholes, total=total, environment_names=names)


def find_flag(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> FlagsFound:
    """Return one flag, with what it is set to everywhere.

    Raises:
        NotFound: there is no such project, or no such flag in it.
    """
    project = find_project(transaction, org_id, project_key)
    found = whole_flag(transaction, org_id, project_key, key)
    if found is None or found.flag.deleted_at is not None:
        raise NotFound(f'there is no flag "{key}" in the project "{project_key}"')
    names = {one.key: one.name for one in project.environments}
    return FlagsFound(flags=(found,), total=1, environment_names=names)


def flag_standings(
    transaction: Transaction,
    org_id: OrgId,
    project_key: str,
    environment_key: str,
    *,
    now: int,
    spans: Spans,
    keys: Collection[str] | None = None,
) -> list[Standing]:
    """Return how flags of a project stand in an environment at `now`, by key: all of them, or some.

    Flags that are archived or deleted are left out.
    """
    found, _ = flags.find(transaction, FlagsAsked(org_id=org_id, project_key=project_key, among=keys))
    settings = flags.settings_of(
        transaction, org_id, project_key, keys=keys, environment_keys=[environment_key]
    )
    set_to = {one.flag_key: one for one in settings}
    served = flag_history.served(transaction, org_id, project_key, environment_key, keys)
    return [standing(one, set_to.get(one.key), served.get(one.key, ()), now, spans) for one in found]


def _among(transaction: Transaction, asked: FlagsAsked, narrowing: FlagNarrowing) -> FlagsAsked:
    """Return what is asked with the flags named that other tables know to fit."""
    where = asked.org_id, asked.project_key
    if narrowing.evaluated_after is not None:
        served = flag_history.served(transaction, *where, narrowing.evaluated_in)
        since = narrowing.evaluated_after
        late = {key for key, told in served.items() if max(one.last_at for one in told) >= since}
        asked = replace(asked, among=late if asked.among is None else late & set(asked.among))
    least, most = narrowing.fewest_references, narrowing.most_references
    if least is not None or most is not None:
        counts: dict[str, int] = {}
        for use in flag_uses(transaction, *where):
            counts[use.count.flag_key] = counts.get(use.count.flag_key, 0) + use.count.hunks
        if least:
            enough = {key for key, count in counts.items() if count >= least}
            asked = replace(asked, among=enough if asked.among is None else enough & set(asked.among))
        if most is not None:
            asked = replace(asked, besides={key for key, count in counts.items() if count > most})
    return asked
