"""How many deployments are of another kind than what became of them says, because that was fixed.

Somebody corrected it by hand, or it brought a version once more (`domain.attempts`). They are few, and are
taken off numbers that know of no attempts. Not here: those numbers (`kind_counts.py`).
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Text, bindparam, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptKind
from fairlead.domain.deployments import DeploymentType
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, by_way_of
from fairlead.store.engine_sql import array_of, numbers_in
from fairlead.store.tables import attempts, deployment_kinds, deployments

_a = attempts.c
_d = deployments.c
_k = deployment_kinds.c
_encode: Final = msgspec.json.Encoder().encode
_OF_ORG: Final = bindparam("of_org", type_=BigInteger())
_FROM_AT: Final = bindparam("from_at", type_=BigInteger())
_UNTIL_AT: Final = bindparam("until_at", type_=BigInteger())
_KINDS: Final = numbers_in(array_of("kinds")).alias("kinds")
_FIXED: Final = [kind.value for kind in AttemptKind]


def count(
    transaction: Transaction,
    org_id: OrgId,
    kinds: Sequence[int],
    type: DeploymentType,
    window: tuple[int, int],
) -> int:
    """Return how many of `kinds` and a type have a fixed kind and ended in a window, both ends included."""
    asked = {
        "of_org": org_id,
        "kinds": _encode(kinds).decode(),
        "of_type": type.value,
        "from_at": window[0],
        "until_at": window[1],
    }
    return sum(transaction.execute(_counted, asked).one())


def _fixed(index: str, tried: FromClause, *mine: ColumnElement[bool]) -> Select[Any]:
    found = (
        select(func.count())
        .select_from(InThisOrder(tried, deployments))
        .where(_a.org_id == _OF_ORG, *mine, _d.org_id == _OF_ORG, _d.id == _a.id)
        .where(_d.kind.in_(select(_KINDS.c.value)), _d.deployment_type == bindparam("of_type", type_=Text()))
        .where(_d.finished_at.between(_FROM_AT, _UNTIL_AT))
    )
    return by_way_of(index, attempts, found)


_envs: Final = (
    select(_k.env)
    .where(_k.org_id == _OF_ORG, _k.kind.in_(select(_KINDS.c.value)))
    .distinct()
    .subquery("envs")
)
# An attempt of a series ended when its deployment did.
_of_series: Final = _fixed(
    "attempts_by_kind",
    InThisOrder(_envs, attempts),
    _a.env == _envs.c.env,
    _a.kind.in_(_FIXED),
    _a.listed_at.between(_FROM_AT, _UNTIL_AT),
    _a.series != "",
)
# A deployment told as a whole may be told again with other times after somebody corrected it.
_told_elsewhere: Final = _fixed("attempts_by_series", attempts, _a.series == "", _a.kind != "")
_counted: Final = select(_of_series.scalar_subquery(), _told_elsewhere.scalar_subquery())
