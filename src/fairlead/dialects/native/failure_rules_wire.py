"""The shapes of rules for failed deployments in Fairlead's own API, and of trying them on the past."""

from msgspec import Struct, field

Instant = str | int
"""RFC 3339, or milliseconds since 1970."""


class LinkedRule(Struct):
    pattern: str
    """With exactly one of `$pr_title`, `$pr_number` and `$version`."""
    enabled: bool = True


class StaticRule(Struct):
    on: str
    """`pr_title`, `pr_label`, `pr_branch`, `commit_message` or `version`."""
    pattern: str
    enabled: bool = True


class RulesTold(Struct):
    """What is left out is as it is where nobody has set anything."""

    rollbacks: bool = True
    rollbacks_of_rollbacks: bool = True
    linked: list[LinkedRule] | None = None
    static: list[StaticRule] | None = None
    failure_window_s: float | None = None


class RulesTried(RulesTold):
    """Rules to try; the window is the last 90 days unless said otherwise, and `to` is exclusive."""

    from_: Instant | None = field(default=None, name="from")
    to: Instant | None = None


class RulesSeen(Struct):
    rollbacks: bool
    rollbacks_of_rollbacks: bool
    linked: list[LinkedRule]
    static: list[StaticRule]
    failure_window_s: float
    changed_at: str | None
    """Null where nobody has set anything."""
    changed_by: str | None


class Tally(Struct):
    failed: int
    rollbacks: int
    rollforwards: int


class Decided(Struct):
    change_failure: bool | None
    deployment_type: str
    remediation_id: str | None
    remediation_type: str | None
    recovery_time_s: float | None


class Changed(Struct):
    id: str
    service: str
    env: str | None
    version: str | None
    finished_at: str
    now: Decided
    then: Decided


class Preview(Struct):
    from_: str = field(name="from")
    to: str
    deployments: int
    """In the window, as far as they were looked at."""
    complete: bool
    """False where there are so many that only the latest were looked at."""
    now: Tally
    then: Tally
    changed: int
    """Deployments that would be decided otherwise."""
    changes: list[Changed]
    """The latest of them first, 500 at most."""


class AuditSeen(Struct):
    id: str
    at: str
    actor: str
    action: str
    subject: str
    detail: str


class AuditPage(Struct):
    entries: list[AuditSeen]
    """The newest first."""
    next: str | None
    """What to send as `before` for the next page; null at the end."""
