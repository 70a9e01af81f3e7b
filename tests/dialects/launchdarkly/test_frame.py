"""What every operation has in common: tokens, refusals, routing, other origins, rate limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.domain.access import Permission
from fairlead.store.ledger import Ledger
from tests.casts import Cast, Person, a_cast
from tests.dialects.launchdarkly.conftest import token_holder
from tests.servers import served

IDENTITY = "/api/v2/caller-identity"


def test_a_token_is_taken_bare_and_behind_bearer(lucy: Person) -> None:
    token = lucy.headers["Authorization"]

    for value in (token, f"Bearer {token}", f"bearer {token}"):
        assert 200 == lucy.http.get(IDENTITY, headers={"Authorization": value}).status_code, value


@pytest.mark.parametrize("version", ["", "20160426", "20220603", "20240415", "beta", "nonsense"])
def test_any_version_of_the_api_is_taken(lucy: Person, version: str) -> None:
    assert 200 == lucy.get(IDENTITY, LD_API_Version=version).status_code


def test_nothing_but_an_access_token_opens_it(cast: Cast, lucy: Person) -> None:
    api_key = cast.ada.headers["DD-API-KEY"]
    app_key = cast.ada.headers["DD-APPLICATION-KEY"]

    for value in ("", api_key, app_key, f"Bearer {app_key}", lucy.headers["Authorization"][:-1] + "!"):
        answer = lucy.http.get(IDENTITY, headers={"Authorization": value} if value else {})
        assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])
    assert 401 == cast.ada.get(IDENTITY).status_code


def test_a_token_says_what_it_may_do(cast: Cast) -> None:
    reader = token_holder(cast, Permission.INSIGHTS_READ)

    assert ["insights_read"] == reader.get(IDENTITY).json()["scopes"]


@pytest.mark.parametrize(
    "path", ["/api/v2/engineering-insights/nothing", "/api/v2/flags", "/api/v2/code-refs/x"]
)
def test_what_is_not_there_is_refused_in_this_dialect(lucy: Person, path: str) -> None:
    answer = lucy.get(path)

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


def test_a_method_that_is_not_there_is_refused_in_this_dialect(lucy: Person) -> None:
    answer = lucy.delete(IDENTITY)

    assert (405, "method_not_allowed") == (answer.status_code, answer.json()["code"])


def test_a_post_may_carry_another_method(lucy: Person) -> None:
    tunnelled = lucy.post(IDENTITY, {}, X_HTTP_Method_Override="patch")

    assert (405, "PATCH" in tunnelled.json()["message"]) == (tunnelled.status_code, True)
    assert "GET" not in lucy.post(IDENTITY, {}, X_HTTP_Method_Override="GET").json()["message"]


def test_pages_of_any_origin_may_call(lucy: Person) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PATCH"}
    preflight = lucy.http.request("OPTIONS", IDENTITY, headers=asked)
    answer = lucy.get(IDENTITY, Origin="https://a.example")

    assert (204, "https://a.example", "300") == (
        preflight.status_code,
        preflight.headers["access-control-allow-origin"],
        preflight.headers["access-control-max-age"],
    )
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "https://a.example" == answer.headers["access-control-allow-origin"]
    assert "*" == lucy.get(IDENTITY).headers["access-control-allow-origin"]
    assert "*" == lucy.http.get(IDENTITY).headers["access-control-allow-origin"]


def test_other_dialects_have_no_open_door(cast: Cast) -> None:
    assert "access-control-allow-origin" not in cast.ada.get("/api/v1/validate").headers


@pytest.fixture
def limited(database: str, ledger: Ledger, tmp_path: Path) -> Iterator[Cast]:
    """A cast whose keys have two requests a day."""
    with served(database, data_dir=str(tmp_path), rate_limit="2/day") as running:
        yield a_cast(running.http, ledger)


def test_a_limit_resets_at_a_millisecond_of_the_epoch(limited: Cast) -> None:
    lucy = token_holder(limited)
    answers = [lucy.get(IDENTITY) for _ in range(3)]

    assert [200, 200, 429] == [answer.status_code for answer in answers]
    assert "rate_limited" == answers[-1].json()["code"]
    assert ["1", "0", "0"] == [answer.headers["x-ratelimit-auth-token-remaining"] for answer in answers]
    resets = {answer.headers["x-ratelimit-reset"] for answer in answers}
    assert 13 == len(resets.pop())
    assert not resets
