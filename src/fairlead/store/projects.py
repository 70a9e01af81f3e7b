"""Projects and environments: every statement that touches them.

The default project is there from the start and is written down when something of it first changes;
until then whoever asks is told of it all the same.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.flags import (
    DEFAULT_PROJECT,
    Environment,
    Project,
    default_environments,
    default_project,
)
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.tables import (
    environments,
    flag_evaluations,
    flag_events,
    flag_links,
    flag_served,
    flag_settings,
    flags,
    projects,
)

_p = projects.c
_e = environments.c
_project_columns = [column.name for column in projects.columns]
_environment_columns = [column.name for column in environments.columns]
_projects = BulkInsert(projects, _project_columns, replaces=True)
_environments = BulkInsert(environments, _environment_columns, replaces=True)
_encode = msgspec.json.Encoder().encode
_decode_project = msgspec.json.Decoder(Project).decode
_decode_environment = msgspec.json.Decoder(Environment).decode
_OF_ENVIRONMENT = (flag_settings, flag_events, flag_evaluations, flag_served)
_OF_PROJECT = (*_OF_ENVIRONMENT, flags, flag_links, environments)


def hold(transaction: Transaction, org_id: OrgId, key: str) -> Project | None:
    """Return a project, or None; nobody else changes what belongs to it until the transaction ends."""
    hold_facts(transaction, "project", [(org_id, key)])
    if key == DEFAULT_PROJECT and _stored(transaction, org_id, key) is None:
        put_project(transaction, default_project(org_id))
        put_environments(transaction, default_environments(org_id, key))
    return get_project(transaction, org_id, key)


def put_project(transaction: Transaction, one: Project) -> None:
    """Keep a project; one of that key is replaced."""
    words, tags = _words(one.key, one.name), _encode(one.tags).decode()
    row = one.org_id, one.key, one.name, words, tags, one.created_at, _encode(one).decode()
    _projects.run(transaction, [row])


def get_project(transaction: Transaction, org_id: OrgId, key: str) -> Project | None:
    """Return the project of that key, or None."""
    stored = _stored(transaction, org_id, key)
    return default_project(org_id) if stored is None and key == DEFAULT_PROJECT else stored


def every_project(transaction: Transaction, org_id: OrgId) -> list[Project]:
    """Return an organisation's projects, by key. They are few."""
    wanted = select(_p.record).where(_p.org_id == org_id).order_by(_p.key)
    found = [_decode_project(record) for record in transaction.execute(wanted).scalars()]
    if all(one.key != DEFAULT_PROJECT for one in found):
        found.append(default_project(org_id))
    return sorted(found, key=lambda one: one.key)


def remove_project(transaction: Transaction, org_id: OrgId, key: str) -> None:
    """Delete a project with all that belongs to it."""
    for table in _OF_PROJECT:
        transaction.execute(delete(table).where(table.c.org_id == org_id, table.c.project_key == key))
    transaction.execute(delete(projects).where(_p.org_id == org_id, _p.key == key))


def put_environments(transaction: Transaction, told: Sequence[Environment]) -> None:
    """Keep environments of one project; those of the same keys are replaced."""
    _environments.run(
        transaction,
        [
            (
                *(one.org_id, one.project_key, one.key, one.name, _words(one.key, one.name)),
                *(_encode(one.tags).decode(), one.critical, one.created_at, _encode(one).decode()),
            )
            for one in told
        ],
    )


def every_environment(transaction: Transaction, org_id: OrgId, project_key: str) -> list[Environment]:
    """Return the environments of a project, the oldest first. They are few."""
    mine = _e.org_id == org_id, _e.project_key == project_key
    wanted = select(_e.record).where(*mine).order_by(_e.created_at, _e.key)
    found = [_decode_environment(record) for record in transaction.execute(wanted).scalars()]
    if found or project_key != DEFAULT_PROJECT or _stored(transaction, org_id, project_key) is not None:
        return found
    return list(default_environments(org_id, project_key))


def remove_environment(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> None:
    """Delete an environment with what flags are set to in it."""
    for table in _OF_ENVIRONMENT:
        columns = table.c
        mine = columns.org_id == org_id, columns.project_key == project_key, columns.environment_key == key
        transaction.execute(delete(table).where(*mine))
    mine = _e.org_id == org_id, _e.project_key == project_key, _e.key == key
    transaction.execute(delete(environments).where(*mine))


def _stored(transaction: Transaction, org_id: OrgId, key: str) -> Project | None:
    mine = _p.org_id == org_id, _p.key == key
    record = transaction.execute(select(_p.record).where(*mine)).scalar()
    return None if record is None else _decode_project(record)


def _words(key: str, name: str) -> str:
    return f"{key}\n{name}".lower()
