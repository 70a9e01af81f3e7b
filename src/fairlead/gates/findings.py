"""Findings: what a rule makes of what was observed so far.

Three outcomes. *Inconclusive* says that what was observed allows neither; a policy, never a guess,
turns it into one of the other two. Not here: any rule.
"""

from enum import StrEnum

from msgspec import Struct

from fairlead.domain.evaluations import NOTHING, Evidence, Status


class Outcome(StrEnum):
    """What a rule found."""

    PASS = "pass"  # noqa: S105 — a word of gates, no secret.
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Policy(StrEnum):
    """What becomes of a finding that is inconclusive."""

    PASS = "pass"  # noqa: S105 — a word of gates, no secret.
    FAIL = "fail"


class Finding(Struct, frozen=True, kw_only=True):
    """What a rule found, why, and on which evidence."""

    outcome: Outcome
    reason: str = ""
    """Empty where it passes and there is nothing to say."""
    evidence: Evidence = NOTHING


class Watching(Struct, frozen=True):
    """Nothing is decided yet."""

    look_again_at: int
    """When to look again if nothing is heard before."""


def settled(finding: Finding, policy: Policy) -> Status:
    """Return the status that a finding comes to."""
    if finding.outcome is Outcome.INCONCLUSIVE:
        return Status(policy.value)
    return Status(finding.outcome.value)
