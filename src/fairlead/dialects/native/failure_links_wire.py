"""The shapes of links between failures and deployments in Fairlead's own API."""

from msgspec import Struct


class LinkDecided(Struct):
    failure_id: str
    deployment_id: str
    state: str
    """`caused`, `not_caused` or `undecided`."""


class LinkSeen(Struct):
    failure_id: str
    failure_name: str | None
    failure_started_at: str
    failure_finished_at: str | None
    deployment_id: str
    service: str
    env: str | None
    version: str | None
    deployment_finished_at: str
    state: str
    decided_by: str | None
    decided_at: str | None
    within_window: bool
    """Whether service, environment and window tie the two; if not, a person alone does."""
    same_version: bool | None
    """Null where one of the two names no version."""
    seconds_between: float
    """From the deployment's end to the failure's start; negative where it was still under way."""


class LinksSeen(Struct):
    links: list[LinkSeen]
