"""Links between failures and deployments: which deployment may have caused which failure.

A link is there because the two share a service and an environment and are close in time. Nothing
says by itself that one caused the other: until a person decides, a link is undecided. Not here:
change failures, which follow from repairs and not from failures (`metrics.change_failures`).
"""

from enum import StrEnum

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.failures import Failure
from fairlead.domain.links import Deployed


class LinkState(StrEnum):
    """What a person says about a deployment and a failure."""

    CAUSED = "caused"
    NOT_CAUSED = "not_caused"
    UNDECIDED = "undecided"
    """Nobody has said anything."""


class LinkDecision(Struct, frozen=True, kw_only=True):
    """Somebody's word on one deployment and one failure; undecided takes it back."""

    org_id: OrgId
    failure_id: str
    deployment_id: str
    state: LinkState
    decided_at: int
    decided_by: str
    """The id of the key that was used, or the address of a member."""


class FailureLink(Struct, frozen=True, kw_only=True):
    """A failure, a deployment that may have caused it, and what is said about the two."""

    failure: Failure
    deployment: Deployed
    is_close: bool
    """Whether service, environment and window tie them; if not, a person alone does."""
    decision: LinkDecision | None

    @property
    def state(self) -> LinkState:
        """What is said about the two."""
        return LinkState.UNDECIDED if self.decision is None else self.decision.state

    @property
    def same_version(self) -> bool | None:
        """Whether the failure names the deployment's version; None where one of them names none."""
        failed, deployed = self.failure.version, self.deployment.version
        return failed == deployed if failed and deployed else None
