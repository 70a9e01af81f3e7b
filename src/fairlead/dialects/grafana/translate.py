"""From Grafana's notifications to signals.

One monitor stands for the alerts of one rule about one service, environment and team; what other
labels they carry names the group. Not here: who may deliver.
"""

from collections.abc import Mapping

import msgspec

from fairlead.dialects.grafana import wire
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.monitors import MonitorState, StateSource
from fairlead.domain.signals import Signal, group_name, scope_tags, told_instant
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

EVENT = "notification"
_notification = msgspec.json.Decoder(wire.Notification)
_NAME = "alertname"
_RULE = "rulename"
_NO_DATA_NAMES = frozenset({"DatasourceNoData", "DatasourceError"})
"""The alert names under which Grafana tells that a rule has no data or could not be evaluated; the
rule's own name is then in another label."""
_STATE_REASON = "grafana_state_reason"
_NO_DATA_REASONS = frozenset({"NoData", "Error"})
_FOLDER = "grafana_folder"
_WARNINGS = frozenset({"warning", "warn", "info", "none"})
_MOST_ALERTS = 5000
_LONGEST = 1000


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
    annotations = alert.annotations or {}
    is_firing = alert.status != "resolved"
    hidden = {_NAME, _RULE, _FOLDER, *(name for name in labels if name.startswith("__"))}
    return Signal(
        org_id=hook.org_id,
        source=StateSource.GRAFANA,
        name=_name(labels),
        tags=scope_tags(labels),
        message=annotations.get("description", "")[:_LONGEST],
        group=group_name(labels, hidden),
        state=_state(labels, annotations) if is_firing else MonitorState.OK,
        at=told_instant(
            alert.starts_at if is_firing else alert.ends_at,
            delivery.received_at,
            "startsAt" if is_firing else "endsAt",
        ),
        reason=_reason(alert, annotations) if is_firing else "resolved",
        received_at=delivery.received_at,
    )


def _name(labels: Mapping[str, str]) -> str:
    name = labels.get(_NAME, "")
    return (labels.get(_RULE) or name if name in _NO_DATA_NAMES else name) or "alert"


def _state(labels: Mapping[str, str], annotations: Mapping[str, str]) -> MonitorState:
    if labels.get(_NAME) in _NO_DATA_NAMES or annotations.get(_STATE_REASON) in _NO_DATA_REASONS:
        return MonitorState.NO_DATA
    return MonitorState.WARN if labels.get("severity", "").lower() in _WARNINGS else MonitorState.ALERT


def _reason(alert: wire.Alert, annotations: Mapping[str, str]) -> str:
    told = annotations.get("summary") or annotations.get("description") or alert.value_string or ""
    return told[:_LONGEST]
