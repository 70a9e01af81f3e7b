"""Faulty deployment detection: the new version must not fail more than earlier ones did.

Without counts of requests nothing can be said, and that is what it says. Not here: where counts
come from.
"""

from fairlead.domain.evaluations import Watch
from fairlead.gates.findings import Finding, Outcome, Watching

NO_VERSION = "No version was told, so there is nothing to compare"
NO_COUNTS = "Not enough data: no requests of this version were counted"


def find(watch: Watch, now: int) -> Finding | Watching:
    """Return what the rule finds at `now`, or when to look again."""
    if not watch.version:
        return Finding(outcome=Outcome.INCONCLUSIVE, reason=NO_VERSION)
    if now < watch.until_at:
        return Watching(watch.until_at)
    return Finding(outcome=Outcome.INCONCLUSIVE, reason=NO_COUNTS)
