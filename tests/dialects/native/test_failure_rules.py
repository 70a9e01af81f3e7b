"""`/api/fairlead/v1/change-failure-rules`: reading, trying and saving rules; and who did it."""

from typing import Any

import pytest

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, MINUTE_NS, NOON, a_deployment, a_patch
from tests.linking import work_off
from tests.servers import Served

RULES = "/api/fairlead/v1/change-failure-rules"
PREVIEW = f"{RULES}/preview"
AUDIT = "/api/fairlead/v1/audit"
WINDOW = {"from": NOON // 1_000_000 - 86_400_000, "to": NOON // 1_000_000 + 86_400_000}
HOTFIXES = {"linked": [], "static": [{"on": "version", "pattern": ".*-hotfix"}]}


@pytest.fixture
def cast(quiet_server: tuple[Served, Ledger]) -> Cast:
    """Two new organisations on a server whose work the tests do themselves, and everybody who calls."""
    running, ledger = quiet_server
    return a_cast(running.http, ledger)


def deployed(cast: Cast, *versions: str) -> None:
    """Deploy these versions, `d-0` first, ten minutes apart, and work out what became of them."""
    for number, version in enumerate(versions):
        request = a_deployment(id=f"d-{number}", version=version, finished_at=NOON + number * 10 * MINUTE_NS)
        del request["data"]["attributes"]["git"]
        assert 200 == cast.robot.post(DEPLOYMENT, request).status_code
    work_off(cast.ledger)


def explained(cast: Cast, id: str) -> Any:
    """Return everything about a deployment."""
    return cast.ada.get(f"/api/fairlead/v1/deployments/{id}").json()


def failed(cast: Cast) -> dict[str, Any]:
    """Return the failed deployments with who says so."""
    asked = {
        "data": {"type": "dora_deployments_list_request", "attributes": {"query": "change_failure:true"}}
    }
    ids = [one["id"] for one in cast.ada.post(DEPLOYMENTS, asked).json()["data"]]
    return {id: explained(cast, id)["change_failure"]["decided_by"] for id in sorted(ids)}


def test_whoever_has_set_nothing_has_the_usual_rules(cast: Cast) -> None:
    seen = cast.ben.get(RULES).json()

    assert [{"pattern": 'Revert "$pr_title"', "enabled": True}] == seen["linked"]
    assert ["pr_title", "pr_label", "pr_branch"] == [rule["on"] for rule in seen["static"]]
    assert (True, True, None) == (seen["rollbacks"], seen["rollbacks_of_rollbacks"], seen["changed_at"])


def test_what_became_of_a_rollback_is_told_with_its_reason(cast: Cast) -> None:
    deployed(cast, "1", "2", "3", "1")

    told = {id: explained(cast, id) for id in ("d-1", "d-2", "d-3")}
    failure = {
        "value": True,
        "decided_by": "rollback",
        "reason": "deployment d-3 put back what ran before it (1)",
    }
    assert failure == told["d-1"]["change_failure"]
    assert {"id": "d-3", "type": "rollback", "recovery_time_s": 1200.0} == told["d-1"]["remediation"]
    assert told["d-2"]["change_failure"]["value"] is False
    assert "rollback" == told["d-3"]["deployment_type"]
    assert "puts back 1, after which d-1 had come" == told["d-3"]["deployment_type_reason"]


def test_a_preview_says_what_would_be_decided_otherwise_and_saves_nothing(cast: Cast) -> None:
    deployed(cast, "1", "2", "2-hotfix", "1")

    found = cast.ben.post(PREVIEW, HOTFIXES | WINDOW | {"rollbacks": False}).json()

    assert (4, True, 3) == (found["deployments"], found["complete"], found["changed"])
    assert {"failed": 1, "rollbacks": 1, "rollforwards": 0} == found["now"]
    assert {"failed": 1, "rollbacks": 0, "rollforwards": 1} == found["then"]
    changes = {one["id"]: (one["now"], one["then"]) for one in found["changes"]}
    assert ["d-3", "d-2", "d-1"] == list(changes)
    assert ("d-3", "d-2") == (changes["d-1"][0]["remediation_id"], changes["d-1"][1]["remediation_id"])
    assert {"d-1": "rollback"} == failed(cast)
    assert cast.ben.get(RULES).json()["changed_at"] is None


def test_saved_rules_decide_about_the_past_again(cast: Cast) -> None:
    deployed(cast, "1", "2", "2-hotfix", "1")

    answer = cast.ada.send("PUT", RULES, HOTFIXES | {"rollbacks": False, "failure_window_s": 60})
    work_off(cast.ledger)

    assert 200 == answer.status_code
    assert answer.json() == cast.ben.get(RULES).json()
    assert {"d-1": "rule"} == failed(cast)
    assert "standard" == explained(cast, "d-3")["deployment_type"]


def test_more_deployments_than_are_decided_about_at_once(cast: Cast) -> None:
    deployed(cast, *(["1", "2", "1"] * 90))
    before = len(failed(cast))

    cast.ada.send("PUT", RULES, {"rollbacks": False, "linked": [], "static": []})
    work_off(cast.ledger)

    assert before
    assert {} == failed(cast)


def test_what_a_person_decided_stands_whatever_the_rules(cast: Cast) -> None:
    deployed(cast, "1", "2", "1")
    cast.cleo.patch(f"{DEPLOYMENTS}/d-1", a_patch(change_failure=False))
    cast.cleo.patch(f"{DEPLOYMENTS}/d-0", a_patch(change_failure=True))

    cast.ada.send("PUT", RULES, HOTFIXES)
    work_off(cast.ledger)

    assert {"d-0": "person"} == failed(cast)
    assert explained(cast, "d-1")["change_failure"]["value"] is False
    assert "standard" == explained(cast, "d-2")["deployment_type"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"linked": [{"pattern": 'Revert "$pr_title"'}, {"pattern": "Revert"}]}, "linked[1].pattern"),
        ({"static": [{"on": "version", "pattern": "("}]}, "static[0].pattern"),
        ({"static": [{"on": "body", "pattern": "x"}]}, "static[0].on"),
        ({"static": [{"on": "version", "pattern": "x" * 1001}]}, "static[0].pattern"),
        ({"failure_window_s": 0}, "failure_window_s"),
        ({"failure_window_s": 1e300}, "failure_window_s"),
    ],
)
def test_wrong_rules_are_refused_with_their_place_and_change_nothing(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    before = cast.ada.get(RULES).json()
    for answer in (cast.ada.send("PUT", RULES, wrong), cast.ada.post(PREVIEW, wrong)):
        assert (400, field) == (answer.status_code, answer.json()["error"]["field"])

    assert before == cast.ada.get(RULES).json()


def test_a_window_that_ends_before_it_begins_is_refused(cast: Cast) -> None:
    answer = cast.ada.post(PREVIEW, {"from": 2_000, "to": 1_000})

    assert (400, "from") == (answer.status_code, answer.json()["error"]["field"])


def test_only_who_may_write_changes_rules(cast: Cast) -> None:
    assert 403 == cast.ben.send("PUT", RULES, {}).status_code
    assert 403 == cast.cleo.get(RULES).status_code
    assert 401 == cast.robot.send("PUT", RULES, {}).status_code
    assert 403 == cast.ben.get(AUDIT).status_code


def test_the_audit_log_says_who_decided_and_who_changed_rules(cast: Cast) -> None:
    deployed(cast, "1", "2")
    cast.cleo.patch(f"{DEPLOYMENTS}/d-1", a_patch(change_failure=True))
    cast.cleo.patch(f"{DEPLOYMENTS}/d-1", a_patch())
    cast.ada.send("PUT", RULES, HOTFIXES)

    first = cast.ada.get(f"{AUDIT}?limit=1").json()
    rest = cast.ada.get(f"{AUDIT}?before={first['next']}").json()

    assert ["changed rules"] == [one["action"] for one in first["entries"]]
    assert ".*-hotfix" in first["entries"][0]["detail"]
    told = [(one["action"], one["subject"], one["detail"]) for one in rest["entries"]]
    assert [("decided about deployment", "d-1", "failed")] == told
    assert rest["next"] is None
    assert 400 == cast.ada.get(f"{AUDIT}?limit=0").status_code
