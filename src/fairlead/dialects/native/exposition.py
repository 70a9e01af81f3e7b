"""Delivery metrics as gauges in Prometheus's text format.

Medians and rates do not add up, so nothing is exposed that invites to add them: one gauge for each
group that was asked for, and no sample at all where there is nothing to count. Not here: the route.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fairlead.dialects.native import metrics_translate
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.metrics.figures import Figures, Share, Spread
from fairlead.metrics.periods import NS_PER_DAY, Interval
from fairlead.usecases.measure_delivery import Answer, Question

USUAL_DAYS: Final = 30
_MOST_DAYS: Final = 3_660
_NO_LABEL: Final = re.compile(r"\W")
_Told = Mapping[str, Sequence[str]]


def _median(spread: Spread | None) -> float | None:
    return None if spread is None else spread.median_s


def _rate(share: Share | None) -> float | None:
    return None if share is None else share.rate


_GAUGES: Final[Sequence[tuple[str, str, Callable[[Figures], float | None]]]] = (
    ("deployments", "Deployments that ended in the window.", lambda of: of.deployments),
    ("deployments_per_day", "Deployments per 24 hours.", lambda of: of.deployments_per_day),
    (
        "change_lead_time_median_seconds",
        "Median over deployments of the average change lead time.",
        lambda of: _median(of.change_lead_time.spread if of.change_lead_time else None),
    ),
    (
        "change_failure_ratio",
        "Share of deployments that were change failures.",
        lambda of: _rate(of.change_failure_rate),
    ),
    (
        "recovery_time_median_seconds",
        "Median recovery time of failed deployments.",
        lambda of: _median(of.recovery_time),
    ),
    ("rework_ratio", "Share of deployments that were rework.", lambda of: _rate(of.rework_rate)),
    (
        "time_to_restore_median_seconds",
        "Median duration of failures.",
        lambda of: _median(of.time_to_restore),
    ),
    (
        "deployments_with_lead_time",
        "Deployments whose change lead time is known.",
        lambda of: of.coverage.with_lead_time,
    ),
)


def question_from(told: _Told, org_id: OrgId, now: int) -> Question:
    """Return the question of a scrape: the last `days` up to now, by service unless it says otherwise.

    Raises:
        Rejected: a parameter cannot be read; the message names it.
    """
    days = (list(told.get("days", ())) or [str(USUAL_DAYS)])[-1]
    if not days.isdecimal() or not 0 < int(days[:9]) <= _MOST_DAYS:
        raise Rejected(f'attribute "days" must be a whole number from 1 to {_MOST_DAYS}', field="days")
    asked = {name: told[name] for name in ("query", "group_by") if name in told}
    question = metrics_translate.question_from(asked, org_id, now)
    return replace(
        question,
        from_at=now - int(days) * NS_PER_DAY,
        interval=Interval.NONE,
        group_by=question.group_by or ("service",),
    )


def exposed(answer: Answer) -> tuple[bytes, str]:
    """Return the text of an answer, and its media type."""
    registry = CollectorRegistry()
    registry.register(_Delivery(answer))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Delivery(Collector):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def collect(self) -> Iterator[GaugeMetricFamily]:
        labels = [_label(key) for key in self._answer.question.group_by]
        for name, about, value_of in _GAUGES:
            family = GaugeMetricFamily(f"fairlead_delivery_{name}", about, labels=labels)
            for group in self._answer.groups:
                value = value_of(group.summary)
                if value is not None:
                    family.add_metric([text or "" for text in group.values], value)
            yield family


def _label(key: str) -> str:
    name = _NO_LABEL.sub("_", key)
    return f"_{name}" if name[0].isdecimal() else name
