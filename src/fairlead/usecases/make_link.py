"""Make links that work once: for a new member, or for a member's new password."""

from collections.abc import Sequence

from fairlead.domain.access import Organisation, OrgId
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.members import Link, Member
from fairlead.store import access, members
from fairlead.store.engine import Transaction


def make_links(transaction: Transaction, links: Sequence[Link]) -> list[Link | FairleadError]:
    """Keep each link; `NotFound` where its organisation or member is not there.

    One that the server itself makes takes the place of those it made before.
    """
    return [_make(transaction, link) for link in links]


def find_link(
    transaction: Transaction, org_id: OrgId, digest: bytes, now: int
) -> tuple[Link, Organisation, Member | None] | None:
    """Return a link that can still be used, with its organisation and the member it is for, if any."""
    link = members.get_link(transaction, org_id, digest, now)
    organisation = access.get_organisation(transaction, org_id)
    if link is None or organisation is None:
        return None
    return link, organisation, members.get(transaction, org_id, link.member_id) if link.member_id else None


def _make(transaction: Transaction, link: Link) -> Link | FairleadError:
    if access.get_organisation(transaction, link.org_id) is None:
        return NotFound("there is no such organisation")
    if link.member_id and members.get(transaction, link.org_id, link.member_id) is None:
        return NotFound("there is no such member in this organisation")
    if not link.created_by:
        members.use_up_those_of_the_server(transaction, link.org_id)
    members.put_link(transaction, link)
    return link
