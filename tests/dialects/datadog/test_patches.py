from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, MINUTE_NS, NOON, a_deployment, a_list, a_patch

FAILED = {"change_failure": True}
ROLLED_BACK = {"change_failure": True, "remediation": {"id": "repair", "type": "rollback"}}
VERSION = {"service": "checkout", "env": "prod", "version": "1.4.2"}


@pytest.fixture
def pair(cast: Cast) -> Cast:
    """A deployment that failed, and the one that repaired it an hour later under another version."""
    for request in (
        a_deployment(id="broken", version="1.4.2"),
        a_deployment(id="repair", version="1.4.1", finished_at=NOON + 60 * MINUTE_NS),
    ):
        assert 200 == cast.robot.post(DEPLOYMENT, request).status_code
    return cast


def patched(person: Person, body: dict[str, Any], deployment_id: str = "broken") -> None:
    """Patch a deployment and make sure that it was taken."""
    answer = person.patch(f"{DEPLOYMENTS}/{deployment_id}", body)
    assert (202, {"data": None}) == (answer.status_code, answer.json())


def seen(person: Person, deployment_id: str = "broken") -> dict[str, Any]:
    """Return what a patch can change about a deployment."""
    names = ("change_failure", "remediation", "recovery_time_sec", "deployment_type")
    attributes = person.get(f"{DEPLOYMENTS}/{deployment_id}").json()["data"]["attributes"]
    return {name: attributes[name] for name in names if attributes.get(name, "standard") != "standard"}


def standing(person: Person, deployment_id: str = "repair") -> dict[str, Any]:
    """Return what a patch made of a deployment that nobody said had failed.

    Whether it is undecided or found to be sound by now is a matter of milliseconds.
    """
    attributes = seen(person, deployment_id)
    assert not attributes.pop("change_failure", False)
    return attributes


def found(person: Person, query: str) -> list[str]:
    """Return the ids that a search finds, oldest first."""
    answer = person.post(DEPLOYMENTS, a_list(query=query, sort="finished_at"))
    return [one["id"] for one in answer.json()["data"]]


def test_a_new_deployment_is_undecided(pair: Cast) -> None:
    assert {} == standing(pair.ada, "broken")


def test_a_failure_can_be_marked(pair: Cast) -> None:
    patched(pair.cleo, a_patch(**FAILED))

    assert {"change_failure": True} == seen(pair.ada)
    assert ["broken"] == found(pair.ada, "change_failure:true")
    assert "broken" not in found(pair.ada, "change_failure:false")


def test_a_remediation_shows_on_both_deployments(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))

    remediation = {"id": "repair", "type": "rollback"}
    expected = {"change_failure": True, "remediation": remediation, "recovery_time_sec": 3600.0}
    assert expected == seen(pair.ada)
    assert {"deployment_type": "rollback"} == standing(pair.ada)
    (broken,) = (one for one in whole_list(pair) if one["id"] == "broken")
    assert expected.items() <= broken["attributes"].items()


def whole_list(pair: Cast) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = pair.ada.post(DEPLOYMENTS, a_list()).json()["data"]
    return objects


def test_a_remediation_can_be_searched_for(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))

    searches = {
        "remediation.type:rollback": ["broken"],
        "remediation.id:repair": ["broken"],
        "recovery_time_sec:>3599": ["broken"],
        "recovery_time_sec:>3600": [],
        "deployment_type:rollback": ["repair"],
        "deployment_type:standard": ["broken"],
        "-change_failure:true": ["repair"],
    }
    assert searches == {query: found(pair.ada, query) for query in searches}


def test_a_remediation_may_be_named_by_version(pair: Cast) -> None:
    patched(pair.ada, a_patch(change_failure=True, remediation={"version": "1.4.1", "type": "rollforward"}))

    assert {"id": "repair", "type": "rollforward"} == seen(pair.ada)["remediation"]
    assert 3600.0 == seen(pair.ada)["recovery_time_sec"]
    assert {"deployment_type": "rollforward"} == standing(pair.ada)


@pytest.mark.parametrize("elsewhere", [{"service": "cart"}, {"env": "dev"}])
def test_a_version_is_sought_in_the_same_service_and_environment(
    pair: Cast, elsewhere: dict[str, str]
) -> None:
    pair.robot.post(DEPLOYMENT, a_deployment(id="other", version="9", finished_at=NOON + 1, **elsewhere))

    patched(pair.ada, a_patch(change_failure=True, remediation={"version": "9", "type": "rollback"}))

    assert {"change_failure": True, "remediation": {"type": "rollback"}} == seen(pair.ada)
    assert {} == standing(pair.ada, "other")


def test_what_ran_before_is_not_the_repair_that_is_yet_to_come(pair: Cast) -> None:
    pair.robot.post(DEPLOYMENT, a_deployment(id="before", version="1.3", finished_at=NOON - MINUTE_NS))

    patched(pair.ada, a_patch(change_failure=True, remediation={"version": "1.3", "type": "rollback"}))

    assert {} == standing(pair.ada, "before")
    assert "recovery_time_sec" not in seen(pair.ada)


def test_a_remediation_that_nobody_knows_is_accepted(pair: Cast) -> None:
    patched(pair.ada, a_patch(change_failure=True, remediation={"id": "eG42zNIkVjM", "type": "rollback"}))

    expected = {"change_failure": True, "remediation": {"id": "eG42zNIkVjM", "type": "rollback"}}
    assert expected == seen(pair.ada)


def test_a_remediation_alone_says_that_something_failed(pair: Cast) -> None:
    patched(pair.ada, a_patch(remediation={"id": "repair", "type": "rollback"}))

    assert seen(pair.ada)["change_failure"]


def test_a_remediation_needs_no_type(pair: Cast) -> None:
    patched(pair.ada, a_patch(change_failure=True, remediation={"id": "repair"}))

    assert {"id": "repair"} == seen(pair.ada)["remediation"]
    assert {} == standing(pair.ada)


def test_false_makes_a_deployment_stable_and_takes_the_remediation_back(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    patched(pair.ada, a_patch(change_failure=False))

    assert {"change_failure": False} == seen(pair.ada)
    assert {} == standing(pair.ada)
    assert "broken" in found(pair.ada, "change_failure:false")
    assert [] == found(pair.ada, "deployment_type:rollback")


def test_a_remediation_beside_false_means_nothing(pair: Cast) -> None:
    patched(pair.ada, a_patch(change_failure=False, remediation={"id": "repair", "type": "rollback"}))

    assert {"change_failure": False} == seen(pair.ada)
    assert {} == standing(pair.ada)


@pytest.mark.parametrize("silence", [FAILED, FAILED | {"remediation": {}}])
def test_saying_nothing_about_the_remediation_keeps_it(pair: Cast, silence: dict[str, Any]) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    before = seen(pair.ada)
    patched(pair.ada, a_patch(**silence))

    assert before == seen(pair.ada)
    assert {"deployment_type": "rollback"} == standing(pair.ada)


def test_null_takes_the_remediation_back(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    patched(pair.ada, a_patch(change_failure=True, remediation=None))

    assert {"change_failure": True} == seen(pair.ada)
    assert {} == standing(pair.ada)


def test_another_remediation_gives_the_first_its_standing_back(pair: Cast) -> None:
    pair.robot.post(DEPLOYMENT, a_deployment(id="third", finished_at=NOON + 90 * MINUTE_NS))
    patched(pair.ada, a_patch(**ROLLED_BACK))
    patched(pair.ada, a_patch(change_failure=True, remediation={"id": "third", "type": "rollforward"}))

    assert 5400.0 == seen(pair.ada)["recovery_time_sec"]
    assert {} == standing(pair.ada)
    assert {"deployment_type": "rollforward"} == standing(pair.ada, "third")


@pytest.mark.parametrize(
    "nothing", [{}, {"change_failure": None}, {"remediation": None}, {"remediation": {}}, {"colour": "green"}]
)
def test_a_patch_that_says_nothing_changes_nothing(pair: Cast, nothing: dict[str, Any]) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    before = seen(pair.ada)
    patched(pair.ada, a_patch(**nothing))

    assert before == seen(pair.ada)


def test_a_decision_outlives_the_fact_sent_again(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    pair.robot.post(DEPLOYMENT, a_deployment(id="broken", team="shopping"))

    assert seen(pair.ada)["change_failure"]
    assert "repair" == seen(pair.ada)["remediation"]["id"]


def test_deleting_what_failed_gives_the_repair_its_standing_back(pair: Cast) -> None:
    patched(pair.ada, a_patch(**ROLLED_BACK))
    pair.ada.delete(f"{DEPLOYMENT}/broken")

    assert {} == standing(pair.ada)


def test_a_decision_does_not_outlive_what_it_was_about(pair: Cast) -> None:
    patched(pair.ada, a_patch(**FAILED))
    pair.ada.delete(f"{DEPLOYMENT}/broken")
    pair.robot.post(DEPLOYMENT, a_deployment(id="broken"))

    assert {} == standing(pair.ada, "broken")


def test_a_deployment_cannot_repair_itself(pair: Cast) -> None:
    answer = pair.ada.patch(
        f"{DEPLOYMENTS}/broken",
        a_patch(change_failure=True, remediation={"id": "broken", "type": "rollback"}),
    )

    detail = 'attribute "id" of the remediation names the deployment that it should repair'
    assert (400, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])
    assert {} == standing(pair.ada, "broken")


def test_the_body_may_name_another_id_for_the_path_decides(pair: Cast) -> None:
    patched(pair.ada, a_patch("repair", **FAILED))

    assert {"change_failure": True} == seen(pair.ada)
    assert {} == standing(pair.ada)


def test_the_singular_path_of_the_product_pages_works_as_well(pair: Cast) -> None:
    answer = pair.ada.patch(f"{DEPLOYMENT}/broken", a_patch(**FAILED))

    assert 202 == answer.status_code
    assert {"change_failure": True} == seen(pair.ada)


def test_a_version_names_the_deployment_that_finished_last(pair: Cast) -> None:
    later = a_deployment(id="again", finished_at=NOON + 2 * MINUTE_NS)
    pair.robot.post(DEPLOYMENT, later)
    # Told last, but finished first.
    pair.robot.post(DEPLOYMENT, a_deployment(id="late", finished_at=NOON - MINUTE_NS))

    answer = pair.ada.patch(DEPLOYMENTS, a_patch(**VERSION, **FAILED))

    assert (202, {"data": None}) == (answer.status_code, answer.json())
    assert ["again"] == found(pair.ada, "change_failure:true")


def test_a_version_takes_a_remediation_too(pair: Cast) -> None:
    body = a_patch(**VERSION, change_failure=True, remediation={"version": "1.4.1", "type": "rollback"})

    assert 202 == pair.ada.patch(DEPLOYMENTS, body).status_code
    assert "repair" == seen(pair.ada)["remediation"]["id"]


def test_a_version_that_was_never_deployed_is_not_found(pair: Cast) -> None:
    answer = pair.ada.patch(DEPLOYMENTS, a_patch(**VERSION | {"version": "9"}, **FAILED))

    detail = "no deployment found for service checkout, env prod, and version 9"
    assert (404, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])


NO_KIND = 'attribute "type" must be one of "rollback rollforward"'
NO_TYPE = 'got type "{}" expected one of "dora_deployment_patch_request"'


@pytest.mark.parametrize(
    ("attributes", "detail"),
    [
        ({"remediation": {"id": "repair", "type": "hotfix"}}, NO_KIND),
        ({"remediation": {"id": "repair", "type": ""}}, NO_KIND),
        ({"remediation": {"id": "repair", "type": 5}}, 'attribute "type" must be a string'),
        (
            {"remediation": {"id": "repair", "version": "1", "type": "rollback"}},
            'attributes "remediation.id" and "remediation.version" are mutually exclusive',
        ),
        ({"remediation": "repair"}, 'attribute "remediation" must be an object'),
        (
            {"remediation": {"id": "i" * 129, "type": "rollback"}},
            'attribute "id" is longer than 128 characters',
        ),
        ({"change_failure": "true"}, 'attribute "change_failure" must be true or false'),
        ({"change_failure": 1}, 'attribute "change_failure" must be true or false'),
    ],
)
def test_a_wrong_patch_is_refused_and_changes_nothing(
    pair: Cast, attributes: dict[str, Any], detail: str
) -> None:
    by_id = pair.ada.patch(f"{DEPLOYMENTS}/broken", a_patch(**FAILED | attributes))
    by_version = pair.ada.patch(DEPLOYMENTS, a_patch(**VERSION | FAILED | attributes))

    for answer in (by_id, by_version):
        assert 400 == answer.status_code
        assert [{"status": "400", "title": "Bad Request", "detail": detail}] == answer.json()["errors"]
    assert {} == standing(pair.ada, "broken")


@pytest.mark.parametrize(
    ("attributes", "detail"),
    [
        ({"service": ""}, 'attribute "service" is required'),
        ({"env": None}, 'attribute "env" is required'),
        ({"version": " "}, 'attribute "version" is required'),
        ({"change_failure": None}, 'attribute "change_failure" is required'),
        ({"remediation": {"id": "repair"}}, 'attribute "type" is required'),
        ({"remediation": {"type": "rollback"}}, 'attribute "id" or "version" is required'),
    ],
)
def test_a_patch_by_version_needs_all_of_its_parts(
    pair: Cast, attributes: dict[str, Any], detail: str
) -> None:
    answer = pair.ada.patch(DEPLOYMENTS, a_patch(**VERSION | FAILED | attributes))

    assert (400, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])


@pytest.mark.parametrize("wrong", ["", "dora_deployment"])
def test_the_type_of_a_patch_is_asked_for(pair: Cast, wrong: str) -> None:
    body = a_patch(**VERSION, **FAILED)
    body["data"]["type"] = wrong

    for path in (DEPLOYMENTS, f"{DEPLOYMENTS}/broken"):
        answer = pair.ada.patch(path, body)
        assert (400, NO_TYPE.format(wrong)) == (answer.status_code, answer.json()["errors"][0]["detail"])
