"""How a flag stands in an environment: new, active, launched or inactive; and whether it is stale.

Source: LaunchDarkly's product documentation as of 2026, retold in `docs/dialects/launchdarkly.md`.
All three spans are settings. Not here: who tells of evaluations, for Fairlead serves no flags.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.flags import Flag, FlagSetting
from fairlead.domain.instants import NS_PER_S

NS_PER_DAY = 86_400 * NS_PER_S


class FlagStatus(StrEnum):
    """How a flag stands."""

    NEW = "new"
    """Young, and never evaluated."""
    ACTIVE = "active"
    """Evaluated lately, and still moving: it serves several variations, was changed, or is off."""
    LAUNCHED = "launched"
    """Evaluated lately, on, and serving one variation to everybody without change."""
    INACTIVE = "inactive"
    """Not evaluated lately."""


class Spans(Struct, frozen=True, kw_only=True):
    """How long is lately, old and quiet, in nanoseconds."""

    lately_ns: int = 7 * NS_PER_DAY
    old_ns: int = 30 * NS_PER_DAY
    """From this age on a flag may be stale."""
    quiet_ns: int = 7 * NS_PER_DAY
    """For so long it has to be inactive or launched to be stale."""


def spans_in_days(lately: int, old: int, quiet: int) -> Spans:
    """Return spans of so many days."""
    return Spans(lately_ns=lately * NS_PER_DAY, old_ns=old * NS_PER_DAY, quiet_ns=quiet * NS_PER_DAY)


class Served(Struct, frozen=True, kw_only=True):
    """A variation that a flag was seen to serve."""

    variation: str
    first_at: int
    last_at: int


class Standing(Struct, frozen=True, kw_only=True):
    """How a flag stands at one instant."""

    flag: Flag
    status: FlagStatus
    quiet_since: int | None
    """Since when nothing has moved; None while it is new or active."""
    is_stale: bool
    last_evaluated_at: int | None


def standing(
    flag: Flag, setting: FlagSetting | None, served: Sequence[Served], now: int, spans: Spans
) -> Standing:
    """Return how `flag` stands at `now`.

    A flag that is set to nothing in the environment is off there. A span belongs to "lately" until it is
    over: what happened exactly seven days ago is not late any more.
    """
    status, since = _status(flag, setting, served, now - spans.lately_ns)
    is_old = now - flag.created_at >= spans.old_ns
    is_quiet = since is not None and now - since >= spans.quiet_ns
    gone = flag.archived_at is not None or flag.deleted_at is not None
    return Standing(
        flag=flag,
        status=status,
        quiet_since=since,
        is_stale=flag.temporary and not gone and is_old and is_quiet,
        last_evaluated_at=max((one.last_at for one in served), default=None),
    )


def _status(
    flag: Flag, setting: FlagSetting | None, served: Sequence[Served], lately: int
) -> tuple[FlagStatus, int | None]:
    last_at = max((one.last_at for one in served), default=None)
    if last_at is None and flag.created_at > lately:
        return FlagStatus.NEW, None
    if last_at is None or last_at <= lately:
        return FlagStatus.INACTIVE, flag.created_at if last_at is None else last_at
    changed_at = flag.created_at if setting is None else setting.changed_at
    # When it last served another variation than the one it serves now.
    varied_at = max((one.last_at for one in served if one.last_at != last_at), default=flag.created_at)
    if sum(one.last_at == last_at for one in served) > 1:
        varied_at = last_at
    settled_at = max(changed_at, varied_at, flag.created_at)
    is_on = setting is not None and setting.is_on
    if not is_on or changed_at > lately or varied_at > lately:
        return FlagStatus.ACTIVE, None
    return FlagStatus.LAUNCHED, settled_at
