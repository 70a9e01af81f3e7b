"""What is measured about deployments and failures: the columns that the arithmetic reads.

A frame of deployments has a row for each, in the order of their ends; a frame of failures in the
order of their starts. Texts are whole numbers there, codes of a lexicon, so that millions of rows
are compared and grouped without looking at a letter; code 0 is the empty text, which stands for
none. Not here: keeping frames (`store.segments`) and reading them (`metrics`).
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason
from fairlead.domain.deployments import DeploymentType
from fairlead.domain.links import STAGES

NOTHING: Final = 0
"""The code of the empty text."""


class Noun(StrEnum):
    """What a row of a frame is."""

    DEPLOYMENTS = "deployments"
    FAILURES = "failures"


class Unmeasured(StrEnum):
    """Why a deployment has no lead time, beyond what `Reason` says of its commits."""

    PENDING = "pending"
    """Its commits are still being worked out."""
    COMMITS_AFTER_DEPLOYMENT = "commits_after_deployment"
    """Every commit it brought claims to be younger than its end."""


class Scope(Struct, frozen=True, kw_only=True):
    """Which facts are looked at."""

    org_id: OrgId
    noun: Noun
    from_at: int
    """Inclusive, compared with the instant at which it happens."""
    until_at: int
    """Exclusive."""


COVERAGE: Final[tuple[str, ...]] = ("", *(reason.value for reason in Reason), *Unmeasured)
"""The reason codes, in the order of their numbers in a frame; 0 means that there is a lead time."""
TYPES: Final = tuple(DeploymentType)
"""In the order of their numbers in a frame."""
DURATIONS: Final = ("change_lead_time", *STAGES, "recovery_time")
"""Of a deployment, in nanoseconds; NULL where there is none."""


class Shape(Struct, frozen=True, kw_only=True):
    """Which columns the frame of a noun has."""

    at: str
    """The instant at which it happens, in nanoseconds: the end of a deployment, the start of a failure."""
    texts: tuple[str, ...]
    """Columns of codes. `tags` and `services` are codes of JSON lists of texts."""
    numbers: tuple[str, ...]
    """Columns of nanoseconds or of small numbers."""


SHAPES: Final = {
    Noun.DEPLOYMENTS: Shape(
        at="finished_at",
        texts=("service", "env", "team", "repository_id", "source", "tags"),
        numbers=("deployment_type", "change_failure", "coverage", *DURATIONS),
    ),
    Noun.FAILURES: Shape(
        at="started_at",
        texts=("services", "env", "team", "repository_id", "source", "severity", "tags"),
        numbers=("time_to_restore",),
    ),
}
"""A deployment's `deployment_type` is a place in `TYPES`, its `coverage` one in `COVERAGE`, and its
`change_failure` true, false, or NULL while that is undecided."""
