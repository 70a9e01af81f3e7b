import json
from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog import translate, wire
from fairlead.dialects.datadog.times import TimeStyle
from fairlead.domain.access import KeyKind
from fairlead.domain.deployments import (
    Deployment,
    DeploymentType,
    KnownDeployment,
    Outcome,
    Remediation,
    RemediationType,
)
from fairlead.domain.errors import Rejected
from fairlead.domain.failures import Failure
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import DeploymentLead, LinkSummary
from fairlead.intake.callers import Caller
from fairlead.usecases.decide_change_failure import DecisionOn, VersionSought
from tests import datadog_requests, factories
from tests.datadog_requests import SHA
from tests.factories import MINUTE_NS, NOON, ORG_ID

RECEIVED_AT = NOON + 7
ROBOT = Caller(org_id=ORG_ID, key_id="k-robot", kind=KeyKind.APP, permissions=frozenset(), rate_limit="")


def deployment(request: dict[str, Any] | None = None, **changes: Any) -> Deployment:
    body = json.dumps(request or datadog_requests.a_deployment(**changes)).encode()
    told = msgspec.json.decode(body, type=wire.DeploymentRequest)
    return translate.deployment_from(told, body, ORG_ID, RECEIVED_AT)


def failure(**changes: Any) -> Failure:
    body = json.dumps(datadog_requests.a_failure(**changes)).encode()
    return translate.failure_from(
        msgspec.json.decode(body, type=wire.FailureRequest), body, ORG_ID, RECEIVED_AT
    )


def decision(**attributes: Any) -> DecisionOn:
    body = json.dumps(datadog_requests.a_patch(**attributes)).encode()
    return translate.decision_by_id(msgspec.json.decode(body, type=wire.PatchRequest), "d-1", ROBOT, NOON)


def test_a_request_becomes_a_deployment() -> None:
    request = datadog_requests.a_deployment(id="d-1")

    assert Deployment(
        org_id=ORG_ID,
        id="d-1",  # type: ignore[arg-type]  # a new type is text to the reader
        named_by_caller=True,
        service="checkout",
        env="prod",
        team="payments",
        version="1.4.2",
        repository_id="github.com/shopist/checkout",
        commit_sha=SHA,
        started_at=NOON - 5 * MINUTE_NS,
        finished_at=NOON,
        tags=("region:eu-west-1", "language:go"),
        source="api",
        received_at=RECEIVED_AT,
        fact=json.dumps(request),
    ) == deployment(request)


def test_an_id_that_was_not_sent_follows_from_the_content_and_the_organisation() -> None:
    one, again, other = deployment(), deployment(), deployment(version="2")

    assert one.id == again.id != other.id
    assert not one.named_by_caller


def test_how_a_body_is_written_does_not_change_the_id() -> None:
    plain = datadog_requests.a_deployment()
    shuffled = datadog_requests.a_deployment(
        started_at=(NOON - 5 * MINUTE_NS) // NS_PER_S,
        finished_at=NOON // NS_PER_S,
        git={"commit_sha": SHA.upper(), "repository_url": "git@github.com:shopist/checkout.git"},
        nobody_knows_me=1,
    )

    assert deployment(plain).id == deployment(shuffled).id


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_id_is_none(blank: str | None) -> None:
    request = datadog_requests.a_deployment()
    request["data"]["attributes"]["id"] = blank

    assert not deployment(request).named_by_caller


def test_the_fact_is_kept_as_it_was_sent() -> None:
    request = datadog_requests.a_deployment(nobody_knows_me={"a": [1, 2.5, None]})

    assert json.dumps(request) == deployment(request).fact


@pytest.mark.parametrize(
    "address",
    [
        "https://robot:s3cret@github.com/o/r",
        "https://s3cret@github.com/o/r.git",
        " https://robot:s3cret@github.com/o/r ",
        "https://github.com/o/r?token=s3cret",
        "robot:s3cret@github.com:o/r",
    ],
)
def test_secrets_in_an_address_are_not_kept_with_the_fact(address: str) -> None:
    git = {"repository_url": address, "commit_sha": SHA}

    for fact in (deployment(git=git, kept="as it was"), failure(git=git, kept="as it was")):
        assert "s3cret" not in str(msgspec.structs.asdict(fact) if isinstance(fact, Deployment) else fact)
        assert "as it was" == json.loads(fact.fact)["data"]["attributes"]["kept"]


def test_escaped_slashes_hide_no_secret() -> None:
    body = json.dumps(datadog_requests.a_deployment(git={"repository_url": "@@", "commit_sha": SHA}))
    raw = body.replace("@@", r"https:\/\/robot:s3cret@github.com\/o\/r").encode()
    told = msgspec.json.decode(raw, type=wire.DeploymentRequest)

    assert "s3cret" not in translate.deployment_from(told, raw, ORG_ID, NOON).fact


def test_a_deployment_without_git_has_neither_repository_nor_commit() -> None:
    assert ("", "") == (deployment(git=None).repository_id, deployment(git=None).commit_sha)


def test_the_two_parts_of_a_failure_have_one_id() -> None:
    assert failure(finished_at=None, name="a").id == failure(name="b").id


def test_an_address_is_kept_as_it_was_spelled_for_failures() -> None:
    kept = failure(git={"repository_url": " git@GitHub.com:o/r.git ", "commit_sha": SHA})

    assert ("git@GitHub.com:o/r.git", "github.com/o/r") == (kept.repository_url, kept.repository_id)


def test_a_patch_becomes_a_decision() -> None:
    said = decision(change_failure=True, remediation={"id": "d-2", "type": "rollback"})

    assert (ORG_ID, "d-1", False) == (said.org_id, said.deployment, said.keeps_remediation)
    assert said.decision is not None
    assert (True, NOON, "k-robot") == (
        said.decision.change_failure,
        said.decision.decided_at,
        said.decision.decided_by,
    )
    assert Remediation(id="d-2", type=RemediationType.ROLLBACK) == said.decision.remediation


@pytest.mark.parametrize(
    ("attributes", "decides", "keeps"),
    [
        ({}, False, True),
        ({"change_failure": None}, False, True),
        ({"remediation": None}, False, False),
        ({"remediation": {}}, False, True),
        ({"change_failure": True}, True, True),
        ({"change_failure": True, "remediation": {}}, True, True),
        ({"change_failure": True, "remediation": None}, True, False),
        ({"change_failure": False}, True, True),
        ({"remediation": {"id": "d-2"}}, True, False),
    ],
)
def test_a_patch_decides_what_it_speaks_of(attributes: dict[str, Any], decides: bool, keeps: bool) -> None:
    said = decision(**attributes)

    assert (decides, keeps) == (said.decision is not None, said.keeps_remediation)


def test_a_patch_by_version_says_what_is_sought() -> None:
    body = json.dumps(
        datadog_requests.a_patch(service="checkout", env="prod", version="1", change_failure=True)
    ).encode()
    said = translate.decision_by_version(
        msgspec.json.decode(body, type=wire.VersionPatchRequest), ROBOT, NOON
    )

    assert VersionSought(service="checkout", env="prod", version="1") == said.deployment


def test_a_type_is_asked_for_in_recorded_words() -> None:
    with pytest.raises(Rejected, match=r'^got type "" expected one of "dora_failures_list_request"$'):
        translate.require_type("", translate.FAILURES_LIST_REQUEST)


def test_a_type_is_not_echoed_without_end() -> None:
    with pytest.raises(Rejected) as refused:
        translate.require_type("x" * 10_000, "wanted")

    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("style", [TimeStyle.EPOCH_NS, TimeStyle.RFC3339])
def test_a_deployment_is_seen_without_what_is_not_there(style: TimeStyle) -> None:
    bare = factories.a_deployment(env="", team="", version="", repository_id="", commit_sha="", tags=())

    seen = msgspec.to_builtins(translate.deployment_object(KnownDeployment(fact=bare), style))

    assert {"service", "started_at", "finished_at"} == set(seen["attributes"])


def test_a_deployment_is_seen_with_what_became_of_it() -> None:
    outcome = Outcome(
        change_failure=True,
        deployment_type=DeploymentType.ROLLFORWARD,
        remediation_id="d-2",
        remediation_type=RemediationType.ROLLBACK,
        recovery_time_ns=1_500_000_000,
    )
    known = KnownDeployment(fact=factories.a_deployment(), outcome=outcome)

    seen = msgspec.to_builtins(translate.deployment_object(known, TimeStyle.RFC3339))["attributes"]

    assert {
        "change_failure": True,
        "deployment_type": "rollforward",
        "remediation": {"id": "d-2", "type": "rollback"},
        "recovery_time_sec": 2,
    }.items() <= seen.items()


def test_spans_are_whole_seconds_as_the_clients_declare_them() -> None:
    """A client that is told 600.0, or 3.5, of what it declares an integer cannot read the deployment."""
    stages = (None, 600 * NS_PER_S, 3_499_999_999, 3_500_000_000, 0)
    lead = DeploymentLead(average_ns=105_373_780_000_000, stages_ns=stages)
    known = KnownDeployment(
        fact=factories.a_deployment(),
        outcome=Outcome(change_failure=True, recovery_time_ns=1800 * NS_PER_S),
        link=LinkSummary(lead=lead),
    )

    answer = msgspec.json.encode(translate.deployment_object(known, TimeStyle.RFC3339))

    seen = json.loads(answer, parse_float=lambda text: f"not whole: {text}")["attributes"]
    assert {
        "change_lead_time": 105_374,
        "review_time": 600,
        "merge_time": 3,
        "time_to_deploy": 4,
        "deploy_time": 0,
    } == seen["averaged_metrics"]
    assert 105_374 == seen["change_lead_time"]
    assert 1800 == seen["recovery_time_sec"]


def test_a_failure_that_is_open_is_seen_without_an_end() -> None:
    seen = msgspec.to_builtins(
        translate.failure_object(factories.a_failure(finished_at=None), TimeStyle.RFC3339)
    )

    assert "finished_at" not in seen["attributes"]
    assert "2025-03-12T12:00:00Z" == seen["attributes"]["started_at"]
