"""Repairs: which deployment repairs which, as far as facts and rules tell.

Derived, never told; what a person decides stands above it (`domain.deployments`). Not here:
working them out (`metrics.change_failures`).
"""

from enum import StrEnum

from msgspec import Struct

from fairlead.domain.deployments import DeploymentType, RemediationType
from fairlead.domain.failure_rules import Variable


class RepairKind(StrEnum):
    """How a repair was recognised, the strongest first."""

    ROLLBACK = "rollback"
    LINKED = "linked"
    STATIC = "static"

    @property
    def remediation(self) -> RemediationType:
        """What such a repair is called on the deployment that failed."""
        return RemediationType.ROLLBACK if self is RepairKind.ROLLBACK else RemediationType.ROLLFORWARD

    @property
    def deployment_type(self) -> DeploymentType:
        """What a deployment that repairs so is."""
        return DeploymentType(self.remediation.value)


STRENGTH = {kind: place for place, kind in enumerate(RepairKind)}


class Repair(Struct, frozen=True, kw_only=True):
    """One deployment repairs another one."""

    deployment_id: str
    """The one that repairs."""
    failed_id: str
    kind: RepairKind
    rule: str = ""
    """The pattern of the rule; empty for a rollback."""
    value: str = ""
    """What the rule found in the deployment that repairs; for a rollback the build that was put back."""


class PullRequestTraits(Struct, frozen=True, kw_only=True):
    """A pull request as far as rules look at it."""

    number: int
    title: str
    labels: tuple[str, ...] = ()
    branch: str = ""


class Traits(Struct, frozen=True, kw_only=True):
    """A deployment as far as rules look at it."""

    version: str = ""
    repository_id: str = ""
    pull_requests: tuple[PullRequestTraits, ...] = ()
    """Those of the commits that are measured in it, by number."""
    messages: tuple[str, ...] = ()
    """Of those commits."""


class Property(Struct, frozen=True):
    """What a deployment may be found by."""

    variable: Variable
    repository_id: str
    """Empty for a version."""
    value: str


class Claim(Struct, frozen=True):
    """A deployment says by a linked rule that it repairs whichever has a property."""

    wanted: Property
    rule: str
