"""Welcome whoever an identity provider vouches for: find their membership, or make one."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError, NotPermitted
from fairlead.domain.identity import id_from_chance
from fairlead.domain.members import Member, MemberId, Role
from fairlead.store import members
from fairlead.store.engine import Transaction


class Subject(Struct, frozen=True, kw_only=True):
    """Somebody as the identity provider describes them."""

    org_id: OrgId
    name_there: str
    """Issuer, a blank, and the provider's own name for them, which never changes."""
    email: str
    """As `require_email` returns it."""
    email_is_verified: bool
    name: str
    role: Role | None
    """Of somebody new; None lets nobody new in."""
    chance: bytes
    at: int


def welcome_subjects(transaction: Transaction, subjects: Sequence[Subject]) -> list[Member | FairleadError]:
    """Return the member each of them is; `NotPermitted` where they are not let in.

    A known address counts as proof only where the provider has checked it: otherwise anybody could
    claim the address of an administrator there, and be one here.
    """
    return [_welcome(transaction, one) for one in subjects]


def _welcome(transaction: Transaction, subject: Subject) -> Member | FairleadError:
    members.hold(transaction, subject.org_id)
    known = members.by_subject(transaction, subject.org_id, subject.name_there)
    if known is not None:
        return known
    same_address = members.by_email(transaction, subject.org_id, subject.email)
    if same_address is not None:
        if not subject.email_is_verified or same_address.subject:
            detail = f"{subject.email} belongs to a member who signs in otherwise"
            return NotPermitted(f"{detail}; an administrator can see to it")
        claimed = replace(same_address, subject=subject.name_there)
        members.change(transaction, claimed)
        return claimed
    return _joined(transaction, subject)


def _joined(transaction: Transaction, subject: Subject) -> Member | FairleadError:
    if subject.role is None:
        return NotPermitted(f"{subject.email} is no member here; ask an administrator for an invitation")
    member = Member(
        org_id=subject.org_id,
        id=MemberId(id_from_chance(subject.at, subject.chance)),
        email=subject.email,
        name=subject.name,
        role=subject.role,
        subject=subject.name_there,
        created_at=subject.at,
    )
    members.put(transaction, member)
    return member
