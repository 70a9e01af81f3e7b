"""Flags: lists by version of the API, patches of every kind, how flags stand, and what is refused."""

from typing import Any

import pytest

from fairlead.domain.access import Permission
from tests.casts import Cast, Person
from tests.dialects.launchdarkly.conftest import token_holder

FLAGS = "/api/v2/flags/default"
CHANGES = "/api/fairlead/v1/flags/changes"
EVALUATIONS = "/api/fairlead/v1/flags/evaluations"
DAY_MS = 86_400_000


def create(person: Person, *keys: str, **told: Any) -> None:
    for key in keys:
        answer = person.post(FLAGS, {"key": key, "name": key.upper()} | told)
        assert 201 == answer.status_code, answer.text


def keys(person: Person, query: str = "", **headers: str) -> list[str]:
    answer = person.get(f"{FLAGS}{query}", **headers)
    assert 200 == answer.status_code, answer.text
    return [one["key"] for one in answer.json()["items"]]


@pytest.mark.parametrize("version", ["20240415", "beta", "", "something"])
def test_flags_come_in_pages_of_twenty(lucy: Person, version: str) -> None:
    create(lucy, *(f"flag-{number:02}" for number in range(23)))
    headers = {"LD_API_Version": version} if version else {}

    first = lucy.get(FLAGS, **headers).json()
    rest = lucy.get(first["_links"]["next"]["href"], **headers).json()

    assert (20, 23) == (len(first["items"]), first["totalCount"])
    assert [f"flag-{number:02}" for number in range(20, 23)] == [one["key"] for one in rest["items"]]
    assert {"self", "first", "prev"} == set(rest["_links"])


def test_versions_from_before_pages_get_all_flags_unless_they_ask_for_a_page(lucy: Person) -> None:
    create(lucy, *(f"flag-{number:02}" for number in range(23)))

    told = lucy.get(FLAGS, LD_API_Version="20220603").json()

    assert (23, {"self"}) == (len(told["items"]), set(told["_links"]))
    assert 5 == len(keys(lucy, "?limit=5", LD_API_Version="20220603"))


def test_what_the_scanner_reads_first(lucy: Person) -> None:
    create(lucy, "live", "old")
    lucy.patch(f"{FLAGS}/old", [{"op": "replace", "path": "/archived", "value": True}])

    environments = lucy.get("/api/v2/projects/default/environments?limit=1").json()
    place = environments["items"][0]["key"]

    assert ("production", 2) == (place, environments["totalCount"])
    assert ["live"] == keys(lucy, f"?env={place}&limit=100")
    assert ["old"] == keys(lucy, f"?env={place}&limit=100&filter=state%3Aarchived")
    assert ["old"] == keys(lucy, "?archived=true")
    assert ["production"] == list(lucy.get(f"{FLAGS}?env=production").json()["items"][0]["environments"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter=query:ALPH", ["alpha"]),
        ("filter=tags:beta%2Btest", ["alpha"]),
        ("filter=tags:beta", ["alpha", "gamma"]),
        ("tag=test", ["alpha"]),
        ("filter=type:permanent", ["gamma"]),
        ("filter=query:a,type:temporary", ["alpha", "beta"]),
        ("filter=maintainerId:ada", ["beta"]),
        ("filter=maintainerTeamKey:shop", ["gamma"]),
        ("filter=state:deprecated", ["beta"]),
        ("filter=state:live", ["alpha", "gamma"]),
        ('filter=creationDate:{"before":1600000000000}', []),
        ('filter=creationDate:{"before":4000000000000}', ["alpha", "beta", "gamma"]),
        ("filter=codeReferences.min:1", ["alpha"]),
        ("filter=codeReferences.max:0", ["beta", "gamma"]),
        ('filter=evaluated:{"after":1763632800000},filterEnv:production', ["gamma"]),
        ('filter=evaluated:{"after":1763719200000},filterEnv:production', []),
        ("sort=-key", ["gamma", "beta", "alpha"]),
        ("sort=type", ["gamma", "alpha", "beta"]),
        ("sort=creationDate", ["alpha", "beta", "gamma"]),
        ("sort=-targetingModifiedDate&env=production", ["beta", "gamma", "alpha"]),
    ],
)
def test_flags_are_filtered_and_sorted(lucy: Person, query: str, expected: list[str]) -> None:
    create(lucy, "alpha", tags=["beta", "test"])
    create(lucy, "beta", maintainerId="ada")
    create(lucy, "gamma", temporary=False, tags=["beta"], maintainerTeamKey="shop")
    lucy.patch(f"{FLAGS}/beta", {"deprecated": True, "environments": {"production": {"on": True}}})
    lucy.post("/api/v2/code-refs/repositories", {"name": "r"})
    hunk = {"startingLineNumber": 1, "projKey": "default", "flagKey": "alpha"}
    branch = {"name": "main", "head": "a", "syncTime": 1795221106233}
    branch |= {"references": [{"path": "a", "hunks": [hunk]}]}
    lucy.send("PUT", "/api/v2/code-refs/repositories/r/branches/main", branch)
    evaluation = {"project_key": "default", "environment_key": "production", "flag_key": "gamma"}
    lucy.post(EVALUATIONS, {"evaluations": [evaluation | {"variation": 1, "at": 1763632800000}]})

    assert expected == keys(lucy, f"?{query}")


@pytest.mark.parametrize(
    "change",
    [
        [{"op": "replace", "path": "/environments/production/on", "value": True}],
        {"comment": "go", "patch": [{"op": "replace", "path": "/environments/production/on", "value": True}]},
        {"comment": "go", "merge": {"environments": {"production": {"on": True}}}},
        {"environments": {"production": {"on": True}}},
        {"environmentKey": "production", "instructions": [{"kind": "turnFlagOn"}]},
    ],
)
def test_a_flag_is_switched_by_every_kind_of_patch(lucy: Person, change: Any) -> None:
    create(lucy, "pay")

    answer = lucy.patch(f"{FLAGS}/pay", change)

    assert (200, 2) == (answer.status_code, answer.json()["_version"])
    environments = answer.json()["environments"]
    assert (True, 2) == (environments["production"]["on"], environments["production"]["version"])
    assert (False, 1) == (environments["test"]["on"], environments["test"]["version"])


def test_a_patch_that_changes_nothing_leaves_the_version(lucy: Person) -> None:
    create(lucy, "pay")

    assert 1 == lucy.patch(f"{FLAGS}/pay", {"environments": {"production": {"on": False}}}).json()["_version"]


def test_a_flag_is_archived_restored_and_deleted(lucy: Person) -> None:
    create(lucy, "pay")

    archived = lucy.patch(f"{FLAGS}/pay", {"instructions": [{"kind": "archiveFlag"}]}).json()
    restored = lucy.patch(f"{FLAGS}/pay", {"archived": False}).json()
    deleted = lucy.delete(f"{FLAGS}/pay")

    assert archived["archived"]
    assert isinstance(archived["archivedDate"], int)
    assert (False, False) == (restored["archived"], "archivedDate" in restored)
    assert (204, []) == (deleted.status_code, keys(lucy))
    assert 404 == lucy.get(f"{FLAGS}/pay").status_code
    create(lucy, "pay")


def test_a_flag_with_variations_of_its_own_is_multivariate(lucy: Person) -> None:
    create(lucy, "color", variations=[{"value": "red", "name": "Red"}, {"value": {"a": None}}])

    flag = lucy.get(f"{FLAGS}/color").json()

    assert ("multivariate", {"onVariation": 0, "offVariation": 1}) == (flag["kind"], flag["defaults"])
    assert ["red", {"a": None}] == [one["value"] for one in flag["variations"]]


WRONG: list[tuple[str, str, Any, str]] = [
    ("POST", FLAGS, {"key": "a"}, "name"),
    ("POST", FLAGS, {"key": "a b", "name": "A"}, "key"),
    ("POST", FLAGS, {"key": "a", "name": " "}, "name"),
    ("POST", FLAGS, {"key": "a", "name": "A", "tags": "x"}, "tags"),
    ("POST", FLAGS, {"key": "a", "name": "A", "temporary": 1}, "temporary"),
    ("POST", FLAGS, {"key": "a", "name": "A", "variations": [{"value": 1}]}, "variations"),
    ("POST", FLAGS, {"key": "a", "name": "A", "variations": [{}, {}]}, "value"),
    (
        "POST",
        FLAGS,
        {"key": "a", "name": "A", "defaults": {"onVariation": 9, "offVariation": 0}},
        "onVariation",
    ),
    ("PATCH", f"{FLAGS}/pay", [{"op": "replace", "path": "/key", "value": "b"}], "key"),
    ("PATCH", f"{FLAGS}/pay", [{"op": "replace", "path": "/_version", "value": 9}], "_version"),
    ("PATCH", f"{FLAGS}/pay", {"environments": {"nowhere": {"on": True}}}, "environments"),
    ("PATCH", f"{FLAGS}/pay", {"environments": {"test": {"on": "yes"}}}, "on"),
    ("PATCH", f"{FLAGS}/pay", {"environments": {"test": {"rules": {}}}}, "rules"),
    ("PATCH", f"{FLAGS}/pay", {"instructions": [{"kind": "flyToTheMoon"}]}, "kind"),
    ("PATCH", f"{FLAGS}/pay", {"instructions": [{"kind": "turnFlagOn"}]}, "environmentKey"),
    ("PATCH", f"{FLAGS}/pay", {"instructions": [{"kind": "updateName", "value": 7}]}, "value"),
    ("GET", f"{FLAGS}?limit=0", None, "limit"),
    ("GET", f"{FLAGS}?offset=-1", None, "offset"),
    ("GET", f"{FLAGS}?sort=size", None, "sort"),
    ("GET", f"{FLAGS}?sort=targetingModifiedDate", None, "env"),
    ("GET", f"{FLAGS}?filter=planet:mars", None, "filter"),
    ("GET", f"{FLAGS}?filter=state:gone", None, "filter"),
    ("GET", f"{FLAGS}?filter=evaluated:soon,filterEnv:test", None, "filter"),
    ("GET", f"{FLAGS}?archived=perhaps", None, "archived"),
    ("POST", "/api/v2/projects", {"key": "p"}, "name"),
    ("POST", "/api/v2/projects", {"key": "p/q", "name": "P"}, "key"),
    ("POST", "/api/v2/projects", {"key": "p", "name": "P", "environments": [{"key": "e"}]}, "name"),
    ("PATCH", "/api/v2/projects/default", {"key": "other"}, "key"),
    ("DELETE", "/api/v2/projects/default", None, "default"),
    ("POST", "/api/v2/projects/default/environments", {"key": "e", "name": "E", "color": "red"}, "color"),
    ("GET", "/api/v2/projects?limit=x", None, "limit"),
    ("POST", "/api/v2/flag-links/projects/default/flags/pay", {"metadata": {"a": 1}}, "metadata"),
    ("POST", "/api/v2/flag-links/projects/default/flags/pay", {"timestamp": "soon"}, "timestamp"),
]


@pytest.mark.parametrize(("method", "path", "body", "named"), WRONG)
def test_what_is_wrong_is_refused_by_name(
    lucy: Person, method: str, path: str, body: Any, named: str
) -> None:
    create(lucy, "pay")

    refused = lucy.send(method, path, body)

    assert (400, "invalid_request") == (refused.status_code, refused.json()["code"]), refused.text
    assert named in refused.json()["message"]
    assert ["pay"] == keys(lucy)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v2/flags/nowhere"),
        ("GET", "/api/v2/projects/nowhere/environments"),
        ("GET", f"{FLAGS}?env=nowhere"),
        ("GET", f"{FLAGS}/nothing"),
        ("GET", "/api/v2/flag-statuses/default/nowhere"),
        ("GET", "/api/v2/flag-statuses/default/test/nothing"),
        ("GET", "/api/v2/flag-links/projects/default/flags/nothing"),
        ("DELETE", "/api/v2/projects/default/environments/nowhere"),
    ],
)
def test_what_is_not_there_is_not_found(lucy: Person, method: str, path: str) -> None:
    assert (404, "not_found") == ((answer := lucy.send(method, path)).status_code, answer.json()["code"])


def test_whoever_is_taken_cannot_be_created_again(lucy: Person) -> None:
    create(lucy, "pay")

    assert 409 == lucy.post(FLAGS, {"key": "pay", "name": "Pay"}).status_code
    assert 409 == lucy.post("/api/v2/projects", {"key": "default", "name": "D"}).status_code
    environment = {"key": "test", "name": "T", "color": "000000"}
    assert 409 == lucy.post("/api/v2/projects/default/environments", environment).status_code


def test_a_scanner_s_token_reads_flags_and_sends_links_but_changes_no_flag(cast: Cast, lucy: Person) -> None:
    create(lucy, "pay")
    scanner = token_holder(cast, Permission.CODE_REFS_WRITE)
    link = {"key": "k", "deepLink": "https://github.com/o/r/pull/1"}

    assert ["pay"] == keys(scanner)
    assert 201 == scanner.post("/api/v2/flag-links/projects/default/flags/pay", link).status_code
    assert 409 == scanner.post("/api/v2/flag-links/projects/default/flags/pay", link).status_code
    assert 403 == scanner.post(FLAGS, {"key": "b", "name": "B"}).status_code


def test_nobody_sees_the_flags_of_another_organisation(cast: Cast, lucy: Person) -> None:
    create(lucy, "pay")
    lucy.post("/api/v2/projects", {"key": "secret", "name": "Secret"})

    assert 401 == cast.zoe.get(FLAGS).status_code
    assert 404 == cast.zoe.get("/api/fairlead/v1/flags?project_key=secret&environment_key=test").status_code
    assert [] == cast.zoe.get("/api/fairlead/v1/flags?environment_key=test").json()["flags"]


def a_change(type_: str, at: str, **told: Any) -> dict[str, Any]:
    where = {"project_key": "default", "flag_key": "pay"}
    return where | {"type": type_, "at": at} | told


def test_told_changes_and_evaluations_make_a_flag_stand_as_it_is_defined(lucy: Person) -> None:
    changes = [
        a_change("created_flag", "2025-01-10T12:00:00Z", name="Pay"),
        a_change("enabled_targeting", "2025-01-11T12:00:00Z", environment_key="production"),
    ]
    for _ in range(2):
        assert 200 == lucy.post(CHANGES, {"changes": changes}).status_code

    [one] = lucy.get("/api/fairlead/v1/flags?environment_key=production").json()["flags"]

    assert ("pay", "Pay", "inactive", True) == (one["key"], one["name"], one["status"], one["is_stale"])
    assert ("2025-01-10T12:00:00Z", "2025-01-10T12:00:00Z", None) == (
        one["created_at"],
        one["quiet_since"],
        one["last_evaluated_at"],
    )
    assert one["age_s"] > 365 * 86_400
    statuses = lucy.get("/api/v2/flag-statuses/default/production").json()["items"]
    assert [("inactive", True)] == [(status["name"], status["isStale"]) for status in statuses]
    assert lucy.get(f"{FLAGS}/pay").json()["environments"]["production"]["on"]


def test_a_flag_that_is_evaluated_now_is_launched_or_active(lucy: Person) -> None:
    told = [
        a_change("created_flag", "2025-01-10T12:00:00Z"),
        a_change("enabled_targeting", "2025-01-11T12:00:00Z", environment_key="production"),
    ]
    lucy.post(CHANGES, {"changes": told})
    evaluation = {"project_key": "default", "environment_key": "production", "flag_key": "pay"}
    now = lucy.post("/api/v2/flags/default", {"key": "clock", "name": "Clock"}).json()["creationDate"]

    def status_after(variation: Any, at: int) -> str:
        told = [evaluation | {"variation": variation, "at": at, "count": 3}]
        assert 200 == lucy.post(EVALUATIONS, {"evaluations": told}).status_code
        path = "/api/v2/flag-statuses/default/production/pay"
        return str(lucy.get(path).json()["name"])

    assert "launched" == status_after(True, now - DAY_MS)
    assert "active" == status_after(False, now - 2 * DAY_MS)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (CHANGES, {"changes": [a_change("flew", "2025-01-10T12:00:00Z")]}, "changes[0].type"),
        (CHANGES, {"changes": [a_change("created_flag", "soon")]}, "at"),
        (CHANGES, {"changes": [a_change("created_flag", "1970-01-01T00:00:00Z")]}, "at"),
        (CHANGES, {"changes": [a_change("created_flag", "2025-01-10", environment_key="x")]}, "at"),
        (CHANGES, {"changes": [a_change("updated_rules", "2025-01-10T12:00:00Z")]}, "environment_key"),
        (CHANGES, {"changes": [a_change("created_flag", "2025-01-10T12:00:00Z", flag_key="")]}, "flag_key"),
        (EVALUATIONS, {"evaluations": [{}]}, "evaluations[0].project_key"),
        (EVALUATIONS, {}, "evaluations"),
    ],
)
def test_what_is_wrong_about_a_told_change_is_named(lucy: Person, path: str, body: Any, field: str) -> None:
    refused = lucy.post(path, body)

    assert (400, field) == (refused.status_code, refused.json()["error"]["field"]), refused.text
    assert [] == keys(lucy)
