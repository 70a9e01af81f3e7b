"""The shapes of Datadog's DORA Metrics API, letter for letter.

Requests tolerate fields that are not named here. In answers an absent attribute is left out
rather than null. Not here: what any of it means, and whether it is acceptable (`translate.py`);
what is said about values below goes into the OpenAPI document and is not checked by decoding.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from fairlead.dialects.datadog.changes_wire import AveragedMetrics, CommitSeen, PullRequestSeen

_FIRST_S, _LAST_NS = 946_684_800, 4_102_444_799_999_999_999


def _said(**about: Any) -> Meta:
    return Meta(extra_json_schema=about)


Epoch = Annotated[int, _said(format="int64", minimum=_FIRST_S, maximum=_LAST_NS)]
"""Seconds, milliseconds or nanoseconds since 1970; the magnitude tells."""
Id = Annotated[str, _said(maxLength=128)]
Name = Annotated[str, _said(maxLength=1000)]
Tag = Annotated[str, _said(pattern="^[^:]+:.+$", maxLength=1000)]
Tags = Annotated[list[Tag], _said(maxItems=100)]
Service = Annotated[str, _said(minLength=1, maxLength=1000)]
Tool = Annotated[str, _said(pattern=r"\S", maxLength=1000)]
DateTime = Annotated[str, _said(format="date-time")]
PatchType = Annotated[str, _said(enum=["dora_deployment_patch_request"])]
ListType = Annotated[str, _said(enum=["dora_deployments_list_request", "dora_failures_list_request"])]


class Git(Struct):
    repository_url: Annotated[str, _said(maxLength=2048, examples=["https://github.com/shopist/checkout"])]
    commit_sha: Annotated[str, _said(pattern="^[a-fA-F0-9]{40,128}$")]


class DeploymentAttributes(Struct):
    service: Service
    started_at: Epoch
    finished_at: Epoch
    id: Id | None = None
    env: Name | None = None
    version: Name | None = None
    team: Name | None = None
    git: Git | None = None
    custom_tags: Tags | None = None


class DeploymentData(Struct):
    attributes: DeploymentAttributes
    id: str | None = None


class DeploymentRequest(Struct):
    data: DeploymentData


class FailureAttributes(Struct):
    started_at: Epoch
    finished_at: Epoch | None = None
    services: list[Service] | None = None
    service: str | None = None
    """Singular: what clients of 2023 sent to the incident path."""
    team: Name | None = None
    id: Id | None = None
    name: Name | None = None
    severity: Name | None = None
    env: Name | None = None
    version: Name | None = None
    git: Git | None = None
    custom_tags: Tags | None = None


class FailureData(Struct):
    attributes: FailureAttributes
    id: str | None = None


class FailureRequest(Struct):
    data: FailureData


class ListAttributes(Struct, rename={"since": "from"}):
    since: DateTime | None = None
    to: DateTime | None = None
    limit: Annotated[int, _said(minimum=1, maximum=1000, default=10)] | None = None
    query: str | None = None
    sort: str | None = None


class ListData(Struct):
    attributes: ListAttributes
    type: ListType = ""


class ListRequest(Struct):
    data: ListData


class Remediation(Struct):
    id: str | None = None
    version: str | None = None
    type: Annotated[str, _said(enum=["rollback", "rollforward"])] | None = None


class PatchAttributes(Struct):
    change_failure: bool | None = None
    remediation: Remediation | UnsetType | None = UNSET


class PatchData(Struct):
    attributes: PatchAttributes
    type: PatchType = ""


class PatchRequest(Struct):
    data: PatchData


class VersionPatchAttributes(Struct):
    service: str
    env: str
    version: str
    change_failure: bool
    remediation: Remediation | UnsetType | None = UNSET


class VersionPatchData(Struct):
    attributes: VersionPatchAttributes
    type: PatchType = ""


class VersionPatchRequest(Struct):
    data: VersionPatchData


class ActivityAttributes(Struct, forbid_unknown_fields=True):
    user_email: Annotated[str, _said(format="email", maxLength=1000)]
    day: Annotated[str, _said(format="date")]
    is_active: bool
    tools: Annotated[list[Tool], _said(minItems=1, maxItems=100)]
    models: list[str] | None = None


class ActivityData(Struct, forbid_unknown_fields=True):
    type: Annotated[str, _said(enum=["ai_impact_user_activity"])]
    attributes: ActivityAttributes


class ActivityRequest(Struct, forbid_unknown_fields=True):
    data: Annotated[list[ActivityData], _said(minItems=1, maxItems=1000)]


class Receipt(Struct):
    id: str
    type: str


class ReceiptResponse(Struct):
    data: Receipt


class GitWithId(Struct, omit_defaults=True):
    commit_sha: str
    repository_id: str
    repository_url: str | UnsetType = UNSET


class GitWithUrl(Struct):
    commit_sha: str
    repository_url: str


class RemediationSeen(Struct, omit_defaults=True):
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET


class DeploymentSeen(Struct, omit_defaults=True):
    service: str
    started_at: str | int
    finished_at: str | int
    env: str | UnsetType = UNSET
    team: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    git: GitWithId | UnsetType = UNSET
    custom_tags: tuple[str, ...] | UnsetType = UNSET
    change_failure: bool | UnsetType = UNSET
    deployment_type: str | UnsetType = UNSET
    remediation: RemediationSeen | UnsetType = UNSET
    recovery_time_sec: int | UnsetType = UNSET
    change_lead_time: int | UnsetType = UNSET
    averaged_metrics: AveragedMetrics | UnsetType = UNSET
    number_of_commits: int | UnsetType = UNSET
    number_of_pull_requests: int | UnsetType = UNSET
    commits: list[CommitSeen] | UnsetType = UNSET
    pull_requests: list[PullRequestSeen] | UnsetType = UNSET


class FailureSeen(Struct, omit_defaults=True):
    started_at: str | int
    finished_at: str | int | UnsetType = UNSET
    services: tuple[str, ...] | UnsetType = UNSET
    team: str | UnsetType = UNSET
    env: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    severity: str | UnsetType = UNSET
    git: GitWithUrl | UnsetType = UNSET
    custom_tags: tuple[str, ...] | UnsetType = UNSET


class DeploymentObject(Struct):
    id: str
    type: str
    attributes: DeploymentSeen


class FailureObject(Struct):
    id: str
    type: str
    attributes: FailureSeen


class ErrorObject(Struct):
    """Shape A: one JSON:API error object."""

    status: str
    title: str
    detail: str


class ObjectErrors(Struct):
    errors: list[ErrorObject]


class TextErrors(Struct):
    """Shape B: a list of texts."""

    errors: list[str]


class DetailedErrors(Struct):
    """Shape B with details, of which none were ever seen."""

    errors: list[str]
    error_details: list[dict[str, str]]


class Fetched(Struct):
    """A single object, a list of them, or null."""

    data: Any


class DeploymentFetched(Struct):
    data: DeploymentObject


class DeploymentsFetched(Struct):
    data: list[DeploymentObject]


class FailureFetched(Struct):
    data: FailureObject


class FailuresFetched(Struct):
    data: list[FailureObject]


class Validity(Struct):
    valid: bool
