"""Create hooks: places where a Git host delivers its events."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.hooks import Deploys, Hook, Vendor, hook_id, secret_text
from fairlead.store import access, hooks
from fairlead.store.engine import Transaction


class HookWanted(Struct, frozen=True, kw_only=True):
    """What a new hook is to be, with the randomness that makes it one of a kind."""

    org_id: OrgId
    vendor: Vendor
    deploys: tuple[Deploys, ...] = ()
    secret: bytes
    """`SECRET_BYTES` of randomness."""
    secret_told: str = ""
    """The secret where the vendor makes it; empty where it is made here."""
    chance: bytes
    """`CHANCE_BYTES` of randomness."""
    at: int


def create_hooks(transaction: Transaction, wanted: Sequence[HookWanted]) -> list[Hook | FairleadError]:
    """Create each hook, or return `NotFound` where there is no such organisation."""
    return [_create(transaction, one) for one in wanted]


def _create(transaction: Transaction, wanted: HookWanted) -> Hook | FairleadError:
    if access.get_organisation(transaction, wanted.org_id) is None:
        return NotFound("there is no such organisation")
    hook = Hook(
        org_id=wanted.org_id,
        id=hook_id(wanted.org_id, wanted.chance),
        vendor=wanted.vendor,
        secret=wanted.secret_told or secret_text(wanted.secret),
        deploys=wanted.deploys,
        created_at=wanted.at,
    )
    hooks.put_hook(transaction, hook)
    return hook
