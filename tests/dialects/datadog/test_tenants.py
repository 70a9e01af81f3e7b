"""The wall between two organisations, tried at every endpoint with every id, filter and sort."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.datadog_requests import (
    ACTIVITY,
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    MINUTE_NS,
    NOON,
    a_deployment,
    a_failure,
    a_list,
    a_patch,
    an_activity,
)

SORTS = ("finished_at", "started_at", "service", "env", "team", "version")
FAILURE_SORTS = ("started_at", "finished_at", "severity", "env", "team", "version", "name")
QUERIES = (
    "",
    "*",
    "*:*",
    "secret",
    "service:secret-*",
    "env:secret-*",
    "team:secret-*",
    "version:secret-*",
    "severity:secret-*",
    "owner:secret-tag",
    "tags:*",
    "git.repository_id:*secret*",
    "change_failure:true",
    "deployment_type:rollback",
    "remediation.id:*",
    "recovery_time_sec:>0",
    "duration:>0",
    "-service:nothing",
    "NOT nothing",
    "service:nothing OR -service:nothing",
    "_exists_:service",
    "_missing_:nobody_knows_me",
    "org_id:*",
    "finished_at:>2000-01-01",
)
SECRETS = {
    "service": "secret-service",
    "env": "secret-env",
    "team": "secret-team",
    "version": "secret-1",
    "custom_tags": ["owner:secret-tag"],
    "git": {"repository_url": "https://github.com/secret/repository", "commit_sha": "a" * 40},
}


@pytest.fixture
def zoes(cast: Cast) -> Cast:
    """Zoe's organisation is full of secrets, and Ada's has one deployment and one failure."""
    secret_failure = {name: value for name, value in SECRETS.items() if name != "service"}
    repair = a_deployment(id="z-2", **SECRETS | {"finished_at": NOON + 60 * MINUTE_NS, "version": "secret-0"})
    for path, request in (
        (DEPLOYMENT, a_deployment(id="z-1", **SECRETS)),
        (DEPLOYMENT, repair),
        (DEPLOYMENT, a_deployment(**SECRETS, finished_at=NOON + 1)),
        (FAILURE, a_failure(id="z-3", **secret_failure, services=["secret-service"], severity="secret-1")),
        (FAILURE, a_failure(**secret_failure, services=["secret-other"], name="secret name")),
        (ACTIVITY, {"data": [an_activity(user_email="secret@example.com")]}),
    ):
        assert 200 == cast.zoe.post(path, request).status_code
    failed = a_patch(change_failure=True, remediation={"id": "z-2", "type": "rollback"})
    assert 202 == cast.zoe.patch(f"{DEPLOYMENTS}/z-1", failed).status_code
    cast.ada.post(DEPLOYMENT, a_deployment(id="a-1"))
    cast.ada.post(FAILURE, a_failure(id="a-2"))
    return cast


def everything(person: Person) -> list[Any]:
    """Return all that somebody's organisation holds."""
    return [
        person.post(path, a_list(kind, limit=1000)).json()["data"]
        for path, kind in ((DEPLOYMENTS, "deployments"), (FAILURES, "failures"))
    ]


def test_no_search_reaches_across(zoes: Cast) -> None:
    for path, kind in ((DEPLOYMENTS, "deployments"), (FAILURES, "failures")):
        for query in QUERIES:
            answer = zoes.ada.post(path, a_list(kind, query=query, limit=1000))

            assert "secret" not in answer.text, query
            ids = {one["id"] for one in answer.json().get("data", [])}
            assert ids <= {"a-1", "a-2"}, query


def test_no_order_reaches_across(zoes: Cast) -> None:
    for path, kind, sorts in ((DEPLOYMENTS, "deployments", SORTS), (FAILURES, "failures", FAILURE_SORTS)):
        for sort in (sign + field for field in sorts for sign in ("", "-")):
            answer = zoes.ada.post(
                path, a_list(kind, sort=sort, since="2000-01-01T00:00:00Z", to="2099-01-01T00:00:00Z")
            )

            assert 1 == len(answer.json()["data"]), sort
            assert "secret" not in answer.text, sort


def test_no_id_reaches_across(zoes: Cast) -> None:
    before = everything(zoes.zoe)
    ids = [one["id"] for kind in before for one in kind]
    failed = a_patch(change_failure=False)

    statuses = {
        answer.status_code
        for id in ids
        for answer in (
            zoes.ada.get(f"{DEPLOYMENTS}/{id}"),
            zoes.ada.get(f"{FAILURES}/{id}"),
            zoes.ada.patch(f"{DEPLOYMENTS}/{id}", failed),
            zoes.ada.patch(f"{DEPLOYMENTS}/{id}", a_patch()),
            zoes.ada.delete(f"{DEPLOYMENT}/{id}"),
            zoes.ada.delete(f"{FAILURE}/{id}"),
        )
    }

    assert {404} == statuses
    assert before == everything(zoes.zoe)


def test_no_version_reaches_across(zoes: Cast) -> None:
    before = everything(zoes.zoe)
    named = {name: SECRETS[name] for name in ("service", "env", "version")}

    assert 404 == zoes.ada.patch(DEPLOYMENTS, a_patch(**named, change_failure=False)).status_code
    assert before == everything(zoes.zoe)


@pytest.mark.parametrize("remediation", [{"id": "z-2"}, {"version": "secret-0"}])
def test_no_remediation_reaches_across(zoes: Cast, remediation: dict[str, str]) -> None:
    before = everything(zoes.zoe)
    mine = {name: SECRETS[name] for name in ("service", "env")}
    zoes.ada.post(DEPLOYMENT, a_deployment(id="a-1", **mine))

    zoes.ada.patch(
        f"{DEPLOYMENTS}/a-1", a_patch(change_failure=True, remediation={"type": "rollforward"} | remediation)
    )

    seen = zoes.ada.get(f"{DEPLOYMENTS}/a-1").json()["data"]["attributes"]
    assert "recovery_time_sec" not in seen
    assert before == everything(zoes.zoe)


def test_the_same_id_in_two_organisations_is_two_things(zoes: Cast) -> None:
    before = everything(zoes.zoe)
    zoes.ada.post(DEPLOYMENT, a_deployment(id="z-1", version="mine"))
    zoes.ada.post(FAILURE, a_failure(id="z-3", name="mine"))

    assert "mine" == zoes.ada.get(f"{DEPLOYMENTS}/z-1").json()["data"]["attributes"]["version"]
    assert "mine" == zoes.ada.get(f"{FAILURES}/z-3").json()["data"]["attributes"]["name"]
    assert before == everything(zoes.zoe)

    assert 202 == zoes.ada.delete(f"{DEPLOYMENT}/z-1").status_code
    assert 202 == zoes.ada.delete(f"{FAILURE}/z-3").status_code
    assert before == everything(zoes.zoe)


def test_the_same_content_in_two_organisations_is_two_deployments(cast: Cast) -> None:
    ids = {person.post(DEPLOYMENT, a_deployment()).json()["data"]["id"] for person in (cast.ada, cast.zoe)}

    assert 2 == len(ids)


def test_the_parts_of_a_failure_are_not_put_together_across(cast: Cast) -> None:
    cast.ada.post(FAILURE, a_failure(finished_at=None))
    cast.zoe.post(FAILURE, a_failure())

    (mine,) = everything(cast.ada)[1]

    assert "finished_at" not in mine["attributes"]


def test_an_activity_report_is_kept_where_it_was_sent(zoes: Cast) -> None:
    from sqlalchemy import select  # noqa: PLC0415 — nothing can be asked about these over HTTP yet.

    from fairlead.store.tables import tool_uses  # noqa: PLC0415 — as above.

    def emails(transaction: Any, org_id: int) -> list[str]:
        wanted = select(tool_uses.c.user_email).where(tool_uses.c.org_id == org_id)
        return list(transaction.execute(wanted).scalars())

    assert ["secret@example.com"] == zoes.ledger.read(emails, zoes.zoe.org_id)
    assert [] == zoes.ledger.read(emails, zoes.ada.org_id)
