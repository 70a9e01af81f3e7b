"""Change what a member may do, or end a membership."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Conflict, FairleadError, NotFound
from fairlead.domain.members import Member, Role
from fairlead.store import members
from fairlead.store.engine import Transaction


class MemberChange(Struct, frozen=True, kw_only=True):
    """What a member is to become."""

    org_id: OrgId
    member_id: str
    role: Role | None
    """None ends the membership."""


def change_members(transaction: Transaction, changes: Sequence[MemberChange]) -> list[Member | FairleadError]:
    """Return each member as they were; `NotFound` for nobody, `Conflict` for the last administrator."""
    return [_change(transaction, one) for one in changes]


def _change(transaction: Transaction, change: MemberChange) -> Member | FairleadError:
    members.hold(transaction, change.org_id)
    known = members.get(transaction, change.org_id, change.member_id)
    if known is None:
        return NotFound("there is no such member in this organisation")
    if known.role is Role.ADMIN and change.role is not Role.ADMIN and _is_last(transaction, known):
        return Conflict("the last administrator stays one; make somebody else an administrator first")
    if change.role is None:
        members.remove(transaction, change.org_id, known.id)
    else:
        members.change(transaction, replace(known, role=change.role))
    return known


def _is_last(transaction: Transaction, known: Member) -> bool:
    others = members.members_of(transaction, known.org_id)
    return not any(one.role is Role.ADMIN and one.id != known.id for one in others)
