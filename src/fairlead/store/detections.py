"""How strictly versions are judged: every statement that touches it."""

import msgspec
from sqlalchemy import delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.detection import Detection
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import detections

_t = detections.c
_rows = BulkInsert(detections, [column.name for column in detections.columns], replaces=True)
_decode = msgspec.json.Decoder(Detection, strict=False).decode
EVERY_SERVICE = ""


def get(transaction: Transaction, org_id: OrgId, service: str) -> Detection:
    """Return what holds for a service: its own, or that of all services, or the defaults."""
    told = told_for(transaction, org_id, service) or told_for(transaction, org_id, EVERY_SERVICE)
    return told or Detection()


def told_for(transaction: Transaction, org_id: OrgId, service: str) -> Detection | None:
    """Return what was told for exactly this service, or None."""
    mine = select(_t.parameters).where(_t.org_id == org_id, _t.service == service.lower())
    row = transaction.execute(mine).first()
    return None if row is None else _decode(row.parameters)


def put(transaction: Transaction, org_id: OrgId, service: str, detection: Detection, now: int) -> None:
    """Keep what is to hold for a service from now on."""
    parameters = msgspec.json.encode(detection).decode()
    _rows.run(transaction, [(org_id, service.lower(), parameters, now)])


def remove(transaction: Transaction, org_id: OrgId, service: str) -> bool:
    """Forget what was told for a service; False if there was nothing."""
    mine = delete(detections).where(_t.org_id == org_id, _t.service == service.lower())
    return transaction.execute(mine).rowcount > 0
