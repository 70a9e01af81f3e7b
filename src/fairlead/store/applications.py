"""Applications as they are known now: told of, deployed, changed by hand.

Not here: which of them have anything in a territory (`territories.py`).
"""

from collections.abc import Mapping

from sqlalchemy import func, select

from fairlead.domain.access import OrgId
from fairlead.domain.applications import ApplicationKind, KnownApplication
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import application_changes, applications, deployment_kinds, deployments

_a = applications.c
_c = application_changes.c
_k = deployment_kinds.c
_d = deployments.c
_changes = BulkInsert(
    application_changes, [column.name for column in application_changes.columns], replaces=True
)


def every(transaction: Transaction, org_id: OrgId) -> list[KnownApplication]:
    """Return an organisation's applications, by key. They are as few as its services."""
    told = {row.key: row for row in transaction.execute(select(applications).where(_a.org_id == org_id))}
    services = select(_k.service).where(_k.org_id == org_id).distinct()
    deployed = set(transaction.execute(services).scalars())
    changes = {
        row.key: row for row in transaction.execute(select(application_changes).where(_c.org_id == org_id))
    }
    hidden = _hidden(transaction, org_id, {key: row.deleted_at for key, row in changes.items()})
    found = []
    for key in sorted((told.keys() | deployed) - hidden - {""}):
        first, changed = told.get(key), changes.get(key)
        known = changed or first
        found.append(
            KnownApplication(
                org_id=org_id,
                key=key,
                name=known.name if known else key,
                kind=ApplicationKind(known.kind if known else "server"),
                description=changed.description if changed else "",
                version=changed.version if changed else 1,
                created_at=first.created_at if first else None,
            )
        )
    return found


def get(transaction: Transaction, org_id: OrgId, key: str) -> KnownApplication | None:
    """Return the application of that key, or None."""
    return next((one for one in every(transaction, org_id) if one.key == key), None)


def put(transaction: Transaction, one: KnownApplication, *, deleted_at: int | None = None) -> None:
    """Keep what was decided about an application; with `deleted_at` it is hidden until deployed again."""
    row = one.org_id, one.key, one.name, one.kind.value, one.description, one.version, deleted_at
    _changes.run(transaction, [row])


def repositories(transaction: Transaction, org_id: OrgId) -> dict[str, set[str]]:
    """Return the repositories that each application was deployed from."""
    wanted = (
        select(_k.service, _k.repository_id).where(_k.org_id == org_id, _k.repository_id != "").distinct()
    )
    found: dict[str, set[str]] = {}
    for service, repository in transaction.execute(wanted):
        found.setdefault(service, set()).add(repository)
    return found


def _hidden(transaction: Transaction, org_id: OrgId, deleted: Mapping[str, int | None]) -> set[str]:
    """Return which applications are hidden: deleted, and not deployed since."""
    hidden = set()
    for key, at in deleted.items():
        if at is None:
            continue
        of_kind = select(func.max(_d.finished_at)).where(_d.org_id == _k.org_id, _d.kind == _k.kind)
        lasts = select(of_kind.scalar_subquery().label("at")).where(_k.org_id == org_id, _k.service == key)
        last_at = transaction.execute(select(func.max(lasts.subquery().c.at))).scalar()
        if last_at is None or last_at <= at:
            hidden.add(key)
    return hidden
