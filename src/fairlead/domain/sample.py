"""A sample: what a believable organisation delivered in the last months, to try things out on.

Nothing in it depends on chance or on when it was made: what happened on a day is always the same,
so samples that end on different days agree about the days they share. Not here: storing it.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf
from fairlead.domain.deployments import Deployment, DeploymentId, Remediation, RemediationType
from fairlead.domain.failures import Failure, FailureId
from fairlead.domain.identity import id_from_content
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339
from fairlead.domain.reports import PullRequestReport
from fairlead.domain.sample_history import WITHOUT_GIT, history_of

DAYS = 120
LIVE = "prod"
ENVIRONMENTS = ("dev", "staging", LIVE)
SOURCE = "sample"
_MINUTE_NS = 60 * NS_PER_S
_HOUR_NS = 60 * _MINUTE_NS
_DAY_NS = 24 * _HOUR_NS
_OLDEST_PUT_BACK_NS = 21 * _DAY_NS
_SATURDAY = 5
# As many as a demonstration can work out while somebody waits for it.
_PACE = 0.72
_WEEKEND_SHARE = 0.1
_TO_STAGING, _TO_PROD = 0.9, 0.75
_ROLLED_BACK = 0.6
_REGIONS = ("eu-west-1", "us-east-1")
_EPOCH = date(1970, 1, 1)
_FIRST_WEEK = date(2024, 1, 1)
_BROKEN = (
    "Error rate above five per cent",
    "Latency above its objective",
    "Requests time out",
    "Queue grows without end",
)


class Service(Struct, frozen=True):
    """A service of the sample and its habits."""

    name: str
    team: str
    language: str
    tier: int
    releases_a_day: float
    failing: float
    """Share of its deployments to production that break something."""
    repository: str = ""


SERVICES = (
    Service("checkout", "payments", "go", 1, 2.4, 0.07),
    Service("payment-gateway", "payments", "java", 1, 0.9, 0.05),
    Service("invoicing", "payments", "python", 2, 0.8, 0.09),
    Service("catalogue", "shopping", "go", 1, 1.9, 0.06),
    Service("search", "shopping", "rust", 2, 1.2, 0.08),
    Service("cart", "shopping", "typescript", 1, 2.1, 0.11),
    Service("accounts", "identity", "java", 1, 0.7, 0.04),
    Service("login", "identity", "go", 1, 1.1, 0.05),
    Service("notifications", "identity", "python", 3, 1.6, 0.12),
    Service("web-store", "storefront", "typescript", 1, 3.8, 0.10, "storefront"),
    Service("mobile-api", "storefront", "typescript", 2, 2.2, 0.08, "storefront"),
    Service("recommendations", "storefront", "python", 3, 1.3, 0.14),
)


class Repair(Struct, frozen=True, kw_only=True):
    """A deployment that broke something, and what repaired it."""

    failed_id: DeploymentId
    remediation: Remediation
    decided_at: int


class Sample(Struct, frozen=True, kw_only=True):
    """Everything that happened until an instant."""

    org_id: OrgId
    deployments: tuple[Deployment, ...]
    failures: tuple[Failure, ...]
    """Those that last beyond the instant are open."""
    repairs: tuple[Repair, ...]
    commits: tuple[CommitsOf, ...]
    """What led to the deployments, of every repository that is known."""
    pull_requests: tuple[PullRequestReport, ...]


class _Release(Struct, frozen=True):
    service: Service
    version: str
    sha: str
    built_at: int


class _Reached(Struct, frozen=True):
    """A deployment to production, with the release it brought there."""

    deployment: Deployment
    release: _Release


def sample(org_id: OrgId, until_at: int) -> Sample:
    """Return the 120 days that end with the UTC day of `until_at`, and nothing after that instant."""
    last_day = until_at - until_at % _DAY_NS
    first_at = last_day - (DAYS - 1) * _DAY_NS
    happened = [event for service in SERVICES for event in _life(org_id, service, first_at, until_at)]
    happened += _slow_troubles(org_id, first_at, until_at)
    deployments = {
        event.id: event
        for event in happened
        if isinstance(event, Deployment) and first_at <= event.finished_at <= until_at
    }
    failures = [event for event in happened if isinstance(event, Failure)]
    repairs = [event for event in happened if isinstance(event, Repair)]
    told = (event for event in happened if isinstance(event, Deployment) and event.finished_at <= until_at)
    commits, pull_requests = history_of(org_id, told)
    return Sample(
        org_id=org_id,
        commits=commits,
        pull_requests=pull_requests,
        deployments=tuple(deployments.values()),
        failures=tuple(
            _as_known(one, until_at) for one in failures if first_at <= one.started_at <= until_at
        ),
        repairs=tuple(one for one in repairs if {one.failed_id, one.remediation.id} <= deployments.keys()),
    )


def _life(
    org_id: OrgId, service: Service, first_at: int, until_at: int
) -> Iterator[Deployment | Failure | Repair]:
    """Yield what became of a service's releases, somewhat beyond both ends."""
    reached: list[_Reached] = []
    # What is put back may be older than the sample, and must not depend on where that begins.
    for release in _releases(service, first_at - 2 * _OLDEST_PUT_BACK_NS, until_at):
        for deployment in _promotion(org_id, release):
            yield deployment
            if deployment.env == "prod":
                reached.append(_Reached(deployment, release))
    good: _Reached | None = None
    for one in sorted(reached, key=lambda one: one.deployment.finished_at):
        if _roll(one.deployment.id, "fails") >= service.failing:
            good = one
            continue
        good = _remedy(one, good)
        yield good.deployment
        yield _mark(one.deployment, good.deployment)
        yield _failure(one.deployment, good.deployment)


def _releases(service: Service, from_at: int, until_at: int) -> Iterator[_Release]:
    day = _EPOCH + timedelta(days=from_at // _DAY_NS)
    number = 0
    # Numbers start again every Monday, so that no version depends on where the sample begins.
    day -= timedelta(days=day.weekday())
    while (midnight := _midnight(day)) <= until_at:
        number = 0 if day.weekday() == 0 else number
        for _ in range(_how_many(service, day)):
            number += 1
            version = f"{1 + service.tier}.{(day - _FIRST_WEEK).days // 7}.{number}"
            sha = hashlib.sha1(f"{service.name}@{version}".encode(), usedforsecurity=False).hexdigest()
            built_at = midnight + 7 * _HOUR_NS + int(_roll(sha, "built") * 9 * _HOUR_NS)
            yield _Release(service, version, sha, built_at)
        day += timedelta(days=1)


def _how_many(service: Service, day: date) -> int:
    busy = _WEEKEND_SHARE if day.weekday() >= _SATURDAY else 1.0
    return int(_PACE * service.releases_a_day * busy * 2 * _roll(service.name, str(day)) + 0.5)


def _promotion(org_id: OrgId, release: _Release) -> Iterator[Deployment]:
    """Yield the deployments of a release, as far as it came."""
    came = _roll(release.sha, "came")
    at = release.built_at
    for env, share, most_ns in (
        ("dev", 1.0, 15 * _MINUTE_NS),
        ("staging", _TO_STAGING, 2 * _HOUR_NS),
        ("prod", _TO_PROD, 5 * _HOUR_NS),
    ):
        at += 10 * _MINUTE_NS + int(_roll(release.sha, env) * most_ns)
        if came < share:
            yield _deployment(org_id, release, env, at)


def _deployment(org_id: OrgId, release: _Release, env: str, finished_at: int) -> Deployment:
    service = release.service
    finished_at -= finished_at % NS_PER_MS
    lasted_ns = int((1 + 8 * _roll(release.sha, env, finished_at)) * 60_000) * NS_PER_MS
    region = _REGIONS[int(_roll(release.sha, "region") * len(_REGIONS))]
    told = {"service": service.name, "env": env, "version": release.version}
    has_git = service.name != WITHOUT_GIT
    if has_git:
        told["commit_sha"] = release.sha
    return Deployment(
        org_id=org_id,
        id=DeploymentId(id_from_content(finished_at, SOURCE, service.name, env, release.version)),
        named_by_caller=False,
        service=service.name,
        env=env,
        team=service.team,
        version=release.version,
        repository_id=f"github.com/shopist/{service.repository or service.name}" if has_git else "",
        commit_sha=release.sha if has_git else "",
        started_at=finished_at - lasted_ns,
        finished_at=finished_at,
        tags=(f"region:{region}", f"tier:{service.tier}", f"language:{service.language}"),
        source=SOURCE,
        received_at=finished_at + 2 * NS_PER_S,
        fact=json.dumps(told),
    )


def _remedy(failed: _Reached, good: _Reached | None) -> _Reached:
    """Return what repairs `failed`: the last good release again, or a new one."""
    broken = failed.deployment
    wait = _roll(broken.id, "wait")
    recent = good is not None and broken.finished_at - good.deployment.finished_at < _OLDEST_PUT_BACK_NS
    if good is not None and recent and _roll(broken.id, "back") < _ROLLED_BACK:
        release, at = good.release, broken.finished_at + _minutes(10 + 40 * wait)
    else:
        sha = hashlib.sha1(
            f"repairs {failed.release.sha}".encode(),
            usedforsecurity=False,
        ).hexdigest()
        release = replace(failed.release, version=f"{broken.version}-fix.1", sha=sha)
        at = broken.finished_at + _minutes(30 + 150 * wait)
    return _Reached(_deployment(broken.org_id, release, "prod", at), release)


def _mark(failed: Deployment, repairing: Deployment) -> Repair:
    is_new = repairing.version == f"{failed.version}-fix.1"
    kind = RemediationType.ROLLFORWARD if is_new else RemediationType.ROLLBACK
    return Repair(
        failed_id=failed.id,
        remediation=Remediation(type=kind, id=repairing.id),
        decided_at=repairing.finished_at + NS_PER_S,
    )


def _failure(failed: Deployment, repairing: Deployment) -> Failure:
    started_at = failed.finished_at + _minutes(1 + 8 * _roll(failed.id, "noticed"))
    return Failure(
        org_id=failed.org_id,
        id=FailureId(id_from_content(started_at, SOURCE, failed.id)),
        # It is told again when it has ended, under the same id.
        named_by_caller=True,
        started_at=started_at,
        finished_at=repairing.finished_at + _minutes(2),
        services=(failed.service,),
        team=failed.team,
        env="prod",
        version=failed.version,
        name=_BROKEN[int(_roll(failed.id, "broken") * len(_BROKEN))],
        severity="High" if "tier:1" in failed.tags else "Medium",
        repository_id=failed.repository_id,
        repository_url=f"https://{failed.repository_id}" if failed.repository_id else "",
        commit_sha=failed.commit_sha,
        tags=failed.tags,
        source=SOURCE,
        received_at=started_at + NS_PER_S,
        fact=json.dumps({"services": [failed.service], "env": "prod", "version": failed.version}),
    )


def _slow_troubles(org_id: OrgId, first_at: int, until_at: int) -> Iterator[Failure]:
    """Yield one failure a week that no deployment caused and that takes longer than a week to end."""
    day = _EPOCH + timedelta(days=first_at // _DAY_NS)
    day -= timedelta(days=day.weekday())
    while (midnight := _midnight(day)) <= until_at:
        service = SERVICES[int(_roll(str(day), "trouble") * len(SERVICES))]
        started_at = midnight + 2 * _HOUR_NS + _minutes(60 * _roll(str(day), "starts"))
        yield Failure(
            org_id=org_id,
            id=FailureId(id_from_content(started_at, SOURCE, service.name)),
            named_by_caller=True,
            started_at=started_at,
            finished_at=started_at + int((8 + 6 * _roll(str(day), "ends")) * 24) * _HOUR_NS,
            services=(service.name,),
            team=service.team,
            env="prod",
            name=f"Nightly export of {service.name} runs late",
            severity="Low",
            tags=(f"tier:{service.tier}", f"language:{service.language}"),
            source=SOURCE,
            received_at=started_at + NS_PER_S,
            fact=json.dumps({"services": [service.name], "env": "prod"}),
        )
        day += timedelta(days=7)


def _as_known(failure: Failure, until_at: int) -> Failure:
    """Return `failure` as it looks at `until_at`: open when it ends later."""
    ended = failure.finished_at is not None and failure.finished_at <= until_at
    return failure if ended else replace(failure, finished_at=None)


def _roll(*of: object) -> float:
    """Return a number from 0 to 1, exclusive, that looks like chance and is always the same."""
    digest = hashlib.blake2b(repr(of).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)


def _minutes(count: float) -> int:
    return int(count * 60_000) * NS_PER_MS


def _midnight(day: date) -> int:
    return from_rfc3339(f"{day}T00:00:00Z")
