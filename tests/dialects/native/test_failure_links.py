"""`/api/fairlead/v1/failure-links`: which deployment may have caused which failure, and who says so."""

from typing import Any

import pytest

from fairlead.store.ledger import Ledger
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.casts import Cast, a_cast
from tests.factories import MINUTE_NS, NOON, a_deployment, a_failure
from tests.servers import Served

LINKS = "/api/fairlead/v1/failure-links"


@pytest.fixture
def cast(quiet_server: tuple[Served, Ledger]) -> Cast:
    """Two new organisations on a server whose work the tests do themselves, and everybody who calls."""
    running, ledger = quiet_server
    return a_cast(running.http, ledger)


@pytest.fixture
def told(cast: Cast) -> Cast:
    """A failure at noon, and deployments before and after it, here and elsewhere."""
    for id, minutes, changes in (
        ("long-ago", -61, {}),
        ("before", -30, {}),
        ("under-way", 3, {}),
        ("after", 20, {}),
        ("other-env", -10, {"env": "dev"}),
        ("other-service", -10, {"service": "cart"}),
    ):
        at = NOON + minutes * MINUTE_NS
        fact = a_deployment(org_id=cast.ada.org_id, id=id, finished_at=at, **changes)
        cast.ledger.write(record_deployments, fact)
    cast.ledger.write(record_failures, a_failure(org_id=cast.ada.org_id, id="f-1", version="1.4.2"))
    return cast


def links(cast: Cast, query: str = "failure=f-1") -> list[dict[str, Any]]:
    """Return the links that Ada is told of."""
    found: list[dict[str, Any]] = cast.ada.get(f"{LINKS}?{query}").json()["links"]
    return found


def states(cast: Cast, query: str = "failure=f-1") -> dict[str, str]:
    """Return the state of each link, by the deployment or the failure at its other end."""
    end = "deployment_id" if query.startswith("failure") else "failure_id"
    return {one[end]: one["state"] for one in links(cast, query)}


def decided(cast: Cast, deployment: str, state: str) -> None:
    """Say something about the failure and a deployment."""
    body = {"failure_id": "f-1", "deployment_id": deployment, "state": state}
    assert 200 == cast.cleo.send("PUT", LINKS, body).status_code


def test_what_is_close_is_linked_and_nothing_is_decided_by_itself(told: Cast) -> None:
    assert {"under-way": "undecided", "before": "undecided"} == states(told)
    assert {"f-1": "undecided"} == states(told, "deployment=before")
    assert {"f-1": "undecided"} == states(told, "deployment=under-way")
    for elsewhere in ("after", "long-ago", "other-env", "other-service"):
        assert {} == states(told, f"deployment={elsewhere}")


def test_a_link_says_what_speaks_for_it(told: Cast) -> None:
    [_, before] = links(told)

    assert (1800.0, True, True) == (
        before["seconds_between"],
        before["same_version"],
        before["within_window"],
    )
    assert (None, None) == (before["decided_by"], before["decided_at"])


def test_the_window_can_be_set(told: Cast) -> None:
    told.ada.send("PUT", "/api/fairlead/v1/change-failure-rules", {"failure_window_s": 61 * 60})
    assert {"under-way", "before", "long-ago"} == set(states(told))

    told.ada.send("PUT", "/api/fairlead/v1/change-failure-rules", {"failure_window_s": 60})
    assert {"under-way"} == set(states(told))


def test_a_person_decides_and_takes_it_back(told: Cast) -> None:
    decided(told, "before", "caused")
    decided(told, "under-way", "not_caused")

    assert {"under-way": "not_caused", "before": "caused"} == states(told)
    assert {"f-1": "caused"} == states(told, "deployment=before")
    decided(told, "before", "undecided")
    assert {"under-way": "not_caused", "before": "undecided"} == states(told)


def test_a_person_may_tie_what_nothing_else_ties(told: Cast) -> None:
    decided(told, "other-service", "caused")

    tied = {one["deployment_id"]: one["within_window"] for one in links(told)}
    assert {"under-way": True, "other-service": False, "before": True} == tied


def test_a_decision_outlives_the_failure_told_again(told: Cast) -> None:
    decided(told, "before", "caused")
    told.ledger.write(record_failures, a_failure(org_id=told.ada.org_id, id="f-1", name="Told again"))

    assert "caused" == states(told)["before"]


def test_a_decision_does_not_outlive_what_it_was_about(told: Cast) -> None:
    decided(told, "before", "caused")
    told.ada.delete("/api/v2/dora/deployment/before")
    told.ledger.write(
        record_deployments,
        a_deployment(org_id=told.ada.org_id, id="before", finished_at=NOON - 30 * MINUTE_NS),
    )

    assert "undecided" == states(told)["before"]


def test_a_failure_does_not_make_a_change_failure(told: Cast) -> None:
    decided(told, "before", "caused")

    assert told.ada.get("/api/fairlead/v1/deployments/before").json()["change_failure"]["value"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"failure_id": "f-1", "deployment_id": "before", "state": "guilty"}, 400),
        ({"failure_id": "f-9", "deployment_id": "before", "state": "caused"}, 404),
        ({"failure_id": "f-1", "deployment_id": "nobody", "state": "caused"}, 404),
        ({"failure_id": "f-1", "state": "caused"}, 400),
    ],
)
def test_what_cannot_be_decided_is_refused(told: Cast, body: dict[str, str], status: int) -> None:
    before = states(told)

    assert status == told.ada.send("PUT", LINKS, body).status_code
    assert before == states(told)


def test_who_asks_for_no_end_or_both_is_refused(told: Cast) -> None:
    assert 400 == told.ada.get(LINKS).status_code
    assert 400 == told.ada.get(f"{LINKS}?failure=f-1&deployment=before").status_code
    assert 404 == told.ada.get(f"{LINKS}?failure=nobody").status_code
    assert 403 == told.ben.send("PUT", LINKS, {}).status_code
