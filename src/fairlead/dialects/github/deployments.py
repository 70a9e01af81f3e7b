"""From GitHub's deployments and workflow runs to deployments.

GitHub tells of a deployment piece by piece: that somebody asked for it, then one status after
another. The status `in_progress` is its start, `success` its end; no other makes a deployment. Not
here: all other events (`translate.py`).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.dialects.github import wire
from fairlead.dialects.github.instants import instant_from
from fairlead.domain.changes import require_sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.hooks import Delivery, Deploys, Hook, Reading
from fairlead.domain.reports import DeploymentStart
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

SOURCE = "github"
_TASK = "deploy:"
_VERSION = re.compile(r"v?\d+(?:\.\d+)+\S*")
_LEFT_OUT = {
    "error": "the deployment failed",
    "failure": "the deployment failed",
    "inactive": "the deployment was replaced by a later one",
    "pending": "the deployment has not begun",
    "queued": "the deployment has not begun",
    "waiting": "the deployment has not begun",
}

_status = msgspec.json.Decoder(wire.DeploymentStatusEvent)
_run = msgspec.json.Decoder(wire.WorkflowRunEvent)
_encode = msgspec.json.Encoder().encode


def read_deployment(_hook: Hook, _delivery: Delivery, _body: bytes) -> Reading:
    """Return what it tells that somebody asked for a deployment: nothing yet."""
    return Reading(ignored="the deployment has not begun")


def read_deployment_status(hook: Hook, delivery: Delivery, body: bytes) -> Reading:
    """Return the start or the end of a deployment."""
    told = decode(_status, body)
    match told.deployment_status.state:
        case "success":
            return Reading(facts=(_deployment(hook, delivery, told),))
        case "in_progress":
            return Reading(facts=(_start(hook, told),))
        case state:
            return Reading(ignored=_LEFT_OUT.get(state, "unknown state of a deployment"))


def read_workflow_run(hook: Hook, delivery: Delivery, body: bytes) -> Reading:
    """Return the deployments that the success of a workflow stands for by the hook's options."""
    told = decode(_run, body)
    run = told.workflow_run
    file = (run.path or "").partition("@")[0].rpartition("/")[2]
    named = [one for one in hook.deploys if one.name in (run.name, run.path, file)]
    if not named:
        return Reading(ignored="no --deploys names this workflow")
    if told.action != "completed":
        return Reading(ignored="the workflow has not ended")
    if run.conclusion != "success":
        return Reading(ignored="the workflow did not succeed")
    return Reading(
        facts=tuple(_from_run(hook, delivery, told, one, place) for place, one in enumerate(named))
    )


def _deployment(hook: Hook, delivery: Delivery, told: wire.DeploymentStatusEvent) -> Deployment:
    deployment, status = told.deployment, told.deployment_status
    options = _options(deployment.payload)
    repository = repository_id(told.repository.html_url, "repository.html_url")
    created_at = instant_from(deployment.created_at, "deployment.created_at")
    finished_at = instant_from(status.created_at, "deployment_status.created_at")
    env = status.environment or deployment.environment
    return Deployment(
        org_id=hook.org_id,
        id=_id(repository, deployment),
        named_by_caller=True,
        service=require_text(_service(told, options), "deployment.payload.service"),
        env=require_text(env, "deployment.environment"),
        version=require_text(_version(deployment, options), "deployment.payload.version"),
        repository_id=repository,
        commit_sha=require_sha(deployment.sha, "deployment.sha"),
        started_at=min(created_at, finished_at),
        finished_at=finished_at,
        source=SOURCE,
        received_at=delivery.received_at,
        # What the deployer put beside it is theirs and may hold anything.
        fact=_encode(msgspec.structs.replace(told, deployment=_bare(deployment))).decode(),
    )


def _start(hook: Hook, told: wire.DeploymentStatusEvent) -> DeploymentStart:
    repository = repository_id(told.repository.html_url, "repository.html_url")
    started_at = instant_from(told.deployment_status.created_at, "deployment_status.created_at")
    return DeploymentStart(org_id=hook.org_id, id=_id(repository, told.deployment), started_at=started_at)


def _from_run(
    hook: Hook, delivery: Delivery, told: wire.WorkflowRunEvent, deploys: Deploys, place: int
) -> Deployment:
    run = told.workflow_run
    repository = repository_id(told.repository.html_url, "repository.html_url")
    finished_at = instant_from(run.updated_at, "workflow_run.updated_at")
    started_at = instant_from(run.run_started_at or run.created_at, "workflow_run.run_started_at")
    which = f"{_host(repository)}-run-{run.id}-{run.run_attempt}"
    return Deployment(
        org_id=hook.org_id,
        id=DeploymentId(f"{which}-{place}" if place else which),
        named_by_caller=True,
        service=deploys.service,
        env=deploys.env,
        version=_version_tag(run.head_branch or ""),
        repository_id=repository,
        commit_sha=require_sha(run.head_sha, "workflow_run.head_sha"),
        started_at=min(started_at, finished_at),
        finished_at=finished_at,
        source=SOURCE,
        received_at=delivery.received_at,
        fact=_encode(told).decode(),
    )


def _id(repository: str, deployment: wire.Deployment) -> DeploymentId:
    return DeploymentId(f"{_host(repository)}-deployment-{deployment.id}")


def _host(repository: str) -> str:
    """Return the host, cut so that an id made of it stays within 128 characters."""
    return repository.partition("/")[0][:64]


def _options(payload: Any) -> Mapping[str, Any]:
    """Return what the deployer put beside the deployment; empty where it is no object."""
    if isinstance(payload, str) and payload.startswith("{"):
        try:
            payload = msgspec.json.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            return {}
    return payload if isinstance(payload, dict) else {}


def _service(told: wire.DeploymentStatusEvent, options: Mapping[str, Any]) -> str:
    service, task = options.get("service"), told.deployment.task
    if isinstance(service, str) and service.strip():
        return service
    named = task.removeprefix(_TASK).strip() if task.startswith(_TASK) else ""
    return named or told.repository.name


def _version(deployment: wire.Deployment, options: Mapping[str, Any]) -> str:
    version = options.get("version")
    return version if isinstance(version, str) else _version_tag(deployment.ref)


def _version_tag(ref: str) -> str:
    """Return a ref that reads like a version; branches and commits are none."""
    name = ref.removeprefix("refs/tags/")
    return name if _VERSION.fullmatch(name) else ""


def _bare(deployment: wire.Deployment) -> wire.Deployment:
    return msgspec.structs.replace(deployment, payload=None)
