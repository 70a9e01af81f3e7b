"""Change how strictly the versions of a service are judged."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.detection import Detection
from fairlead.store import detections
from fairlead.store.engine import Transaction


class DetectionTold(Struct, frozen=True, kw_only=True):
    """What is to hold from now on."""

    org_id: OrgId
    service: str
    """Empty for every service that has nothing of its own."""
    detection: Detection | None
    """None forgets what was told before."""
    now: int


def change_detection(transaction: Transaction, told: Sequence[DetectionTold]) -> list[Detection]:
    """Keep each, and return what holds for its service now."""
    return [_change(transaction, one) for one in told]


def _change(transaction: Transaction, told: DetectionTold) -> Detection:
    if told.detection is None:
        detections.remove(transaction, told.org_id, told.service)
    else:
        detections.put(transaction, told.org_id, told.service, told.detection, told.now)
    return detections.get(transaction, told.org_id, told.service)


def get_detection(transaction: Transaction, org_id: OrgId, service: str) -> Detection:
    """Return what holds for a service."""
    return detections.get(transaction, org_id, service)
