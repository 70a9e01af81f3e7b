"""Take a link: become a member, or set a new password. Either way the browser is signed in."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.audit import AuditEntry
from fairlead.domain.errors import Conflict, FairleadError, NotFound
from fairlead.domain.identity import id_from_chance
from fairlead.domain.members import Link, Member, MemberId, Session
from fairlead.store import audit, members
from fairlead.store.engine import Transaction

_GONE = "this link was used already, or is too old; ask whoever gave it to you for another"


class LinkTaken(Struct, frozen=True, kw_only=True):
    """What somebody who followed a link says."""

    org_id: OrgId
    digest: bytes
    """Of the link."""
    email: str
    """As `require_email` returns it. Ignored, with the name, where the link is for a known member."""
    name: str
    password_hash: str
    session_digest: bytes
    session_expires_at: int
    chance: bytes
    """Twenty bytes of randomness, for an id and an entry of the audit log."""
    at: int


def take_links(transaction: Transaction, taken: Sequence[LinkTaken]) -> list[Member | FairleadError]:
    """Return the member each link made or changed; `NotFound` if used, `Conflict` for a known address."""
    return [_take(transaction, one) for one in taken]


def _take(transaction: Transaction, taken: LinkTaken) -> Member | FairleadError:
    members.hold(transaction, taken.org_id)
    link = members.get_link(transaction, taken.org_id, taken.digest, taken.at)
    if link is None:
        return NotFound(_GONE)
    member = _renewed(transaction, taken, link) if link.member_id else _joined(transaction, taken, link)
    if isinstance(member, FairleadError):
        return member
    members.use_up(transaction, taken.org_id, taken.digest)
    session = Session(
        org_id=taken.org_id,
        digest=taken.session_digest,
        member_id=member.id,
        created_at=taken.at,
        expires_at=taken.session_expires_at,
    )
    members.put_session(transaction, session)
    _note(transaction, taken, member, "set a new password" if link.member_id else "joined")
    return member


def _joined(transaction: Transaction, taken: LinkTaken, link: Link) -> Member | FairleadError:
    if members.by_email(transaction, taken.org_id, taken.email) is not None:
        return Conflict(f"{taken.email} is a member already; sign in instead")
    member = Member(
        org_id=taken.org_id,
        id=MemberId(id_from_chance(taken.at, taken.chance)),
        email=taken.email,
        name=taken.name,
        role=link.role,
        password_hash=taken.password_hash,
        created_at=taken.at,
    )
    members.put(transaction, member)
    return member


def _renewed(transaction: Transaction, taken: LinkTaken, link: Link) -> Member | FairleadError:
    known = members.get(transaction, taken.org_id, link.member_id)
    if known is None:
        return NotFound(_GONE)
    changed = replace(known, password_hash=taken.password_hash)
    members.change(transaction, changed)
    members.sign_out_everywhere(transaction, taken.org_id, known.id)
    return changed


def _note(transaction: Transaction, taken: LinkTaken, member: Member, action: str) -> None:
    audit.put(
        transaction,
        AuditEntry(
            org_id=taken.org_id,
            id=id_from_chance(taken.at, taken.chance[10:]),
            at=taken.at,
            actor=member.email,
            action=action,
            subject=member.email,
            detail=f"as {member.role}",
        ),
    )
