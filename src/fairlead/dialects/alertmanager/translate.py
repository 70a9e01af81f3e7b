"""From Alertmanager's notifications to signals.

One monitor stands for the alerts of one name about one service, environment and team; what other
labels they carry names the group. Not here: who may deliver.
"""

from collections.abc import Mapping

import msgspec

from fairlead.dialects.alertmanager import wire
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.monitors import MonitorState, StateSource
from fairlead.domain.signals import Signal, group_name, scope_tags, told_instant
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

EVENT = "notification"
_notification = msgspec.json.Decoder(wire.Notification)
_NAME = "alertname"
_WARNINGS = frozenset({"warning", "warn", "info", "none"})
_MOST_ALERTS = 5000
_LONGEST_REASON = 1000


def read(hook: Hook, delivery: Delivery) -> Reading:
    """Return the signals of a notification.

    Raises:
        Rejected: a field is missing or malformed.
    """
    told = decode(_notification, delivery.body)
    if len(told.alerts) > _MOST_ALERTS:
        raise Rejected(f'attribute "alerts" holds more than {_MOST_ALERTS}', field="alerts")
    signals = tuple(_signal(alert, hook, delivery) for alert in told.alerts)
    return Reading(facts=signals, ignored="" if signals else "there is no alert in it")


def _signal(alert: wire.Alert, hook: Hook, delivery: Delivery) -> Signal:
    for text in (*alert.labels, *alert.labels.values()):
        require_text(text, "labels")
    labels = alert.labels
    is_firing = alert.status != "resolved"
    at = told_instant(
        alert.starts_at if is_firing else alert.ends_at,
        delivery.received_at,
        "startsAt" if is_firing else "endsAt",
    )
    return Signal(
        org_id=hook.org_id,
        source=StateSource.ALERTMANAGER,
        name=labels.get(_NAME) or "alert",
        tags=scope_tags(labels),
        message=alert.annotations.get("description", "")[:_LONGEST_REASON],
        group=group_name(labels, (_NAME,)),
        state=_state(labels) if is_firing else MonitorState.OK,
        at=at,
        reason=_reason(alert.annotations) if is_firing else "resolved",
        received_at=delivery.received_at,
    )


def _reason(annotations: Mapping[str, str]) -> str:
    return (annotations.get("summary") or annotations.get("description") or "")[:_LONGEST_REASON]


def _state(labels: Mapping[str, str]) -> MonitorState:
    return MonitorState.WARN if labels.get("severity", "").lower() in _WARNINGS else MonitorState.ALERT
