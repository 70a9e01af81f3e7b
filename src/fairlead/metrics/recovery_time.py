"""Failed deployment recovery time: from the end of a failed deployment to the end of its repair.

Definition: Datadog, "Change failure detection" (read 2026): the median over failed deployments whose
remediation is known. It counts when the failed deployment ended. A deployment that is no failure has
none, whatever was kept about it before.
"""

from collections.abc import Mapping
from typing import Any

from fairlead.metrics.figures import Spread
from fairlead.metrics.percentiles import Durations

COLUMN = "recovery_time"


DURATIONS = Durations(spreads=(COLUMN,))
"""What is worked out over a frame of deployments, in which only failed ones have the column."""


def recovery_time(row: Mapping[str, Any]) -> Spread | None:
    """Return what the columns come to."""
    return Spread.of(row, COLUMN)
