"""Keep the year whose report an organisation's levels are read by, wherever nobody asks for another."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.metrics.level_tables import USUAL_YEAR, Year
from fairlead.metrics.levels import year_of
from fairlead.store import decisions, failure_rules
from fairlead.store.engine import Transaction


class YearTold(Struct, frozen=True, kw_only=True):
    """Whose levels, of which year, and who says so."""

    org_id: OrgId
    year: Year
    at: int
    by: str


def keep_level_years(transaction: Transaction, told: Sequence[YearTold]) -> list[Year]:
    """Keep each year and return it."""
    # The row is that of the rules, too.
    decisions.hold(transaction, {one.org_id for one in told})
    for one in told:
        failure_rules.put_level_year(transaction, one.org_id, one.year.year, at=one.at, by=one.by)
    return [one.year for one in told]


def find_level_year(transaction: Transaction, org_id: OrgId) -> Year:
    """Return the year whose levels are shown in an organisation."""
    return year_of(failure_rules.level_year(transaction, org_id) or USUAL_YEAR)
