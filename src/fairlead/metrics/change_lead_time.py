"""Change lead time of many deployments, with its stages.

Definition: Datadog, "DORA Metrics calculation" (read 2026): above the level of one deployment the
median across deployments of each one's average over its commits; the mean that older pages name is
shown beside it. Over commits instead, a deployment of ten commits weighs ten times as much as one of
one: that page advises it for analysis. Deployments without a lead time do not count; `coverage` says
why. How one commit's time is measured stands in `lead_time.py`.
"""

from collections.abc import Mapping
from typing import Any

from fairlead.domain.links import STAGES
from fairlead.metrics.figures import LeadTime, Middle, Spread
from fairlead.metrics.percentiles import Durations

COLUMN = "change_lead_time"


DURATIONS = Durations(spreads=(COLUMN,), middles=STAGES)
"""What is worked out over a frame of deployments, or of commits."""


def lead_time(row: Mapping[str, Any], deployments: int, *, of_commits: bool) -> LeadTime | None:
    """Return what the columns come to; `deployments` is how many have a lead time."""
    found = Spread.of(row, COLUMN)
    if found is None:
        return None
    return LeadTime(
        deployments=deployments,
        commits=found.count if of_commits else None,
        spread=found,
        stages={stage: Middle.of(row, stage) for stage in STAGES},
    )
