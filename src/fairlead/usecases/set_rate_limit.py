"""Set how many requests an organisation may make."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import Organisation, organisation_id
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.rates import rate_from
from fairlead.store import access
from fairlead.store.engine import Transaction


class RateLimitFor(Struct, frozen=True, kw_only=True):
    """An organisation and its new limit."""

    organisation: str
    rate_limit: str
    """Such as `600/minute`; empty gives it the server's own limit again."""

    def __post_init__(self) -> None:
        rate_from(self.rate_limit, "rate limit")


def set_rate_limits(
    transaction: Transaction, facts: Sequence[RateLimitFor]
) -> list[Organisation | FairleadError]:
    """Set each limit; the result is the organisation as it is now, or `NotFound`."""
    return [_set(transaction, fact) for fact in facts]


def _set(transaction: Transaction, fact: RateLimitFor) -> Organisation | FairleadError:
    org_id = organisation_id(fact.organisation)
    organisation = access.get_organisation(transaction, org_id)
    if organisation is None:
        return NotFound(f"there is no organisation named {fact.organisation}")
    access.put_rate_limit(transaction, org_id, fact.rate_limit)
    return replace(organisation, rate_limit=fact.rate_limit)
