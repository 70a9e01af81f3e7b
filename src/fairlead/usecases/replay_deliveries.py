"""Replay deliveries: read what is kept of them again, as if they arrived only now.

For whoever has a newer Fairlead, which understands more, or lost facts that came through a hook.
Harmless to repeat. Not here: what a delivery tells (handed in).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, DeliveryOutcome, Hook, Reader, Reading
from fairlead.store import hooks
from fairlead.store.engine import Transaction
from fairlead.store.hooks import DeliveriesPage
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_facts import record_facts

_A_PAGE = 50


class Replayed(Struct, frozen=True, kw_only=True):
    """What a delivery told this time."""

    delivery: Delivery
    outcome: DeliveryOutcome
    reason: str
    """Why it told nothing, or was refused."""


class _Again(Struct, frozen=True, kw_only=True):
    delivery: Delivery
    reading: Reading


def replay_deliveries(ledger: Ledger, hook: Hook, read: Reader, since_at: int = 0) -> Iterator[Replayed]:
    """Read the deliveries of a hook from `since_at` on again, the oldest first, each in one go.

    One that is refused now is passed over; what it told before stays.
    """
    after = (-1, "")
    while True:
        page = DeliveriesPage(
            org_id=hook.org_id, hook_id=hook.id, since_at=since_at, after=after, limit=_A_PAGE
        )
        found: list[Delivery] = ledger.read(hooks.deliveries, page)
        for delivery in found:
            yield _replayed(ledger, hook, read, delivery)
        if len(found) < _A_PAGE:
            return
        after = found[-1].received_at, found[-1].id


def _replayed(ledger: Ledger, hook: Hook, read: Reader, delivery: Delivery) -> Replayed:
    try:
        reading = read(hook, delivery)
        ledger.write(_record_again, _Again(delivery=delivery, reading=reading))
    except Rejected as error:
        return Replayed(delivery=delivery, outcome=DeliveryOutcome.IGNORED, reason=str(error))
    return Replayed(delivery=delivery, outcome=reading.outcome, reason=reading.ignored)


def _record_again(transaction: Transaction, again: Sequence[_Again]) -> list[None]:
    for one in again:
        hooks.put_outcome(transaction, one.delivery, one.reading.outcome, one.reading.ignored)
    record_facts(transaction, (fact for one in again for fact in one.reading.facts))
    return [None] * len(again)
