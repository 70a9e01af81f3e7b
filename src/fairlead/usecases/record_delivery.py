"""Record deliveries of Git hosts together with the facts they tell: all of one, or nothing."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.hooks import Delivery, Hook, HookId, Reading, counted
from fairlead.store import hooks
from fairlead.store.engine import Transaction
from fairlead.usecases.record_facts import record_facts


class Delivered(Struct, frozen=True, kw_only=True):
    """A delivery, and what it was read to tell."""

    delivery: Delivery
    reading: Reading


def record_deliveries(transaction: Transaction, facts: Sequence[Delivered]) -> list[bool | FairleadError]:
    """Record each delivery; the result is False where one of its id is known, and then nothing changed.

    Raises:
        FairleadError: a fact is refused; nothing of this call may stay.
    """
    results: dict[int, bool | FairleadError] = {}
    fresh: list[Delivered] = []
    # One order everywhere, so that two processes never wait for each other.
    places = sorted(range(len(facts)), key=lambda place: _key(facts[place]))
    for key, mine in groupby(places, key=lambda place: _key(facts[place])):
        at_hook = list(mine)
        hook = hooks.claim(transaction, *key)
        if hook is None:
            results |= dict.fromkeys(at_hook, NotFound("there is no such hook"))
            continue
        kept = {place: _keep(transaction, facts[place]) for place in at_hook}
        results |= kept
        fresh += [facts[place] for place in at_hook if kept[place]]
        _count(transaction, hook, [facts[place] for place in at_hook if kept[place]])
    record_facts(transaction, (fact for one in fresh for fact in one.reading.facts))
    return [results[place] for place in range(len(facts))]


def _key(one: Delivered) -> tuple[OrgId, HookId]:
    return one.delivery.org_id, one.delivery.hook_id


def _keep(transaction: Transaction, one: Delivered) -> bool:
    reading, delivery = one.reading, one.delivery
    if not reading.is_known:
        delivery = replace(delivery, packed=b"")
    return hooks.put_delivery(transaction, delivery, reading.outcome, reading.ignored)


def _count(transaction: Transaction, hook: Hook, fresh: Sequence[Delivered]) -> None:
    if not fresh:
        return
    ignored = dict(hook.ignored)
    for one in fresh:
        if one.reading.ignored:
            ignored = counted(ignored, one.delivery.event, one.reading.ignored)
    hooks.put_counts(
        transaction,
        hook,
        deliveries=hook.deliveries + len(fresh),
        last_at=max(hook.last_delivery_at or 0, *(one.delivery.received_at for one in fresh)),
        ignored=ignored,
    )
