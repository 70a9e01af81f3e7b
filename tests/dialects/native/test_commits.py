from typing import Any

import httpx
import pytest

from fairlead.domain.changes import FARTHEST_AT, Commit, Person, RepositoryId, Sha
from fairlead.domain.instants import from_rfc3339
from fairlead.store import commits
from tests.casts import Cast

COMMITS = "/api/fairlead/v1/repositories/github.com%2Fshopist%2Fcheckout/commits"
REPOSITORY = RepositoryId("github.com/shopist/checkout")
SHA, PARENT = Sha("a" * 40), Sha("b" * 40)


def a_commit(**changes: Any) -> dict[str, Any]:
    """Return a commit as it is told; None leaves a field out."""
    fields: dict[str, Any] = {
        "sha": SHA,
        "parents": [PARENT],
        "authored_at": "2025-03-12T12:00:00+01:00",
        "author": {"name": "Ada", "email": "ada@example.com"},
        "committed_at": 1_741_780_800_123,
        "committer": {"name": "Ben", "email": "ben@example.com"},
        "subject": "Fix the\ncart\n\nIt was empty.",
        "paths": ["src/cart.py", "src/cart.py", "docs/cart.md"],
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


def told(cast: Cast, *ones: dict[str, Any], path: str = COMMITS) -> httpx.Response:
    """Tell of commits."""
    return cast.robot.post(path, {"commits": list(ones)})


def recorded(cast: Cast, *shas: Sha) -> dict[Sha, Commit]:
    """Return which commits are in the database."""
    return cast.ledger.read(commits.fetch, cast.ada.org_id, REPOSITORY, shas)


def test_a_commit_is_recorded_as_it_was_told(cast: Cast) -> None:
    answer = told(cast, a_commit())

    assert (200, {"received": 1, "recorded": 1}) == (answer.status_code, answer.json())
    expected = Commit(
        sha=SHA,
        parents=(PARENT,),
        author=Person("Ada", "ada@example.com"),
        authored_at=from_rfc3339("2025-03-12T11:00:00Z"),
        committer=Person("Ben", "ben@example.com"),
        committed_at=1_741_780_800_123_000_000,
        subject="Fix the cart",
        paths=("src/cart.py", "docs/cart.md"),
    )
    assert {SHA: expected} == recorded(cast, SHA)


def test_what_is_left_out_has_a_meaning(cast: Cast) -> None:
    told(cast, a_commit(committed_at=None, committer=None, subject=None, paths=None))

    commit = recorded(cast, SHA)[SHA]

    assert (commit.authored_at, commit.author) == (commit.committed_at, commit.committer)
    assert ("", None) == (commit.subject, commit.paths)


def test_the_same_commits_again_change_nothing(cast: Cast) -> None:
    told(cast, a_commit())

    assert {"received": 1, "recorded": 0} == told(cast, a_commit(subject="Another")).json()
    assert "Fix the cart" == recorded(cast, SHA)[SHA].subject


def test_slashes_in_the_id_may_stand_as_they_are(cast: Cast) -> None:
    told(cast, a_commit(), path="/api/fairlead/v1/repositories/github.com/shopist/checkout/commits")

    assert [SHA] == list(recorded(cast, SHA))


def test_any_clocks_time_is_kept(cast: Cast) -> None:
    told(cast, a_commit(authored_at="9999-12-31T23:59:59Z", committed_at="1969-07-20T20:17:40Z"))

    commit = recorded(cast, SHA)[SHA]

    assert (FARTHEST_AT, from_rfc3339("1969-07-20T20:17:40Z")) == (commit.authored_at, commit.committed_at)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sha": "main"}, "sha"),
        ({"sha": None}, "sha"),
        ({"parents": ["HEAD~1"]}, "parents"),
        ({"parents": None}, "parents"),
        ({"parents": [SHA]}, "parents"),
        ({"authored_at": "yesterday"}, "authored_at"),
        ({"authored_at": None}, "authored_at"),
        ({"committed_at": 1.5}, "committed_at"),
        ({"author": {"name": "n" * 1001}}, "author.name"),
        ({"author": {"name": "\0"}}, "author.name"),
        ({"paths": ["p" * 5000]}, "paths"),
    ],
)
def test_a_commit_that_cannot_be_kept_is_refused_by_its_field(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    answer = told(cast, a_commit() | changes if None not in changes.values() else a_commit(**changes))

    assert (400, "rejected") == (answer.status_code, answer.json()["error"]["code"])
    assert f'"{field}"' in answer.json()["error"]["detail"]
    assert {} == recorded(cast, SHA)


def test_one_bad_commit_refuses_its_whole_request(cast: Cast) -> None:
    told(cast, a_commit(), a_commit(sha="main"))

    assert {} == recorded(cast, SHA)


def test_a_thousand_commits_are_taken_and_no_more(cast: Cast) -> None:
    shas = [Sha(f"{number:040x}") for number in range(1001)]
    many = [a_commit(sha=sha, parents=list(shas[place - 1 : place])) for place, sha in enumerate(shas)]

    assert [400, 200] == [told(cast, *many).status_code, told(cast, *many[1:]).status_code]
    assert 1000 == len(recorded(cast, *shas))


def test_commits_that_go_round_in_a_circle_are_refused(cast: Cast) -> None:
    answer = told(cast, a_commit(), a_commit(sha=PARENT, parents=[SHA]))

    assert (400, {}) == (answer.status_code, recorded(cast, SHA, PARENT))


def test_whoever_may_write_may_tell_of_commits_and_nobody_else(cast: Cast) -> None:
    told_by = {
        name: getattr(cast, name).post(COMMITS, {"commits": []}).status_code
        for name in ("ada", "robot", "cleo", "tom", "eve", "nobody")
    }

    assert {"ada": 200, "robot": 200, "cleo": 200, "tom": 200, "eve": 401, "nobody": 401} == told_by


def test_a_bare_token_is_as_good_as_a_bearer(cast: Cast) -> None:
    bare = cast.tom.headers["Authorization"].removeprefix("Bearer ")

    assert 200 == cast.nobody.post(COMMITS, {"commits": []}, Authorization=bare).status_code


def test_what_one_organisation_told_the_other_does_not_have(cast: Cast) -> None:
    told(cast, a_commit())

    assert {} == cast.ledger.read(commits.fetch, cast.zoe.org_id, REPOSITORY, [SHA])


@pytest.mark.parametrize(
    "path", ["github.com%2Fshopist%2Fcheckout", "github.com%2Fshopist%2Fcheckout/branches"]
)
def test_there_is_nothing_else_in_a_repository(cast: Cast, path: str) -> None:
    assert 404 == told(cast, path=f"/api/fairlead/v1/repositories/{path}").status_code


def test_a_name_that_is_no_repository_is_refused(cast: Cast) -> None:
    assert 400 == told(cast, path="/api/fairlead/v1/repositories/checkout/commits").status_code


def test_the_document_of_the_api_tells_how(cast: Cast) -> None:
    document = cast.nobody.get("/api/fairlead/v1/openapi.json").json()

    told_of = document["paths"]["/api/fairlead/v1/repositories/{id}/commits"]["post"]
    assert ["id"] == [parameter["name"] for parameter in told_of["parameters"]]
    assert "CommitsTold" in document["components"]["schemas"]
