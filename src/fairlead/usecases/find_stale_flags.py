"""Find stale flags: which of every project's could be taken out of the code, and where they still stand.

Not here: when a flag is stale (`domain.flag_standing`).
"""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.flag_standing import Spans, Standing
from fairlead.domain.flags import Environment
from fairlead.store.engine import Transaction
from fairlead.usecases.find_code_references import flag_uses
from fairlead.usecases.find_flags import flag_standings
from fairlead.usecases.keep_projects import find_projects

_PRODUCTION = ("production", "prod")


class StaleFlag(Struct, frozen=True, kw_only=True):
    """A flag that has done its work."""

    project_key: str
    environment_key: str
    """Where it is stale."""
    standing: Standing
    repositories: Sequence[str]
    """Whose default branches name it."""


def find_stale_flags(transaction: Transaction, org_id: OrgId, now: int, spans: Spans) -> list[StaleFlag]:
    """Return the temporary flags that are stale in production, those that are so for longest first.

    A project without an environment of that name is judged by its first one.
    """
    found: list[StaleFlag] = []
    for project in find_projects(transaction, org_id):
        environment = _production(project.environments)
        if environment is None:
            continue
        key = project.project.key
        standings = flag_standings(transaction, org_id, key, environment.key, now=now, spans=spans)
        uses: dict[str, list[str]] = {}
        for use in flag_uses(transaction, org_id, key):
            uses.setdefault(use.count.flag_key, []).append(use.repository.name)
        found += [
            StaleFlag(
                project_key=key,
                environment_key=environment.key,
                standing=one,
                repositories=sorted(uses.get(one.flag.key, ())),
            )
            for one in standings
            if one.is_stale and one.flag.temporary
        ]
    return sorted(found, key=lambda one: one.standing.quiet_since or 0)


def _production(environments: Sequence[Environment]) -> Environment | None:
    named = {one.key: one for one in environments}
    first = next(iter(environments), None)
    return next((named[key] for key in _PRODUCTION if key in named), first)
