"""Deployments: one version of one service reaching one environment.

A `Deployment` is the fact as it was told. An `Outcome` is what became of it: derived from
other facts or decided by a person. Not here: how a vendor spells a deployment, how one is
stored, what many of them add up to.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NewType

from msgspec import Struct, field
from msgspec.structs import force_setattr

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Sha
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import require_instant
from fairlead.domain.links import Deployed, LinkedCommit, LinkSummary

DeploymentId = NewType("DeploymentId", str)


class DeploymentType(StrEnum):
    """What a deployment did to what ran before it."""

    STANDARD = "standard"
    ROLLBACK = "rollback"
    """It put an earlier version back."""
    ROLLFORWARD = "rollforward"
    """It brought new code that repairs an earlier deployment."""


class RemediationType(StrEnum):
    """How a failed deployment was repaired."""

    ROLLBACK = "rollback"
    ROLLFORWARD = "rollforward"


class Deployment(Struct, frozen=True, kw_only=True):
    """The fact. Texts are empty where the sender gave none.

    A struct and not a dataclass because thousands of them arrive in a second.
    """

    org_id: OrgId
    id: DeploymentId
    named_by_caller: bool
    """True when `id` is the caller's own, False when it follows from the content."""
    service: str
    started_at: int
    finished_at: int
    """Never earlier than `started_at`."""
    env: str = ""
    team: str = ""
    version: str = ""
    repository_id: str = ""
    """`host/owner/name`; empty exactly when `commit_sha` is."""
    commit_sha: str = ""
    """Lower-case hexadecimal."""
    tags: tuple[str, ...] = ()
    """`key:value` texts, as sent, each once."""
    source: str = "api"
    received_at: int = 0
    fact: str = "{}"
    """The JSON object that was received, without credentials."""
    project: str = ""
    """The key of the project that the sender named; empty where it follows from the repository."""

    def __post_init__(self) -> None:
        require_instant(self.started_at, "started_at")
        require_instant(self.finished_at, "finished_at")
        if self.finished_at < self.started_at:
            detail = 'attribute "finished_at" is earlier than "started_at"'
            raise Rejected(detail, field="finished_at")

    @property
    def duration_ns(self) -> int:
        """From start to end; 0 when both are the same instant."""
        return self.finished_at - self.started_at

    @property
    def place(self) -> Deployed:
        """It as far as its place among others matters."""
        return Deployed(
            org_id=self.org_id,
            id=self.id,
            service=self.service,
            env=self.env,
            repository_id=self.repository_id,
            commit_sha=Sha(self.commit_sha),
            started_at=self.started_at,
            finished_at=self.finished_at,
            version=self.version,
        )


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a deployment."""

    change_failure: bool | None = None
    """None while nothing has decided it."""
    deployment_type: DeploymentType = DeploymentType.STANDARD
    remediation_id: str = ""
    """The deployment that repaired this one. It may not be known here."""
    remediation_type: RemediationType | None = None
    recovery_time_ns: int | None = None
    """From this deployment's end to its remediation's end; None while that is unknown."""


class KnownDeployment(Struct, frozen=True, kw_only=True):
    """A deployment together with what became of it."""

    fact: Deployment
    outcome: Outcome = field(default_factory=Outcome)
    link: LinkSummary = field(default_factory=LinkSummary)


class WholeDeployment(KnownDeployment, frozen=True, kw_only=True):
    """A deployment together with what became of it and every commit that came with it."""

    commits: Sequence[LinkedCommit] = ()
    """Those that are left out of it among them."""


class Remediation(Struct, frozen=True, kw_only=True):
    """What somebody says repaired a deployment: a deployment's id, or a version, and how."""

    type: RemediationType | None = None
    id: str = ""
    version: str = ""
    """Sought among deployments of the same service and environment."""

    def __post_init__(self) -> None:
        if self.id and self.version:
            detail = 'attributes "remediation.id" and "remediation.version" are mutually exclusive'
            raise Rejected(detail, field="remediation.version")


class ChangeFailureDecision(Struct, frozen=True, kw_only=True):
    """Somebody's word on whether a deployment failed. Nothing derived overrules it."""

    change_failure: bool
    remediation: Remediation = field(default_factory=Remediation)
    decided_at: int
    decided_by: str
    """The id of the key that was used."""

    def __post_init__(self) -> None:
        if not self.change_failure and self.remediation != Remediation():
            # A stable deployment has nothing to repair: the word `false` clears what was said before.
            force_setattr(self, "remediation", Remediation())
