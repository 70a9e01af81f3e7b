"""Hooks: where a Git host or an alerting tool delivers its events, and what became of each delivery.

A hook's id carries its organisation, so that even looking a hook up stays inside one. Not here: how
a host proves that a delivery is its own, and what an event tells (`dialects/<vendor>`).
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field  # noqa: TID251 — a secret stays out of what is printed.
from enum import StrEnum
from typing import NewType

import zstandard
from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.reports import Fact
from fairlead.domain.texts import require_text

HookId = NewType("HookId", str)
"""16 hexadecimal digits of the organisation, then 32 of chance."""

CHANCE_BYTES = 16
SECRET_BYTES = 32
LONGEST_DELIVERY_ID = 200
LONGEST_EVENT = 100
MOST_REASONS = 50
_OTHER_REASONS = "others"
_HOOK_ID = re.compile(r"[0-9a-f]{48}", re.ASCII)
_SECRET_PREFIX = "whsec_"  # noqa: S105 — the beginning of every secret.


class Vendor(StrEnum):
    """Who delivers."""

    GITHUB = "github"
    GITLAB = "gitlab"
    LAUNCHDARKLY = "launchdarkly"
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    PAGERDUTY = "pagerduty"


class DeliveryOutcome(StrEnum):
    """What became of a delivery."""

    RECORDED = "recorded"
    """It told facts, and they are kept."""
    IGNORED = "ignored"
    """There was nothing in it to keep; the reason says why."""
    ANSWERED = "answered"
    """The host only asked whether somebody is there."""


class Deploys(Struct, frozen=True, kw_only=True):
    """A workflow, pipeline or job whose success is a deployment."""

    name: str
    service: str
    env: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A place of delivery."""

    org_id: OrgId
    id: HookId
    vendor: Vendor
    secret: str = field(repr=False)
    """Kept as it is: a signature can only be checked by making it again."""
    deploys: tuple[Deploys, ...] = ()
    created_at: int
    deliveries: int = 0
    """How many arrived, repeats not counted."""
    last_delivery_at: int | None = None
    ignored: Mapping[str, int] = field(default_factory=dict)
    """How many deliveries had nothing to keep, by event and reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event as it arrived."""

    org_id: OrgId
    hook_id: HookId
    id: str
    """The host's own, the same when it delivers again."""
    event: str
    received_at: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that reading the body again needs, by lower-case name. No secret is among them."""
    packed: bytes = field(repr=False)
    """The body, compressed; empty where it was not kept."""

    def __post_init__(self) -> None:
        require_text(self.id, "delivery id", longest=LONGEST_DELIVERY_ID)
        require_text(self.event, "event", longest=LONGEST_EVENT)

    @property
    def body(self) -> bytes:
        """The body as it arrived; empty where it was not kept."""
        return zstandard.decompress(self.packed) if self.packed else b""


class DeliveryNote(Struct, frozen=True, kw_only=True):
    """What became of a delivery, without what was in it."""

    id: str
    event: str
    received_at: int
    outcome: DeliveryOutcome
    reason: str


class Reading(Struct, frozen=True, kw_only=True):
    """What a delivery tells, as far as Fairlead understands it."""

    facts: tuple[Fact, ...] = ()
    ignored: str = ""
    """Why it tells nothing; one of few texts, because they are counted."""
    is_known: bool = True
    """False for an event that no part of Fairlead reads; its body need not be kept."""
    is_question: bool = False
    """True where the host only asks whether somebody is there."""

    @property
    def outcome(self) -> DeliveryOutcome:
        """What becomes of the delivery."""
        if self.is_question:
            return DeliveryOutcome.ANSWERED
        return DeliveryOutcome.RECORDED if self.facts else DeliveryOutcome.IGNORED


Reader = Callable[[Hook, Delivery], Reading]
"""Reads a delivery in the words of its vendor. Raises `Rejected` where a needed fact is missing."""


def hook_id(org_id: OrgId, chance: bytes) -> HookId:
    """Return the id of a hook of that organisation, made of `CHANCE_BYTES` of randomness."""
    return HookId(f"{org_id:016x}{chance.hex()}")


def hook_owner(text: str) -> OrgId | None:
    """Return the organisation whose hook `text` claims to be, or None if it cannot be one."""
    if not _HOOK_ID.fullmatch(text):
        return None
    owner = int(text[:16], 16)
    return OrgId(owner) if owner < 1 << 63 else None


def secret_text(secret: bytes) -> str:
    """Return a hook's secret as it is typed into a Git host, made of `SECRET_BYTES` of randomness.

    The form is that of the Standard Webhooks specification, which GitLab demands of a signing token;
    everywhere else any text will do.
    """
    return _SECRET_PREFIX + base64.b64encode(secret).decode()


def signing_key(secret: str) -> bytes:
    """Return the key that a secret stands for where signatures follow Standard Webhooks."""
    return base64.b64decode(secret.removeprefix(_SECRET_PREFIX))


def deploys_from(text: str) -> Deploys:
    """Return what `NAME=SERVICE:ENV` says; the name may hold `=` and the service `:`.

    Raises:
        Rejected: it has another form, or a part of it is empty or too long.
    """
    name, _, target = text.rpartition("=")
    service, _, env = target.rpartition(":")
    parts = [require_text(part.strip(), "deploys") for part in (name, service, env)]
    if not all(parts):
        raise Rejected(f"--deploys must be NAME=SERVICE:ENV, not {text!r}", field="deploys")
    return Deploys(name=parts[0], service=parts[1], env=parts[2])


def packed(body: bytes) -> bytes:
    """Return a body as it is kept."""
    return zstandard.compress(body)


def counted(ignored: Mapping[str, int], event: str, reason: str) -> dict[str, int]:
    """Return `ignored` with one delivery more; beyond `MOST_REASONS` all count as one."""
    key = f"{event}: {reason}"
    if key not in ignored and len(ignored) >= MOST_REASONS:
        key = _OTHER_REASONS
    return {**ignored, key: ignored.get(key, 0) + 1}
