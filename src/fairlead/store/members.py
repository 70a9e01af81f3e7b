"""Members, their sessions and links: every statement that touches them.

Not here: what a role permits, and how a password is checked.
"""

from msgspec.structs import asdict
from sqlalchemy import Row, and_, delete, exists, insert, select, update

from fairlead.domain.access import Organisation, OrgId
from fairlead.domain.members import Link, Member, MemberId, Role, Session
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.tables import member_links, members, organisations, sessions

_m = members.c
_s = sessions.c
_l = member_links.c


def hold(transaction: Transaction, org_id: OrgId) -> None:
    """See to it that nobody else changes members of this organisation until the transaction ends."""
    hold_facts(transaction, "members", [(org_id, "")])


def put(transaction: Transaction, member: Member) -> None:
    """Add a member; nobody else in the organisation may have the address."""
    row = {name: getattr(member, name) for name in ("org_id", "id", "email", "name", "password_hash")}
    row |= {"role": member.role.value, "subject": member.subject, "created_at": member.created_at}
    transaction.execute(insert(members).values(row))


def get(transaction: Transaction, org_id: OrgId, member_id: str) -> Member | None:
    """Return the member of that id, or None."""
    row = transaction.execute(select(members).where(_m.org_id == org_id, _m.id == member_id)).first()
    return None if row is None else _member(row)


def by_email(transaction: Transaction, org_id: OrgId, email: str) -> Member | None:
    """Return the member with that address, or None."""
    row = transaction.execute(select(members).where(_m.org_id == org_id, _m.email == email)).first()
    return None if row is None else _member(row)


def by_subject(transaction: Transaction, org_id: OrgId, subject: str) -> Member | None:
    """Return the member whom an identity provider calls so, or None."""
    mine = _m.org_id == org_id, _m.subject == subject
    row = transaction.execute(select(members).where(*mine).order_by(_m.id)).first()
    return None if row is None else _member(row)


def members_of(transaction: Transaction, org_id: OrgId) -> list[Member]:
    """Return an organisation's members by address."""
    wanted = select(members).where(_m.org_id == org_id).order_by(_m.email)
    return [_member(row) for row in transaction.execute(wanted)]


def has_members(transaction: Transaction, org_id: OrgId) -> bool:
    """Tell whether anybody is a member."""
    return bool(transaction.execute(select(exists().where(_m.org_id == org_id))).scalar())


def organisations_with_members(transaction: Transaction) -> list[Organisation]:
    """Return the organisations that somebody could sign in to, by name.

    The sign-in page asks for one where there are several, and says nothing about who is in them.
    """
    wanted = (
        select(organisations)
        .where(exists().where(_m.org_id == organisations.c.org_id))
        .order_by(organisations.c.name)
    )
    return [
        Organisation(org_id=row.org_id, name=row.name, rate_limit=row.rate_limit, created_at=row.created_at)
        for row in transaction.execute(wanted)
    ]


def change(transaction: Transaction, member: Member) -> None:
    """Replace what is known about a member."""
    values = {
        "name": member.name,
        "role": member.role.value,
        "password_hash": member.password_hash,
        "subject": member.subject,
    }
    mine = and_(_m.org_id == member.org_id, _m.id == member.id)
    transaction.execute(update(members).where(mine).values(values))


def remove(transaction: Transaction, org_id: OrgId, member_id: str) -> None:
    """Remove a member with their sessions and the links that were made for them."""
    sign_out_everywhere(transaction, org_id, member_id)
    transaction.execute(delete(member_links).where(_l.org_id == org_id, _l.member_id == member_id))
    transaction.execute(delete(members).where(_m.org_id == org_id, _m.id == member_id))


def put_session(transaction: Transaction, session: Session) -> None:
    """Keep a session, and let go of the organisation's sessions that are over."""
    over = and_(_s.org_id == session.org_id, _s.expires_at <= session.created_at)
    transaction.execute(delete(sessions).where(over))
    transaction.execute(insert(sessions).values(asdict(session)))


def session_member(transaction: Transaction, org_id: OrgId, digest: bytes, now: int) -> Member | None:
    """Return whose session it is, or None where it is over or nobody's."""
    wanted = (
        select(members)
        .join(sessions, and_(_s.org_id == _m.org_id, _s.member_id == _m.id))
        .where(_s.org_id == org_id, _s.digest == digest, _s.expires_at > now)
    )
    row = transaction.execute(wanted).first()
    return None if row is None else _member(row)


def end_session(transaction: Transaction, org_id: OrgId, digest: bytes) -> None:
    """End one session."""
    transaction.execute(delete(sessions).where(_s.org_id == org_id, _s.digest == digest))


def sign_out_everywhere(transaction: Transaction, org_id: OrgId, member_id: str) -> None:
    """End every session of a member."""
    transaction.execute(delete(sessions).where(_s.org_id == org_id, _s.member_id == member_id))


def put_link(transaction: Transaction, link: Link) -> None:
    """Keep a link, and let go of those that are over."""
    over = and_(_l.org_id == link.org_id, _l.expires_at <= link.created_at)
    transaction.execute(delete(member_links).where(over))
    transaction.execute(insert(member_links).values(asdict(link) | {"role": link.role.value}))


def get_link(transaction: Transaction, org_id: OrgId, digest: bytes, now: int) -> Link | None:
    """Return a link that can still be used, or None."""
    mine = _l.org_id == org_id, _l.digest == digest, _l.expires_at > now
    row = transaction.execute(select(member_links).where(*mine)).first()
    return None if row is None else _link(row)


def use_up(transaction: Transaction, org_id: OrgId, digest: bytes) -> None:
    """Let go of a link."""
    transaction.execute(delete(member_links).where(_l.org_id == org_id, _l.digest == digest))


def use_up_those_of_the_server(transaction: Transaction, org_id: OrgId) -> None:
    """Let go of the links that the server itself printed at a start."""
    transaction.execute(delete(member_links).where(_l.org_id == org_id, _l.created_by == ""))


def _member(row: Row[tuple[object, ...]]) -> Member:
    return Member(
        org_id=row.org_id,
        id=MemberId(row.id),
        email=row.email,
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        subject=row.subject,
        created_at=row.created_at,
    )


def _link(row: Row[tuple[object, ...]]) -> Link:
    return Link(
        org_id=row.org_id,
        digest=bytes(row.digest),
        role=Role(row.role),
        member_id=row.member_id,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
    )
