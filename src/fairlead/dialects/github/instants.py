"""GitHub's times: RFC 3339 in UTC, in pushes with the offset of whoever committed."""

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import from_rfc3339, require_instant


def instant_from(text: str, field: str, *, any_year: bool = False) -> int:
    """Return the instant that `text` names.

    `any_year` is for commits, which may carry the time of any clock.

    Raises:
        Rejected: it is not a time, or lies outside the years 2000 to 2099.
    """
    try:
        instant = from_rfc3339(text)
    except (ValueError, OverflowError) as error:
        detail = f'attribute "{field}" must be a time such as 2025-03-12T12:00:00Z'
        raise Rejected(detail, field=field) from error
    return instant if any_year else require_instant(instant, field)
