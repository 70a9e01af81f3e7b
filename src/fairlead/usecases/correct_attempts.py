"""Correct attempts by hand: what somebody says stands, whatever events tell later."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import Attempt, AttemptStatus, Correction, Series, corrected
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.flags import DEFAULT_PROJECT
from fairlead.domain.insights import Listed
from fairlead.store import attempts, insights_pages, places
from fairlead.store.attempts import NO_COMMIT, Kept
from fairlead.store.engine import Transaction
from fairlead.usecases.record_attempts import hold_series, settle

_TOLD_ELSEWHERE = ("status", "started_at", "ended_at")
_SPELLED = {"started_at": "startedAt", "ended_at": "endedAt"}


class AttemptCorrected(Struct, frozen=True, kw_only=True):
    """What somebody says about an attempt."""

    org_id: OrgId
    uuid: str
    correction: Correction
    at: int
    by: str
    """The id of the key that was used."""


def correct_attempts(
    transaction: Transaction, told: Sequence[AttemptCorrected]
) -> list[FairleadError | None]:
    """Correct each attempt; `NotFound` where there is none, `Rejected` where it was told as a whole.

    A deployment that was told as a whole has the times and the end it was told with: whoever told it
    tells it again. What runs and is said to have ended without a time ended when it was said.
    """
    return [_correct(transaction, one) for one in told]


def _correct(transaction: Transaction, told: AttemptCorrected) -> FairleadError | None:
    listed = insights_pages.listed(transaction, told.org_id, told.uuid)
    if listed is None:
        return NotFound(f"there is no deployment with the id {told.uuid}")
    kept = attempts.get(transaction, told.org_id, listed.id)
    if kept is None or kept.is_told_elsewhere:
        return _correct_deployment(transaction, told, listed, kept)
    series = kept.attempt.series
    hold_series(transaction, [series])
    correction = told.correction
    if _ends(correction) and listed.ended_at is None and correction.ended_at is None:
        correction = replace(correction, ended_at=max(told.at, kept.attempt.started_at))
    attempts.add_correction(transaction, told.org_id, kept.id, correction, at=told.at, by=told.by)
    settle(transaction, [series], told.at)
    return None


def _correct_deployment(
    transaction: Transaction, told: AttemptCorrected, listed: Listed, kept: Kept | None
) -> FairleadError | None:
    correction = told.correction
    for name in _TOLD_ELSEWHERE:
        value = getattr(correction, name)
        if value is not None and value is not AttemptStatus.FINISHED:
            field = _SPELLED.get(name, name)
            return Rejected(
                f'attribute "{field}" cannot be changed: the deployment was told as a whole', field=field
            )
    attempts.add_correction(transaction, told.org_id, listed.id, correction, at=told.at, by=told.by)
    before = _attempt(transaction, told.org_id, listed) if kept is None else kept.attempt
    attempts.put(transaction, [Kept(attempt=corrected(before, correction), id=listed.id, commit=NO_COMMIT)])
    return None


def _attempt(transaction: Transaction, org_id: OrgId, listed: Listed) -> Attempt:
    projects = {str(id): keys for id, keys in places.projects_of(transaction, org_id).items()}
    project = projects.get(listed.repository_id, [DEFAULT_PROJECT])[0]
    return Attempt(
        series=Series(org_id, project, listed.env, listed.application, listed.version),
        ordinal=0,
        status=AttemptStatus.FINISHED,
        kind=None,
        started_at=listed.started_at,
        ended_at=listed.ended_at,
    )


def _ends(correction: Correction) -> bool:
    return correction.status in (AttemptStatus.FINISHED, AttemptStatus.FAILED)
