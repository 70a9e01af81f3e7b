"""Deliveries of Git hosts on their way in, as far as all hosts are alike.

Which hook is meant, what was sent, is it the host's own, what does it tell, keep all of it. Not
here: signatures and events, which each dialect knows for itself.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from fairlead.domain.errors import Rejected, Stranger
from fairlead.domain.hooks import Delivery, Hook, HookId, Reader, Reading, Vendor, hook_owner, packed
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of, read_body
from fairlead.intake.reception import Reception
from fairlead.usecases.find_hook import find_hook
from fairlead.usecases.record_delivery import Delivered, record_deliveries

log = structlog.get_logger(__name__)

Headers = Mapping[bytes, bytes]
Prove = Callable[[Hook, Headers, bytes], None]
"""Raises `Stranger` unless headers and body show that whoever sent them knows the hook's secret."""

_encode = msgspec.json.Encoder().encode
_DUPLICATE = "duplicate"


class Label(Struct, frozen=True, kw_only=True):
    """What the headers of a delivery say about it."""

    id: str
    """Empty where the host names none; then it follows from the content."""
    event: str
    kept: Mapping[str, str]
    """The headers that reading the body needs."""


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a host is told about a delivery. People read it in the host's list of deliveries."""

    status: str
    """`recorded`, `ignored`, `answered` or `duplicate`."""
    delivery: str
    facts: int = 0
    reason: str = ""


class HookExchange(Struct):
    """A delivery to a hook that there is."""

    request: AnyRequest
    reception: Reception
    hook: Hook
    headers: Headers

    @classmethod
    async def at(cls, request: AnyRequest, hook_id: str, vendor: Vendor) -> Self:
        """Begin an exchange with whoever delivers to the hook of that id.

        Raises:
            Stranger: there is none of that vendor.
        """
        reception: Reception = request.app.state.reception
        owner = hook_owner(hook_id)
        hook = None if owner is None else await reception.read(find_hook, owner, HookId(hook_id))
        if hook is None or hook.vendor is not vendor:
            raise Stranger
        return cls(request, reception, hook, headers_of(request))

    async def take(self, label: Label, prove: Prove, read: Reader) -> Answer:
        """Read, prove and keep what was sent, and answer once it is committed.

        Raises:
            Stranger: it is not the host's own.
            TooLarge: the body is over the limit for hooks.
            Rejected: a needed fact is missing or malformed; nothing is kept.
        """
        body = await read_body(self.request, self.reception.settings.max_hook_body_bytes)
        # Signatures and big bodies take their time, which others should not have to wait for.
        delivered = await asyncio.to_thread(self._opened, body, label, prove, read)
        is_new = await self.reception.write(record_deliveries, delivered)
        receipt = _receipt(delivered, is_new=is_new)
        return Answer(200, _encode(receipt), "application/json")

    def _opened(self, body: bytes, label: Label, prove: Prove, read: Reader) -> Delivered:
        prove(self.hook, self.headers, body)
        delivery = Delivery(
            org_id=self.hook.org_id,
            hook_id=self.hook.id,
            id=label.id or hashlib.sha256(label.event.encode() + b"\x00" + body).hexdigest(),
            event=label.event,
            received_at=self.reception.now(),
            headers=label.kept,
            packed=packed(body),
        )
        try:
            reading = read(self.hook, delivery)
        except Rejected as error:
            log.info("delivery refused", hook=delivery.hook_id, delivery=delivery.id, reason=str(error))
            raise
        return Delivered(delivery=delivery, reading=reading)


def header(headers: Headers, name: bytes) -> str:
    """Return a header's text, or nothing."""
    return headers.get(name, b"").decode("latin-1").strip()


def _receipt(delivered: Delivered, *, is_new: bool) -> Receipt:
    reading: Reading = delivered.reading
    return Receipt(
        status=reading.outcome.value if is_new else _DUPLICATE,
        delivery=delivered.delivery.id,
        facts=len(reading.facts) if is_new else 0,
        reason=reading.ignored if is_new else "",
    )
