"""Deployments: every statement that touches them.

Not here: how a page of them is found (`finding.py`), and any rule about deployments.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, and_, delete, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason
from fairlead.domain.deployments import (
    Deployment,
    DeploymentId,
    DeploymentType,
    KnownDeployment,
    Outcome,
    RemediationType,
)
from fairlead.domain.identity import is_uuid, uuid_of
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import Deployed, DeploymentLead, LinkSummary
from fairlead.domain.measured import Noun
from fairlead.domain.searchable import deployment_text
from fairlead.store import decisions, kinds, links, segments, work
from fairlead.store.bulk import BulkInsert, BulkUpdate, told_together
from fairlead.store.engine import Transaction
from fairlead.store.finding import deployments_page
from fairlead.store.holding import hold_facts
from fairlead.store.links import CHAIN_COLUMNS, brought_from, deployed_from
from fairlead.store.pages import SORTABLE_DEPLOYMENTS, DeploymentsPage
from fairlead.store.segments import Day
from fairlead.store.tables import (
    FACT_COLUMNS,
    deployment_tags,
    deployment_uuids,
    deployments,
)
from fairlead.store.work import Item

_t = deployments.c
_facts = BulkInsert(deployments, FACT_COLUMNS, replaces=True)
_new_facts = BulkInsert(deployments, FACT_COLUMNS, replaces=False)
_OUTCOME = ("change_failure", "deployment_type", "remediation_id", "remediation_type", "recovery_time_ns")
_OUTCOME_COLUMNS = tuple(_t[name] for name in _OUTCOME)
_outcomes = BulkUpdate(deployments, _OUTCOME)
_WITHOUT_GIT = LinkSummary(reason=Reason.NO_GIT)
_IDS_A_STATEMENT = 400
_tags = BulkInsert(deployment_tags, [column.name for column in deployment_tags.columns], replaces=False)
_uuids = BulkInsert(deployment_uuids, [column.name for column in deployment_uuids.columns], replaces=False)
_encode_tags = msgspec.json.Encoder().encode
_decode_tags = msgspec.json.Decoder(list[str]).decode

_SETTLES_NS = 2 * NS_PER_S

SORTABLE = SORTABLE_DEPLOYMENTS
Page: TypeAlias = DeploymentsPage


def put(
    transaction: Transaction, facts: Sequence[Deployment], following: Sequence[Item] = ()
) -> list[Deployed]:
    """Record deployments; one whose id the caller chose replaces that fact and keeps its outcome.

    An id that follows from the content was stored, if at all, as this very fact: it stays, with
    what the catalogue said when it was told first. Where one id comes twice the later one stays.
    `following` is the work that follows from them. Returns those that were replaced, as they stood.
    """
    latest = {(fact.org_id, fact.id): fact for fact in facts}
    named = [fact for fact in latest.values() if fact.named_by_caller]
    hold_facts(transaction, "deployment", ((fact.org_id, fact.id) for fact in named))
    replaced = _forget_tags(transaction, [(fact.org_id, fact.id) for fact in named])
    _facts.run(transaction, [_to_row(fact) for fact in named])
    became = {(fact.org_id, str(fact.id)): kinds.kind_of(fact) for fact in named} if replaced else {}
    links.move(transaction, {one.key: became[one.key] for one, kind in replaced if kind != became[one.key]})
    # Sorted, or two writers that are told the same would each wait for the other.
    nameless = sorted(_to_row(fact) for fact in latest.values() if not fact.named_by_caller)
    new = _new_facts.run_for_new(transaction, nameless)
    written = [*named, *(latest[OrgId(org_id), id] for org_id, id in new)]
    ended = {(fact.org_id, fact.finished_at // segments.NS_PER_DAY) for fact in written}
    ended |= {(one.org_id, one.finished_at // segments.NS_PER_DAY) for one, _ in replaced}
    marks = segments.marking(Day(org_id, Noun.DEPLOYMENTS, day) for org_id, day in ended)
    told_at = max((fact.received_at for fact in facts), default=0)
    with told_together(transaction):
        _tags.run(transaction, _tag_rows(written))
        # An id that follows from the content is a UUID.
        _uuids.run(transaction, _uuid_rows(named))
        kinds.note(transaction, written)
        # Facts come in floods; a day is built when they have passed.
        work.ask_together(transaction, [(following, told_at), (marks, told_at + _SETTLES_NS)])
    return [one for one, _ in replaced]


def get(transaction: Transaction, org_id: OrgId, deployment_id: str) -> KnownDeployment | None:
    """Return the deployment of that id, or None."""
    wanted = select(deployments).where(_t.org_id == org_id, _t.id == deployment_id)
    row = transaction.execute(wanted).first()
    return None if row is None else _from_row(row)


def find(transaction: Transaction, org_id: OrgId, page: Page) -> list[KnownDeployment]:
    """Return the deployments of one page."""
    return [_from_row(row) for row in deployments_page(transaction, org_id, page)]


def latest_of_version(
    transaction: Transaction, org_id: OrgId, service: str, env: str, version: str
) -> KnownDeployment | None:
    """Return the deployment of a version to a service and environment that finished last, or None."""
    wanted = (
        select(deployments)
        .where(_t.org_id == org_id, _t.service == service, _t.env == env, _t.version == version)
        .order_by(_t.finished_at.desc(), _t.started_at.desc(), _t.id.desc())
        .limit(1)
    )
    row = transaction.execute(wanted).first()
    return None if row is None else _from_row(row)


def remove(transaction: Transaction, org_id: OrgId, deployment_id: str) -> Deployed | None:
    """Delete a deployment with what was decided about it and linked to it; return it as it stood."""
    stood = _forget_tags(transaction, [(org_id, deployment_id)])
    transaction.execute(delete(deployments).where(_t.org_id == org_id, _t.id == deployment_id))
    decisions.forget(transaction, org_id, deployment_id)
    links.forget(transaction, [(org_id, deployment_id)])
    segments.mark(transaction, [_day(org_id, one.finished_at) for one, _ in stood])
    return stood[0][0] if stood else None


def put_outcomes(transaction: Transaction, org_id: OrgId, outcomes: Mapping[str, Outcome]) -> None:
    """Replace what is derived or decided about deployments that are there."""
    rows = [
        (
            org_id,
            deployment_id,
            outcome.change_failure,
            outcome.deployment_type.value,
            outcome.remediation_id,
            outcome.remediation_type or "",
            outcome.recovery_time_ns,
        )
        for deployment_id, outcome in sorted(outcomes.items())
    ]
    _outcomes.run(transaction, rows)
    for at in range(0, len(rows), _IDS_A_STATEMENT):
        ids = [row[1] for row in rows[at : at + _IDS_A_STATEMENT]]
        ended = select(_t.finished_at).where(_t.org_id == org_id, _t.id.in_(ids))
        segments.mark(transaction, [_day(org_id, at) for at in transaction.execute(ended).scalars()])


def put_outcome(transaction: Transaction, org_id: OrgId, deployment_id: str, outcome: Outcome) -> None:
    """Replace what is derived or decided about one deployment."""
    put_outcomes(transaction, org_id, {deployment_id: outcome})


def outcomes_of(
    transaction: Transaction, org_id: OrgId, ids: Iterable[str]
) -> dict[str, tuple[Deployed, Outcome]]:
    """Return those of the deployments that are there, and what became of each so far."""
    wanted = sorted(ids)
    found: dict[str, tuple[Deployed, Outcome]] = {}
    for at in range(0, len(wanted), _IDS_A_STATEMENT):
        mine = _t.org_id == org_id, _t.id.in_(wanted[at : at + _IDS_A_STATEMENT])
        for row in transaction.execute(select(*CHAIN_COLUMNS, *_OUTCOME_COLUMNS).where(*mine)):
            found[row.id] = deployed_from(row), _outcome_of(*(getattr(row, name) for name in _OUTCOME))
    return found


def _day(org_id: OrgId, finished_at: int) -> Day:
    return segments.day_at(org_id, Noun.DEPLOYMENTS, finished_at)


def _forget_tags(transaction: Transaction, keys: Sequence[links.Key]) -> list[tuple[Deployed, int]]:
    """Remove the tag entries of the deployments stored under `keys`; return these and their kinds."""
    stored: list[tuple[Deployed, int]] = []
    for org_id in {org_id for org_id, _ in keys}:
        ids = [deployment_id for owner, deployment_id in keys if owner == org_id]
        wanted = select(*CHAIN_COLUMNS, _t.tags, _t.kind).where(_t.org_id == org_id, _t.id.in_(ids))
        rows = transaction.execute(wanted).all()
        stored += [(deployed_from(row), row.kind) for row in rows]
        entries = [
            _tag_entry(org_id, tag, row.finished_at, row.id) for row in rows for tag in _decode_tags(row.tags)
        ]
        if entries:
            transaction.execute(delete(deployment_tags).where(or_(*entries)))
    return stored


def _tag_entry(org_id: OrgId, tag: str, finished_at: int, deployment_id: str) -> ColumnElement[bool]:
    entry = deployment_tags.c
    return and_(
        entry.org_id == org_id,
        entry.tag == tag,
        entry.finished_at == finished_at,
        entry.deployment_id == deployment_id,
    )


def _tag_rows(facts: Iterable[Deployment]) -> list[tuple[int, str, int, str]]:
    return [(fact.org_id, tag, fact.finished_at, fact.id) for fact in facts for tag in fact.tags]


def _uuid_rows(facts: Iterable[Deployment]) -> list[tuple[int, str, str]]:
    """Return the UUIDs that stand for ids that are none."""
    named = {(fact.org_id, fact.id) for fact in facts if not is_uuid(fact.id)}
    return sorted((org_id, uuid_of(org_id, id), id) for org_id, id in named)


def _to_row(fact: Deployment) -> tuple[object, ...]:
    """Return the values of `FACT_COLUMNS`."""
    return (
        fact.org_id,
        fact.id,
        fact.service,
        fact.env,
        fact.team,
        fact.version,
        fact.repository_id,
        fact.commit_sha,
        fact.started_at,
        fact.finished_at,
        _encode_tags(fact.tags).decode(),
        deployment_text(fact),
        fact.source,
        kinds.kind_of(fact),
        fact.received_at,
        fact.fact,
        fact.project,
    )


def _from_row(row: Sequence[Any]) -> KnownDeployment:
    """Return what a row of all columns tells, in the order of the table; names are looked up more slowly."""
    facts, outcome, link = row[:17], row[17:22], row[22:]
    org_id, id, service, env, team, version, repository_id, commit_sha, *others = facts
    started_at, finished_at, tags, _, source, _, received_at, fact, project = others
    known = Deployment(
        org_id=org_id,
        id=DeploymentId(id),
        named_by_caller=True,
        service=service,
        env=env,
        team=team,
        version=version,
        repository_id=repository_id,
        commit_sha=commit_sha,
        started_at=started_at,
        finished_at=finished_at,
        tags=tuple(_decode_tags(tags)),
        source=source,
        received_at=received_at,
        fact=fact,
        project=project,
    )
    # Without a commit nothing has to be worked out, so nobody is asked to.
    summary = _link_of(*link[:3], times=link[3:11], brought=link[11:]) if commit_sha else _WITHOUT_GIT
    return KnownDeployment(fact=known, outcome=_outcome_of(*outcome), link=summary)


def _outcome_of(
    change_failure: bool | None,  # noqa: FBT001 — as the columns come.
    deployment_type: str,
    remediation_id: str,
    remediation_type: str,
    recovery_time_ns: int | None,
) -> Outcome:
    return Outcome(
        change_failure=change_failure,
        deployment_type=DeploymentType(deployment_type),
        remediation_id=remediation_id,
        remediation_type=RemediationType(remediation_type) if remediation_type else None,
        recovery_time_ns=recovery_time_ns,
    )


def _link_of(
    reason: str,
    commits: int | None,
    pull_requests: int | None,
    *,
    times: Sequence[int | None],
    brought: Sequence[int | None],
) -> LinkSummary:
    average, shortest, longest, *stages = times
    return LinkSummary(
        reason=Reason(reason) if reason else None,
        number_of_commits=commits,
        number_of_pull_requests=pull_requests,
        lead=DeploymentLead(
            average_ns=average, shortest_ns=shortest, longest_ns=longest, stages_ns=tuple(stages)
        ),
        brought=brought_from(brought),
    )
