"""Hooks and what was delivered to them: every statement that touches them.

Not here: what a delivery tells, and who may deliver.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import Row, and_, insert, select, tuple_, update

from fairlead.domain.access import OrgId
from fairlead.domain.hooks import Delivery, DeliveryNote, DeliveryOutcome, Deploys, Hook, HookId, Vendor
from fairlead.store.engine import Transaction
from fairlead.store.tables import hook_deliveries, hooks

_h = hooks.c
_d = hook_deliveries.c
_encode = msgspec.json.Encoder().encode
_decode_deploys = msgspec.json.Decoder(tuple[Deploys, ...]).decode
_decode_counts = msgspec.json.Decoder(dict[str, int]).decode
_decode_headers = msgspec.json.Decoder(dict[str, str]).decode


class DeliveriesPage(Struct, frozen=True, kw_only=True):
    """Which deliveries of a hook are asked for: those whose body was kept, the oldest first."""

    org_id: OrgId
    hook_id: HookId
    since_at: int
    """Inclusive, compared with `received_at`."""
    after: tuple[int, str] = (-1, "")
    """Instant and id of the last delivery of the page before."""
    limit: int


def put_hook(transaction: Transaction, hook: Hook) -> None:
    """Create a hook."""
    row = {
        "org_id": hook.org_id,
        "id": hook.id,
        "vendor": hook.vendor.value,
        "secret": hook.secret,
        "deploys": _encode(hook.deploys).decode(),
        "created_at": hook.created_at,
        "ignored": _encode(hook.ignored).decode(),
    }
    transaction.execute(insert(hooks).values(row))


def get_hook(transaction: Transaction, org_id: OrgId, hook_id: HookId) -> Hook | None:
    """Return the hook of that id, or None."""
    row = transaction.execute(select(hooks).where(_h.org_id == org_id, _h.id == hook_id)).first()
    return None if row is None else _hook(row)


def claim(transaction: Transaction, org_id: OrgId, hook_id: HookId) -> Hook | None:
    """Return the hook of that id, or None; nobody else writes it until the transaction ends."""
    mine = select(hooks).where(_h.org_id == org_id, _h.id == hook_id).with_for_update()
    row = transaction.execute(mine).first()
    return None if row is None else _hook(row)


def hooks_of(transaction: Transaction, org_id: OrgId) -> list[Hook]:
    """Return an organisation's hooks, the oldest first."""
    wanted = select(hooks).where(_h.org_id == org_id).order_by(_h.created_at, _h.id)
    return [_hook(row) for row in transaction.execute(wanted)]


def put_counts(
    transaction: Transaction, hook: Hook, *, deliveries: int, last_at: int, ignored: Mapping[str, int]
) -> None:
    """Replace what a hook that was claimed has counted."""
    values = {"deliveries": deliveries, "last_delivery_at": last_at, "ignored": _encode(ignored).decode()}
    transaction.execute(update(hooks).where(_h.org_id == hook.org_id, _h.id == hook.id).values(values))


def put_delivery(transaction: Transaction, delivery: Delivery, outcome: DeliveryOutcome, reason: str) -> bool:
    """Keep a delivery to a hook that was claimed; False, and nothing changed, if its id is known."""
    mine = and_(
        _d.org_id == delivery.org_id,
        _d.hook_id == delivery.hook_id,
        _d.delivery_id == delivery.id,
    )
    if transaction.execute(select(_d.delivery_id).where(mine)).first() is not None:
        return False
    row = {
        "org_id": delivery.org_id,
        "hook_id": delivery.hook_id,
        "delivery_id": delivery.id,
        "event": delivery.event,
        "received_at": delivery.received_at,
        "headers": _encode(delivery.headers).decode(),
        "body": delivery.packed,
        "outcome": outcome.value,
        "reason": reason,
    }
    transaction.execute(insert(hook_deliveries).values(row))
    return True


def put_outcome(transaction: Transaction, delivery: Delivery, outcome: DeliveryOutcome, reason: str) -> None:
    """Replace what became of a delivery that is kept."""
    mine = (
        _d.org_id == delivery.org_id,
        _d.hook_id == delivery.hook_id,
        _d.delivery_id == delivery.id,
    )
    changed = update(hook_deliveries).where(*mine).values(outcome=outcome.value, reason=reason)
    transaction.execute(changed)


def latest_deliveries(
    transaction: Transaction, org_id: OrgId, hook_id: HookId, limit: int
) -> list[DeliveryNote]:
    """Return what became of the last deliveries of a hook, the newest first."""
    wanted = (
        select(_d.delivery_id, _d.event, _d.received_at, _d.outcome, _d.reason)
        .where(_d.org_id == org_id, _d.hook_id == hook_id)
        .order_by(_d.received_at.desc(), _d.delivery_id.desc())
        .limit(limit)
    )
    return [
        DeliveryNote(
            id=row.delivery_id,
            event=row.event,
            received_at=row.received_at,
            outcome=DeliveryOutcome(row.outcome),
            reason=row.reason,
        )
        for row in transaction.execute(wanted)
    ]


def deliveries(transaction: Transaction, page: DeliveriesPage) -> list[Delivery]:
    """Return the deliveries of one page."""
    wanted = (
        select(hook_deliveries)
        .where(
            _d.org_id == page.org_id,
            _d.hook_id == page.hook_id,
            _d.received_at >= page.since_at,
            tuple_(_d.received_at, _d.delivery_id) > page.after,
            _d.body != b"",
        )
        .order_by(_d.received_at, _d.delivery_id)
        .limit(page.limit)
    )
    return [_delivery(row) for row in transaction.execute(wanted)]


def _hook(row: Row[tuple[object, ...]]) -> Hook:
    return Hook(
        org_id=row.org_id,
        id=HookId(row.id),
        vendor=Vendor(row.vendor),
        secret=row.secret,
        deploys=_decode_deploys(row.deploys),
        created_at=row.created_at,
        deliveries=row.deliveries,
        last_delivery_at=row.last_delivery_at,
        ignored=_decode_counts(row.ignored),
    )


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        org_id=row.org_id,
        hook_id=HookId(row.hook_id),
        id=row.delivery_id,
        event=row.event,
        received_at=row.received_at,
        headers=_decode_headers(row.headers),
        packed=bytes(row.body),
    )
