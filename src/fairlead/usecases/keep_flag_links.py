"""Create, change, delete and find links of flags."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Conflict, FairleadError, NotFound
from fairlead.domain.flag_links import FlagLink
from fairlead.store import flag_links, flags, projects
from fairlead.store.engine import Transaction
from fairlead.usecases.find_flags import find_flag


class FlagLinkChange(Struct, frozen=True, kw_only=True):
    """What a link is to become; None: it is to go."""

    org_id: OrgId
    project_key: str
    flag_key: str
    id: str
    changed: Callable[[FlagLink], FlagLink] | None
    """Raises a `FairleadError` where the change is not acceptable."""


def create_flag_links(transaction: Transaction, told: Sequence[FlagLink]) -> list[FlagLink | FairleadError]:
    """Keep each link, or return `Conflict` where its flag has one of that key."""
    return [_create(transaction, one) for one in told]


def change_flag_links(
    transaction: Transaction, changes: Sequence[FlagLinkChange]
) -> list[FlagLink | FairleadError]:
    """Change each link and return it, or delete it and return what it was."""
    return [_change(transaction, one) for one in changes]


def find_flag_links(
    transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str
) -> list[FlagLink]:
    """Return the links of a flag, the latest first.

    Raises:
        NotFound: there is no such project or flag.
    """
    find_flag(transaction, org_id, project_key, flag_key)
    return flag_links.of_flag(transaction, org_id, project_key, flag_key)


def _create(transaction: Transaction, one: FlagLink) -> FlagLink | FairleadError:
    where = one.org_id, one.project_key
    if projects.hold(transaction, *where) is None:
        return NotFound(f'there is no project "{one.project_key}"')
    known = flags.get(transaction, *where, one.flag_key)
    if known is None or known.deleted_at is not None:
        return NotFound(f'there is no flag "{one.flag_key}" in the project "{one.project_key}"')
    if one.key and flag_links.has_key(transaction, *where, one.flag_key, one.key):
        return Conflict(f'the flag has a link "{one.key}" already')
    flag_links.put(transaction, one)
    return one


def _change(transaction: Transaction, wanted: FlagLinkChange) -> FlagLink | FairleadError:
    where = wanted.org_id, wanted.project_key
    projects.hold(transaction, *where)
    known = flag_links.get(transaction, *where, wanted.flag_key, wanted.id)
    if known is None:
        return NotFound(f'there is no link "{wanted.id}" of the flag "{wanted.flag_key}"')
    if wanted.changed is None:
        flag_links.remove(transaction, known)
        return known
    try:
        changed = wanted.changed(known)
    except FairleadError as refused:
        return refused
    flag_links.put(transaction, changed)
    return changed
