"""From GitLab's deployments, pipelines and jobs to deployments.

A deployment event is told once for each of its states: `running` is the start, `success` the end;
no other makes a deployment. Not here: all other events (`translate.py`).
"""

import re
from collections.abc import Iterator

import msgspec

from fairlead.dialects.gitlab import wire
from fairlead.dialects.gitlab.instants import instant_from
from fairlead.domain.changes import require_sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.hooks import Delivery, Deploys, Hook, Reading
from fairlead.domain.reports import DeploymentStart
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

SOURCE = "gitlab"
_VERSION = re.compile(r"v?\d+(?:\.\d+)+\S*")
_LEFT_OUT = {
    "blocked": "the deployment has not begun",
    "canceled": "the deployment failed",
    "created": "the deployment has not begun",
    "failed": "the deployment failed",
    "skipped": "the deployment failed",
}

_deployment = msgspec.json.Decoder(wire.DeploymentEvent)
_pipeline = msgspec.json.Decoder(wire.PipelineEvent)
_encode = msgspec.json.Encoder().encode


def read_deployment(hook: Hook, delivery: Delivery, body: bytes) -> Reading:
    """Return the start or the end of a deployment."""
    told = decode(_deployment, body)
    match told.status:
        case "success":
            return Reading(facts=(_from_event(hook, delivery, told),))
        case "running":
            return Reading(facts=(_start(hook, told),))
        case status:
            return Reading(ignored=_LEFT_OUT.get(status, "unknown state of a deployment"))


def read_pipeline(hook: Hook, delivery: Delivery, body: bytes) -> Reading:
    """Return the deployments that a pipeline or its jobs stand for by the hook's options."""
    told = decode(_pipeline, body)
    names = {told.object_attributes.name, *(build.name for build in told.builds or ())}
    if not any(one.name in names for one in hook.deploys):
        return Reading(ignored="no --deploys names this pipeline or a job of it")
    facts = tuple(_from_pipeline(hook, delivery, told))
    return Reading(facts=facts, ignored="" if facts else "the pipeline or job did not succeed yet")


def _from_event(hook: Hook, delivery: Delivery, told: wire.DeploymentEvent) -> Deployment:
    repository = repository_id(told.project.web_url, "project.web_url")
    finished_at = instant_from(told.status_changed_at, "status_changed_at")
    sha = require_sha((told.commit_url or "").rpartition("/")[2], "commit_url") if told.commit_url else ""
    return Deployment(
        org_id=hook.org_id,
        id=_id(repository, "deployment", told.deployment_id),
        named_by_caller=True,
        service=repository.rpartition("/")[2],
        env=require_text(told.environment, "environment"),
        version=_version_tag(told.ref),
        repository_id=repository if sha else "",
        commit_sha=sha,
        # Until the start is told, or if it never is, the deployment took no time.
        started_at=finished_at,
        finished_at=finished_at,
        source=SOURCE,
        received_at=delivery.received_at,
        fact=_encode(told).decode(),
    )


def _start(hook: Hook, told: wire.DeploymentEvent) -> DeploymentStart:
    repository = repository_id(told.project.web_url, "project.web_url")
    return DeploymentStart(
        org_id=hook.org_id,
        id=_id(repository, "deployment", told.deployment_id),
        started_at=instant_from(told.status_changed_at, "status_changed_at"),
    )


def _from_pipeline(hook: Hook, delivery: Delivery, told: wire.PipelineEvent) -> Iterator[Deployment]:
    pipeline = told.object_attributes
    for place, one in enumerate(hook.deploys):
        ended = [
            (f"job-{build.id}", build.started_at, build.finished_at)
            for build in told.builds or ()
            if build.name == one.name and build.status == "success"
        ]
        if pipeline.name == one.name and pipeline.status == "success":
            ended.append((f"pipeline-{pipeline.id}", pipeline.created_at, pipeline.finished_at))
        for which, started, finished in ended:
            if finished is not None:
                span = instant_from(started or finished, "started_at"), instant_from(finished, "finished_at")
                # Two options may name one job, which then brings two services.
                parts = (which, place) if place else (which,)
                yield _named(delivery, told, one, span, parts)


def _named(
    delivery: Delivery,
    told: wire.PipelineEvent,
    deploys: Deploys,
    span: tuple[int, int],
    parts: tuple[object, ...],
) -> Deployment:
    repository = repository_id(told.project.web_url, "project.web_url")
    return Deployment(
        org_id=delivery.org_id,
        id=_id(repository, *parts),
        named_by_caller=True,
        service=deploys.service,
        env=deploys.env,
        version=_version_tag(told.object_attributes.ref),
        repository_id=repository,
        commit_sha=require_sha(told.object_attributes.sha, "object_attributes.sha"),
        started_at=min(span),
        finished_at=span[1],
        source=SOURCE,
        received_at=delivery.received_at,
        fact=_encode(told).decode(),
    )


def _id(repository: str, *parts: object) -> DeploymentId:
    """Return an id that follows from GitLab's own, cut so that it stays within 128 characters."""
    host = repository.partition("/")[0][:64]
    return DeploymentId("-".join((host, *map(str, parts))))


def _version_tag(ref: str | None) -> str:
    """Return a ref that reads like a version; branches are none."""
    return ref if ref and _VERSION.fullmatch(ref) else ""
