"""Gates: what must hold before a version may go on, and what each rule watches.

A gate guards one service in one environment, under an identifier of its own. Not here: one time
that a gate was asked (`evaluations`), how a rule is decided (`fairlead.gates`), and whose words
`duration` or `warmup` are.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NewType

import msgspec
from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import require_text

GateId = NewType("GateId", str)
RuleId = NewType("RuleId", str)

DEFAULT_IDENTIFIER = "default"
LONGEST_WATCH_S = 7200
"""How long a rule may watch; Datadog's documentation of 2026-08 gives this limit."""
LONGEST_WARMUP_S = 86_400
MOST_RULES = 100
"""Of one gate or one request."""
MOST_ITEMS = 1000
"""Resources or monitors that one rule may name."""
_MOST_DIGITS = 18


class RuleKind(StrEnum):
    """What a rule looks at."""

    MONITOR = "monitor"
    """The states of monitors."""
    FAULTY_DEPLOYMENT = "faulty_deployment_detection"
    """Errors of the new version, beside those of earlier ones."""


class MonitorChoice(msgspec.Struct, frozen=True):
    """One monitor that a rule names."""

    id: int
    groups: tuple[str, ...] = ()
    """Only these of its groups; empty means all."""


class RuleOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was told of a rule; None where nothing was, so that it can be shown as it was told."""

    query: str | None = None
    """A search for monitors (`monitor_search`)."""
    monitor_ids: tuple[MonitorChoice, ...] | None = None
    duration_s: int | None = None
    warmup_s: int | None = None
    fail_on_no_data: bool | None = None
    fail_on_no_groups_found: bool | None = None
    allowed_resources: tuple[str, ...] | None = None
    excluded_resources: tuple[str, ...] | None = None


class Gate(Struct, frozen=True, kw_only=True):
    """A guard. Service, environment and identifier together are unique, and never change."""

    org_id: OrgId
    id: GateId
    service: str
    env: str
    identifier: str = DEFAULT_IDENTIFIER
    dry_run: bool = False
    created_at: int
    created_by: Author
    updated_at: int
    updated_by: Author

    def __post_init__(self) -> None:
        for name in ("service", "env", "identifier"):
            if not require_text(getattr(self, name), name).strip():
                raise Rejected(f'attribute "{name}" is required', field=name)


class Rule(Struct, frozen=True, kw_only=True):
    """One condition of a gate. Its kind never changes."""

    org_id: OrgId
    gate_id: GateId
    id: RuleId
    name: str
    kind: RuleKind
    options: RuleOptions
    dry_run: bool = False
    created_at: int
    created_by: Author
    updated_at: int
    updated_by: Author

    def __post_init__(self) -> None:
        require_rule(self.name, self.kind, self.options)


def require_rule(name: str, kind: RuleKind, options: RuleOptions) -> None:
    """Check what any rule must satisfy, kept or told with a request.

    Raises:
        Rejected: the name is empty, or the options do not fit the kind or each other.
    """
    if not require_text(name, "name").strip():
        raise Rejected('attribute "name" is required', field="name")
    _require_span(options.duration_s, "duration", LONGEST_WATCH_S)
    _require_span(options.warmup_s, "warmup", LONGEST_WARMUP_S)
    if kind is RuleKind.MONITOR:
        _require_monitors(options)
    else:
        _require_resources(options)


def _require_span(seconds: int | None, field: str, most: int) -> None:
    if seconds is not None and not 0 <= seconds <= most:
        raise Rejected(f'attribute "{field}" must be between 0 and {most} seconds', field=field)


def _require_monitors(options: RuleOptions) -> None:
    if options.query is not None and options.monitor_ids is not None:
        raise Rejected("options.query and options.monitor_ids are mutually exclusive", field="options")
    if options.allowed_resources is not None or options.excluded_resources is not None:
        raise Rejected('attribute "options" of a monitor rule names no resources', field="options")
    if options.monitor_ids is not None:
        _require_choices(options.monitor_ids)
    elif not require_text(options.query or "", "query", longest=10_000).strip():
        raise Rejected('attribute "query" or "monitor_ids" is required', field="query")


def _require_choices(choices: Sequence[MonitorChoice]) -> None:
    if not 1 <= len(choices) <= MOST_ITEMS:
        raise Rejected(f'attribute "monitor_ids" must hold 1 to {MOST_ITEMS} monitors', field="monitor_ids")
    for choice in choices:
        if choice.id < 1 or len(str(choice.id)) > _MOST_DIGITS:
            raise Rejected('attribute "id" must be the number of a monitor', field="monitor_ids")
        _require_names(choice.groups, "groups")
        if len(set(choice.groups)) < len(choice.groups):
            raise Rejected('attribute "groups" must name each group once', field="groups")


def _require_resources(options: RuleOptions) -> None:
    monitors = (options.query, options.monitor_ids, options.warmup_s)
    flags = (options.fail_on_no_data, options.fail_on_no_groups_found)
    if any(told is not None for told in (*monitors, *flags)):
        detail = 'attribute "options" of faulty deployment detection names no monitors'
        raise Rejected(detail, field="options")
    if options.allowed_resources and options.excluded_resources:
        detail = "options.allowed_resources and options.excluded_resources are mutually exclusive"
        raise Rejected(detail, field="options")
    _require_names(options.allowed_resources or (), "allowed_resources")
    _require_names(options.excluded_resources or (), "excluded_resources")


def _require_names(names: Sequence[str], field: str) -> None:
    if len(names) > MOST_ITEMS:
        raise Rejected(f'attribute "{field}" holds more than {MOST_ITEMS} names', field=field)
    if not all(require_text(name, field) for name in names):
        raise Rejected(f'attribute "{field}" must not hold empty names', field=field)
