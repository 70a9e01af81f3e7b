"""Applications: there because they were deployed, in whichever vocabulary; and what people decide of them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.dialects.launchdarkly.python_client import ld

APPLICATIONS = "/api/v2/applications"


def deploy(cast: Cast, service: str, repository: str = "https://github.com/o/shop", **told: Any) -> None:
    """Have a deployment told of in Datadog's words, which ends just now."""
    now = time.time_ns()
    attributes = {
        "service": service,
        "env": "prod",
        "started_at": now - 1_000_000_000,
        "finished_at": now,
        "git": {"repository_url": repository, "commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588"},
    }
    sent = cast.robot.post("/api/v2/dora/deployment", {"data": {"attributes": attributes | told}})
    assert 200 == sent.status_code, sent.text


def announce(lucy: Person, key: str, **told: Any) -> None:
    """Have a deployment begin in LaunchDarkly's words."""
    event = {
        "projectKey": "default",
        "environmentKey": "production",
        "applicationKey": key,
        "version": "a90a8a2",
        "eventType": "started",
    }
    sent = lucy.post("/api/v2/engineering-insights/deployment-events", event | told)
    assert 201 == sent.status_code, sent.text


def keys(lucy: Person, query: str = "") -> list[str]:
    answer = lucy.get(f"{APPLICATIONS}{query}")
    assert 200 == answer.status_code, answer.text
    return [one["key"] for one in answer.json()["items"]]


@pytest.fixture
def shop(cast: Cast, lucy: Person) -> Person:
    """Lucy, whose organisation has a service and two applications."""
    deploy(cast, "checkout")
    announce(lucy, "app", applicationName="The App", applicationKind="mobile")
    announce(lucy, "web", applicationName="Website", applicationKind="browser")
    return lucy


def test_whatever_is_deployed_is_an_application(shop: Person) -> None:
    items = {one["key"]: one for one in shop.get(APPLICATIONS).json()["items"]}

    assert ["app", "checkout", "web"] == list(items)
    assert ("The App", "mobile", 1) == tuple(items["app"][name] for name in ("name", "kind", "_version"))
    assert ("checkout", "server", False) == (
        items["checkout"]["name"],
        items["checkout"]["kind"],
        "creationDate" in items["checkout"],
    )
    assert isinstance(items["web"]["creationDate"], int)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?limit=1&offset=1", ["checkout"]),
        ("?sort=-name", ["web", "app", "checkout"]),
        ('?filter=kind equals "server"', ["checkout"]),
        ('?filter=kind anyOf ["mobile","browser"],name startsWith "the"', ["app"]),
        ('?filter=key notEquals "web"', ["app", "checkout"]),
        ('?filter=name contains "site"', ["web"]),
        ("?filter=autoAdded equals false", []),
    ],
)
def test_applications_are_filtered_sorted_and_paged(shop: Person, query: str, expected: list[str]) -> None:
    assert expected == keys(shop, query)


def test_an_application_has_the_flags_that_its_code_names(shop: Person) -> None:
    shop.post("/api/v2/flags/default", {"key": "pay", "name": "Pay"})
    repositories = "/api/v2/code-refs/repositories"
    for name, link in (("shop", "https://github.com/o/shop"), ("other", "https://github.com/o/other")):
        shop.post(repositories, {"name": name, "sourceLink": link})
        hunks = [
            {"startingLineNumber": 1, "projKey": "default", "flagKey": flag} for flag in ("pay", f"of-{name}")
        ]
        branch = {"name": "main", "head": "a", "syncTime": 1795221106233}
        branch |= {"references": [{"path": "a", "hunks": hunks}]}
        shop.send("PUT", f"{repositories}/{name}/branches/main", branch)

    flags = shop.get(f"{APPLICATIONS}/checkout?expand=flags").json()["flags"]

    assert [("of-shop", "of-shop"), ("pay", "Pay")] == [(one["key"], one["name"]) for one in flags["items"]]
    assert 0 == shop.get(f"{APPLICATIONS}/app?expand=flags").json()["flags"]["totalCount"]


def test_what_people_decide_stands_and_deployments_do_not_change_it(shop: Person, cast: Cast) -> None:
    change = [
        {"op": "replace", "path": "/description", "value": "Takes money"},
        {"op": "replace", "path": "/kind", "value": "browser"},
    ]

    changed = shop.patch(f"{APPLICATIONS}/checkout", change).json()
    deploy(cast, "checkout")

    assert ("Takes money", "browser", 2) == tuple(
        changed[name] for name in ("description", "kind", "_version")
    )
    assert changed == shop.get(f"{APPLICATIONS}/checkout").json()


def test_a_deleted_application_is_hidden_until_it_is_deployed_again(shop: Person, cast: Cast) -> None:
    assert 204 == shop.delete(f"{APPLICATIONS}/checkout").status_code

    assert ["app", "web"] == keys(shop)
    assert 404 == shop.get(f"{APPLICATIONS}/checkout").status_code
    deploy(cast, "checkout")
    assert ["app", "checkout", "web"] == keys(shop)


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("GET", f"{APPLICATIONS}?sort=size", None, "sort"),
        ("GET", f"{APPLICATIONS}?filter=kind is server", None, "filter"),
        ("GET", f"{APPLICATIONS}?filter=kind anyOf [", None, "filter"),
        ("GET", f"{APPLICATIONS}?limit=0", None, "limit"),
        ("GET", f"{APPLICATIONS}?expand=everything", None, "expand"),
        ("PATCH", f"{APPLICATIONS}/app", {"kind": "toaster"}, "kind"),
        ("PATCH", f"{APPLICATIONS}/app", {"name": ""}, "name"),
        ("PATCH", f"{APPLICATIONS}/app", {"key": "b"}, "key"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    shop: Person, method: str, path: str, body: Any, named: str
) -> None:
    refused = shop.send(method, path, body)

    assert (400, "invalid_request") == (refused.status_code, refused.json()["code"]), refused.text
    assert named in refused.json()["message"]


def test_the_official_client_reads_them(shop: Person, record_property: Any) -> None:
    configuration = ld.Configuration(host=str(shop.http.base_url).rstrip("/"))
    configuration.api_key["ApiKey"] = shop.headers["Authorization"]
    api = ld.ApplicationsBetaApi(ld.ApiClient(configuration))
    rename = [ld.PatchOperation(op="replace", path="/name", value="Renamed")]

    listed = api.get_applications(limit=5, sort="name", expand="flags")
    one = api.get_application("app", expand="flags")
    patched = api.patch_application("app", rename)
    api.delete_application("app")

    for name, parsed in (
        ("get_applications", listed),
        ("get_application", one),
        ("patch_application", patched),
    ):
        record_property("operation", (f"launchdarkly-api {name}", type(parsed).__name__))
    record_property("operation", ("launchdarkly-api delete_application", "NoneType"))
    assert (3, "The App", "Renamed") == (listed.total_count, one.name, patched.name)
    with pytest.raises(ld.exceptions.NotFoundException):
        api.get_application("app")
