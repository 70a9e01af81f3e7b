"""Backtesting: which past deployments a gate would have stopped, and which of those had failed.

Not here: gathering what was observed at the time.
"""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.deployments import KnownDeployment
from fairlead.gates.findings import Finding, Outcome


class RuleTried(Struct, frozen=True):
    """What a rule would have found."""

    name: str
    dry_run: bool
    finding: Finding


class Tried(Struct, frozen=True):
    """One past deployment, and what each rule would have found."""

    deployment: KnownDeployment
    rules: tuple[RuleTried, ...]

    @property
    def stopped(self) -> bool:
        """The gate would have stopped it: a rule that counts fails."""
        return any(rule.finding.outcome is Outcome.FAIL for rule in self.rules if not rule.dry_run)

    @property
    def undecided(self) -> bool:
        """Nothing can be said: no rule that counts decides."""
        counted = [rule for rule in self.rules if not rule.dry_run]
        return all(rule.finding.outcome is Outcome.INCONCLUSIVE for rule in counted)

    @property
    def failed(self) -> bool:
        """It turned out to be a change failure, as far as is known."""
        return self.deployment.outcome.change_failure is True


class Score(Struct, frozen=True):
    """How well stops and failures agree, over the deployments on which the gate decides."""

    stopped_failed: int
    stopped_fine: int
    passed_failed: int
    passed_fine: int
    undecided: int

    @property
    def precision(self) -> float | None:
        """The share of stops that were failures; None where nothing was stopped."""
        stopped = self.stopped_failed + self.stopped_fine
        return self.stopped_failed / stopped if stopped else None

    @property
    def recall(self) -> float | None:
        """The share of failures that were stopped; None where nothing failed."""
        failed = self.stopped_failed + self.passed_failed
        return self.stopped_failed / failed if failed else None


def score(tried: Sequence[Tried]) -> Score:
    """Count how stops and failures agree."""
    decided = [one for one in tried if not one.undecided]

    def count(*, stopped: bool, failed: bool) -> int:
        return sum(one.stopped is stopped and one.failed is failed for one in decided)

    return Score(
        stopped_failed=count(stopped=True, failed=True),
        stopped_fine=count(stopped=True, failed=False),
        passed_failed=count(stopped=False, failed=True),
        passed_fine=count(stopped=False, failed=False),
        undecided=len(tried) - len(decided),
    )
