"""Sign in and out: who has which password is looked up here, and sessions begin and end."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import Organisation, OrgId
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.members import Member, Session
from fairlead.store import access, members
from fairlead.store.engine import Transaction


class SessionNamed(Struct, frozen=True, kw_only=True):
    """Which session is meant."""

    org_id: OrgId
    digest: bytes


def find_member(transaction: Transaction, org_id: OrgId, email: str) -> Member | None:
    """Return the member with that address, or None."""
    return members.by_email(transaction, org_id, email)


def start_sessions(transaction: Transaction, sessions: Sequence[Session]) -> list[FairleadError | None]:
    """Begin each session; `NotFound` where its member is gone."""
    return [_start(transaction, session) for session in sessions]


def end_sessions(transaction: Transaction, named: Sequence[SessionNamed]) -> list[None]:
    """End each session; one that is over already is fine."""
    for one in named:
        members.end_session(transaction, one.org_id, one.digest)
    return [None] * len(named)


def find_visitor(
    transaction: Transaction, org_id: OrgId, digest: bytes, now: int
) -> tuple[Member, Organisation] | None:
    """Return whose session it is and where, or None where it is over or nobody's."""
    member = members.session_member(transaction, org_id, digest, now)
    organisation = access.get_organisation(transaction, org_id)
    return None if member is None or organisation is None else (member, organisation)


def _start(transaction: Transaction, session: Session) -> FairleadError | None:
    if members.get(transaction, session.org_id, session.member_id) is None:
        return NotFound("there is no such member in this organisation")
    members.put_session(transaction, session)
    return None
