"""Create organisations, each with a name that nobody has yet."""

from collections.abc import Sequence

from fairlead.domain.access import Organisation, organisation_id
from fairlead.domain.errors import Conflict, FairleadError
from fairlead.domain.rates import rate_from
from fairlead.store import access
from fairlead.store.engine import Transaction


def new_organisation(name: str, rate_limit: str, at: int) -> Organisation:
    """Return an organisation that may be created.

    Raises:
        Rejected: the name or the rate limit is not acceptable.
    """
    rate_from(rate_limit, "rate limit")
    return Organisation(org_id=organisation_id(name), name=name, rate_limit=rate_limit, created_at=at)


def create_organisations(
    transaction: Transaction, facts: Sequence[Organisation]
) -> list[Organisation | FairleadError]:
    """Create each organisation; the result is it, or `Conflict` where its name is taken."""
    return [_create(transaction, organisation) for organisation in facts]


def _create(transaction: Transaction, organisation: Organisation) -> Organisation | FairleadError:
    if access.put_organisation(transaction, organisation):
        return organisation
    return Conflict(f"there is already an organisation named {organisation.name}")
