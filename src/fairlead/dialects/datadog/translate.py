"""Between Datadog's shapes and Fairlead's nouns, both ways, without asking anybody.

Not here: the clock, the store, and how a refusal looks (`errors.py`).
"""

import re

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from fairlead.dialects.datadog import wire
from fairlead.dialects.datadog.changes_translate import (
    averaged_metrics,
    commit_seen,
    pull_request_seen,
    seconds,
)
from fairlead.dialects.datadog.times import TimeStyle, from_epoch, to_wire
from fairlead.domain.access import OrgId
from fairlead.domain.deployments import (
    ChangeFailureDecision,
    Deployment,
    DeploymentId,
    DeploymentType,
    KnownDeployment,
    Outcome,
    Remediation,
    RemediationType,
)
from fairlead.domain.errors import Rejected
from fairlead.domain.failures import Failure, FailureId, same_failure_key
from fairlead.domain.identity import id_from_content
from fairlead.domain.repositories import plain_address, repository_id
from fairlead.domain.texts import require_tags, require_text
from fairlead.intake.callers import Caller
from fairlead.usecases.decide_change_failure import DecisionOn, VersionSought
from fairlead.usecases.get_changes import Changes

DEPLOYMENT = "dora_deployment"
FAILURE = "dora_failure"
PATCH_REQUEST = "dora_deployment_patch_request"
DEPLOYMENTS_LIST_REQUEST = "dora_deployments_list_request"
FAILURES_LIST_REQUEST = "dora_failures_list_request"

_SHA = re.compile(r"[a-fA-F0-9]{40,128}", re.ASCII)
LONGEST_ID = 128
MOST_SERVICES = 1000
"""Of one failure. Each costs a row, so there must be an end somewhere."""


def require_type(given: str, wanted: str) -> None:
    """Check `data.type`, in the words Datadog was recorded with.

    Raises:
        Rejected: it is not `wanted`.
    """
    if given != wanted:
        detail = f'got type "{given[:100]}" expected one of "{wanted}"'
        raise Rejected(detail, field="type")


def deployment_from(request: wire.DeploymentRequest, body: bytes, org_id: OrgId, now: int) -> Deployment:
    """Return the deployment that a create request tells of.

    Raises:
        Rejected: an attribute is missing, malformed or over its limit.
    """
    told = request.data.attributes
    started_at = from_epoch(told.started_at, "started_at")
    finished_at = from_epoch(told.finished_at, "finished_at")
    service = _required(told.service, "service")
    env, team, version = _text(told.env, "env"), _text(told.team, "team"), _text(told.version, "version")
    repository, sha = _git(told.git)
    tags = require_tags(told.custom_tags or (), "custom_tags")
    named = _id(told.id or request.data.id)
    content = (org_id, service, env, team, version, started_at, finished_at, repository, sha, tags)
    return Deployment(
        org_id=org_id,
        id=DeploymentId(named or id_from_content(finished_at, *content)),
        named_by_caller=named is not None,
        service=service,
        env=env,
        team=team,
        version=version,
        repository_id=repository,
        commit_sha=sha,
        started_at=started_at,
        finished_at=finished_at,
        tags=tags,
        received_at=now,
        fact=_fact(told.git, body),
    )


def failure_from(request: wire.FailureRequest, body: bytes, org_id: OrgId, now: int) -> Failure:
    """Return the failure, or the part of one, that a create request tells of.

    Raises:
        Rejected: an attribute is missing, malformed or over its limit.
    """
    told = request.data.attributes
    named = _id(told.id or request.data.id)
    services = told.services if told.services is not None else [told.service] if told.service else []
    repository, sha = _git(told.git)
    failure = Failure(
        org_id=org_id,
        id=FailureId(named or ""),
        named_by_caller=named is not None,
        started_at=from_epoch(told.started_at, "started_at"),
        finished_at=None if told.finished_at is None else from_epoch(told.finished_at, "finished_at"),
        services=_services(services),
        team=_text(told.team, "team"),
        env=_text(told.env, "env"),
        version=_text(told.version, "version"),
        name=_text(told.name, "name"),
        severity=_text(told.severity, "severity"),
        repository_id=repository,
        repository_url=plain_address(told.git.repository_url) if told.git else "",
        commit_sha=sha,
        tags=require_tags(told.custom_tags or (), "custom_tags"),
        received_at=now,
        fact=_fact(told.git, body),
    )
    if named:
        return failure
    content = id_from_content(failure.started_at, org_id, *same_failure_key(failure))
    return replace(failure, id=FailureId(content))


def decision_by_id(request: wire.PatchRequest, deployment_id: str, caller: Caller, now: int) -> DecisionOn:
    """Return what a patch of one deployment decides; `data.id` is not looked at, the path decides.

    Raises:
        Rejected: the type of the request or of the remediation is not one of the known.
    """
    require_type(request.data.type, PATCH_REQUEST)
    told = request.data.attributes
    return _decision_on(deployment_id, told, caller, now)


def decision_by_version(request: wire.VersionPatchRequest, caller: Caller, now: int) -> DecisionOn:
    """Return what a patch of a version decides.

    Raises:
        Rejected: as `decision_by_id`, or the remediation does not say its type and one of id and
            version.
    """
    require_type(request.data.type, PATCH_REQUEST)
    told = request.data.attributes
    if isinstance(told.remediation, wire.Remediation):
        if told.remediation.type is None:
            raise Rejected('attribute "type" is required', field="type")
        if not (told.remediation.id or told.remediation.version):
            raise Rejected('attribute "id" or "version" is required', field="remediation")
    sought = VersionSought(
        service=_required(told.service, "service"),
        env=_required(told.env, "env"),
        version=_required(told.version, "version"),
    )
    return _decision_on(sought, told, caller, now)


def subject_of(said: DecisionOn) -> str:
    """Return what a decision is about, for the audit log."""
    about = said.deployment
    return about if isinstance(about, str) else f"{about.service} {about.version} in {about.env}"


def detail_of(decision: ChangeFailureDecision) -> str:
    """Return what was decided, for the audit log."""
    said = decision.remediation
    named = said.id or (f"version {said.version}" if said.version else "")
    by = f", repaired by {named}" + (f", a {said.type.value}" if said.type else "") if named else ""
    return ("failed" if decision.change_failure else "stable") + by


def receipt_for(identifier: str, kind: str) -> wire.ReceiptResponse:
    """Return what a sender is told about a fact that is kept."""
    return wire.ReceiptResponse(wire.Receipt(id=identifier, type=kind))


def deployment_object(
    known: KnownDeployment, style: TimeStyle, changes: Changes | None = None, *, with_url: bool = False
) -> wire.DeploymentObject:
    """Return a deployment as a read object, with what it brought if that is at hand.

    `with_url` is for clients that cannot read a repository without its address.
    """
    fact, outcome, link = known.fact, known.outcome, known.link
    commits = [commit_seen(*one, style) for one in changes.commits] if changes else []
    pull_requests = [pull_request_seen(one, style) for one in changes.pull_requests] if changes else []
    seen = wire.DeploymentSeen(
        service=fact.service,
        started_at=to_wire(fact.started_at, style),
        finished_at=to_wire(fact.finished_at, style),
        env=fact.env or UNSET,
        team=fact.team or UNSET,
        version=fact.version or UNSET,
        git=_git_seen(fact, with_url=with_url),
        custom_tags=fact.tags or UNSET,
        change_failure=UNSET if outcome.change_failure is None else outcome.change_failure,
        deployment_type=_type_of(outcome),
        remediation=_remediation_seen(known) or UNSET,
        recovery_time_sec=seconds(outcome.recovery_time_ns),
        change_lead_time=seconds(link.lead.average_ns),
        averaged_metrics=averaged_metrics(link.lead),
        number_of_commits=_if_any(link.number_of_commits),
        number_of_pull_requests=_if_any(link.number_of_pull_requests),
        commits=commits or UNSET,
        pull_requests=pull_requests or UNSET,
    )
    return wire.DeploymentObject(id=fact.id, type=DEPLOYMENT, attributes=seen)


def _git_seen(fact: Deployment, *, with_url: bool) -> wire.GitWithId | UnsetType:
    if not fact.commit_sha:
        return UNSET
    url = f"https://{fact.repository_id}" if with_url else UNSET
    return wire.GitWithId(fact.commit_sha, fact.repository_id, url)


def failure_object(failure: Failure, style: TimeStyle) -> wire.FailureObject:
    """Return a failure as a read object."""
    seen = wire.FailureSeen(
        started_at=to_wire(failure.started_at, style),
        finished_at=UNSET if failure.finished_at is None else to_wire(failure.finished_at, style),
        services=failure.services or UNSET,
        team=failure.team or UNSET,
        env=failure.env or UNSET,
        version=failure.version or UNSET,
        name=failure.name or UNSET,
        severity=failure.severity or UNSET,
        git=wire.GitWithUrl(failure.commit_sha, failure.repository_url) if failure.commit_sha else UNSET,
        custom_tags=failure.tags or UNSET,
    )
    return wire.FailureObject(id=failure.id, type=FAILURE, attributes=seen)


def _decision_on(
    deployment: str | VersionSought,
    told: wire.PatchAttributes | wire.VersionPatchAttributes,
    caller: Caller,
    now: int,
) -> DecisionOn:
    """Build the decision; a patch that says nothing decides nothing.

    Naming a remediation alone says that there was something to repair. Saying nothing about the
    remediation keeps the one that was named before, and null takes it back.
    """
    remediation = _remediation(told.remediation)
    decision = ChangeFailureDecision(
        change_failure=told.change_failure is not False,
        remediation=remediation,
        decided_at=now,
        decided_by=caller.key_id,
    )
    says_nothing = told.change_failure is None and remediation == Remediation()
    return DecisionOn(
        org_id=caller.org_id,
        deployment=deployment,
        decision=None if says_nothing else decision,
        keeps_remediation=told.remediation is not None and remediation == Remediation(),
    )


def _remediation(told: wire.Remediation | msgspec.UnsetType | None) -> Remediation:
    if not isinstance(told, wire.Remediation):
        return Remediation()
    if told.type is not None and told.type not in set(RemediationType):
        kinds = " ".join(RemediationType)
        raise Rejected(f'attribute "type" must be one of "{kinds}"', field="type")
    return Remediation(
        type=None if told.type is None else RemediationType(told.type),
        id=require_text(told.id or "", "id", longest=LONGEST_ID),
        version=_text(told.version, "version"),
    )


def _remediation_seen(known: KnownDeployment) -> wire.RemediationSeen | None:
    outcome = known.outcome
    if not outcome.remediation_id and outcome.remediation_type is None:
        return None
    return wire.RemediationSeen(
        id=outcome.remediation_id or UNSET,
        type=UNSET if outcome.remediation_type is None else outcome.remediation_type.value,
    )


def _if_any(number: int | None) -> int | msgspec.UnsetType:
    return UNSET if number is None else number


def _type_of(outcome: Outcome) -> str | msgspec.UnsetType:
    """Return the type; nothing for one of which nothing is known yet."""
    is_known = outcome.change_failure is not None or outcome.deployment_type is not DeploymentType.STANDARD
    return outcome.deployment_type.value if is_known else UNSET


def _text(told: str | None, field: str) -> str:
    return require_text(told, field) if told else ""


def _required(told: str, field: str) -> str:
    if not told.strip():
        detail = f'attribute "{field}" is required'
        raise Rejected(detail, field=field)
    return require_text(told, field)


def _services(names: list[str]) -> tuple[str, ...]:
    """Return the names in the order sent, each once."""
    if len(names) > MOST_SERVICES:
        raise Rejected(f'attribute "services" holds more than {MOST_SERVICES} names', field="services")
    return tuple(dict.fromkeys(_required(name, "services") for name in names))


def _id(told: str | None) -> str | None:
    """Return the caller's id, which is opaque; None where there is none."""
    if not told:
        return None
    if not told.isprintable():
        detail = 'attribute "id" holds characters that cannot be printed'
        raise Rejected(detail, field="id")
    return require_text(told, "id", longest=LONGEST_ID)


def _git(told: wire.Git | None) -> tuple[str, str]:
    """Return the repository's id and the lower-case SHA; both empty without git."""
    if told is None:
        return "", ""
    if not _SHA.fullmatch(told.commit_sha):
        detail = 'attribute "commit_sha" must be 40 to 128 hexadecimal digits'
        raise Rejected(detail, field="commit_sha")
    return repository_id(told.repository_url), told.commit_sha.lower()


def _fact(git: wire.Git | None, body: bytes) -> str:
    """Return the body as received, with what may be a secret taken out of the repository's address.

    Raises:
        Rejected: the body is not UTF-8 in a place that its shape does not look at.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Rejected("the body is not UTF-8") from error
    plain = "" if git is None else plain_address(git.repository_url)
    if git is None or plain == git.repository_url:
        return text
    told = msgspec.json.decode(body)
    told["data"]["attributes"]["git"]["repository_url"] = plain
    return msgspec.json.encode(told).decode()
