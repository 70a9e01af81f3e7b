"""Record who used which AI coding tool on which day."""

from collections.abc import Sequence

from fairlead.domain.activity import ToolUse
from fairlead.store import activity
from fairlead.store.engine import Transaction


def record_tool_uses(transaction: Transaction, reports: Sequence[Sequence[ToolUse]]) -> list[None]:
    """Record each report as a whole; what is told again about a person, day and tool replaces it."""
    activity.put(transaction, [use for report in reports for use in report])
    return [None] * len(reports)
