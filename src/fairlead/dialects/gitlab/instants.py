"""GitLab's times, which come in three forms depending on the event and its age.

`2025-03-12T12:00:00Z`, `2025-03-12 12:00:00 UTC` and `2025-03-12 13:00:00 +0100`.
"""

import re

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import from_rfc3339, require_instant

_ZONE = re.compile(r" (?:(UTC)|([+-]\d\d:?\d\d))$", re.ASCII)


def instant_from(text: str, field: str, *, any_year: bool = False) -> int:
    """Return the instant that `text` names.

    `any_year` is for commits, which may carry the time of any clock.

    Raises:
        Rejected: it is not a time, or lies outside the years 2000 to 2099.
    """
    try:
        instant = from_rfc3339(_ZONE.sub(lambda zone: zone[2] or "Z", text))
    except (ValueError, OverflowError) as error:
        detail = f'attribute "{field}" must be a time such as 2025-03-12 12:00:00 UTC'
        raise Rejected(detail, field=field) from error
    return instant if any_year else require_instant(instant, field)
