"""Pull requests of a project: lists, order, what became of each; and repositories with their projects."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead.domain.changes import PullRequestState
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.casts import Cast, Person
from tests.dialects.launchdarkly.test_contents import (
    HOUR,
    NOW,
    REPOSITORY,
    SHAS,
    hours_ago,
    latest,
    tell_history,
    told_by_events,
)
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS
from tests.factories import a_report

PULLS = "/api/v2/engineering-insights/pull-requests"
REPOSITORIES = "/api/v2/engineering-insights/repositories"


def asked(person: Person, **query: Any) -> Any:
    """Return a page of pull requests."""
    answer = person.http.get(PULLS, params={"projectKey": "default", **query}, headers=person.headers)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def numbers(person: Person, **query: Any) -> list[str]:
    """Return the numbers of the pull requests that a list shows."""
    return [one["externalId"] for one in asked(person, **query)["items"]]


def tell_others(cast: Cast) -> None:
    """Tell of an open pull request and of one that was closed, in the same repository."""
    told = {"org_id": cast.ada.org_id, "repository_id": REPOSITORY}
    for number, state, hours in ((43, PullRequestState.OPEN, 4), (44, PullRequestState.CLOSED, 6)):
        report = a_report(
            **told,
            number=number,
            state=state,
            opened_at=hours_ago(hours),
            updated_at=hours_ago(hours),
            title=f"Try 100% of {number}_",
            author="Ben",
        )
        cast.ledger.write(record_pull_requests, report)


def test_pull_requests_are_listed_filtered_and_paged(cast: Cast, lucy: Person) -> None:
    tell_history(cast)
    tell_others(cast)
    told_by_events(cast, lucy)
    latest(lucy)

    assert ["43", "44", "42"] == numbers(lucy)
    assert [["43"], ["44"], ["42"]] == [
        numbers(lucy, status=status) for status in ("open", "closed", "merged")
    ]
    assert ["42"] == numbers(lucy, status="deployed", environmentKey="production")
    assert [] == numbers(lucy, status="deployed", environmentKey="test")
    assert [["42"], []] == [numbers(lucy, applicationKey=key) for key in ("billing-service,x", "web")]
    assert [["42"], ["43", "44"], ["43"], []] == [
        numbers(lucy, query=text) for text in ("PAYMENT", "ben", "43_", "4%3")
    ]
    assert ["44"] == numbers(lucy, **{"from": NOW_MS - 7 * HOUR_MS, "to": f"{_iso(NOW - 5 * HOUR)}+0000"})
    first = asked(lucy, limit=2)
    second = lucy.get(first["_links"]["next"]["href"]).json()
    back = lucy.get(second["_links"]["prev"]["href"]).json()
    assert [3, 3] == [first["totalCount"], second["totalCount"]]
    assert (["42"], first["items"]) == ([one["externalId"] for one in second["items"]], back["items"])
    assert ("next" in second["_links"], "prev" in first["_links"]) == (False, False)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1e9, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def test_a_pull_request_shows_what_became_of_it(cast: Cast, lucy: Person) -> None:
    tell_history(cast)
    tell_others(cast)
    told_by_events(cast, lucy)
    deployed = latest(lucy)
    query = {"environmentKey": "production", "expand": "deployments,flagReferences,leadTime"}

    found = asked(lucy, sort="-leadTime", **query)["items"]

    assert ["42", "43", "44"] == [one["externalId"] for one in found]
    one = found[0]
    assert {
        "codingDurationMs": 5 * HOUR_MS,
        "reviewDurationMs": 17 * HOUR_MS,
        "maxWaitDurationMs": 5 * HOUR_MS,
        "avgWaitDurationMs": 5 * HOUR_MS,
        "maxDeployDurationMs": 2 * HOUR_MS,
        "avgDeployDurationMs": 2 * HOUR_MS,
        "maxTotalLeadTimeMs": 29 * HOUR_MS,
        "avgTotalLeadTimeMs": 29 * HOUR_MS,
    } == one["leadTime"]
    assert ([deployed], {"totalCount": 0, "items": []}) == (
        one["deployments"]["items"],
        one["flagReferences"],
    )
    assert {
        "externalId": "42",
        "title": "Enable new payment structure",
        "status": "merged",
        "author": "ada",
        "createTime": NOW_MS - 25 * HOUR_MS,
        "mergeTime": NOW_MS - 8 * HOUR_MS,
        "baseCommitKey": SHAS[1],
        "headCommitKey": SHAS[4],
        "mergeCommitKey": SHAS[4],
        "filesChanged": 2,
        "linesAdded": 100,
        "linesDeleted": 50,
        "url": f"https://{REPOSITORY}/pull/42",
    }.items() <= one.items()
    assert ("leadTime" in found[1], found[1]["deployments"]["items"]) == (False, [])


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"projectKey": ""}, 400, "projectKey"),
        ({"sort": "leadTime"}, 400, "environmentKey"),
        ({"sort": "title", "environmentKey": "production"}, 400, "sort"),
        ({"status": "draft"}, 400, "status"),
        ({"after": "somewhere"}, 400, "after"),
        ({"from": "long ago"}, 400, "from"),
        ({"projectKey": "nowhere"}, 404, ""),
    ],
)
def test_a_list_that_cannot_be_is_refused(
    lucy: Person, query: dict[str, Any], status: int, field: str
) -> None:
    answer = lucy.http.get(PULLS, params={"projectKey": "default", **query}, headers=lucy.headers)

    assert status == answer.status_code
    assert not field or [field] == [fault["attribute"] for fault in answer.json()["errors"]]


def test_repositories_are_associated_with_projects(cast: Cast, lucy: Person) -> None:
    tell_history(cast)
    cast.ada.post(
        "/api/v2/dora/deployment",
        {
            "data": {
                "attributes": {
                    "service": "web",
                    "env": "production",
                    "started_at": hours_ago(2),
                    "finished_at": hours_ago(1),
                    "git": {"commit_sha": SHAS[0], "repository_url": "https://gitlab.example.com/a/b/web"},
                }
            }
        },
    )
    found = lucy.get(f"{REPOSITORIES}?expand=projects").json()
    mapping = {"repositoryKey": "acme/billing-service", "projectKey": "default"}
    told = lucy.send("PUT", f"{REPOSITORIES}/projects", {"mappings": [mapping]})

    assert [
        ("acme/billing-service", "github", f"https://{REPOSITORY}", "main", 1, 0),
        ("a/b/web", "gitlab", "https://gitlab.example.com/a/b/web", "main", 1, 0),
    ] == [
        (
            *(one[name] for name in ("key", "type", "url", "mainBranch", "version")),
            one["projects"]["totalCount"],
        )
        for one in found["items"]
    ]
    assert (200, [mapping]) == (told.status_code, told.json()["items"])
    again = lucy.get(f"{REPOSITORIES}?expand=projects").json()["items"][0]["projects"]["items"]
    assert ["default"] == [one["key"] for one in again]
    assert "projects" not in lucy.get(REPOSITORIES).json()["items"][0]
    ended = f"{REPOSITORIES}/acme%2Fbilling-service/projects/default"
    assert [204, 404] == [lucy.delete(ended).status_code for _ in range(2)]
    assert 0 == lucy.get(f"{REPOSITORIES}?expand=projects").json()["items"][0]["projects"]["totalCount"]


def test_what_arrives_does_not_begin_again_what_somebody_ended(cast: Cast, lucy: Person) -> None:
    tell_history(cast)
    told_by_events(cast, lucy)
    path = f"{REPOSITORIES}/{REPOSITORY.replace('/', '%2F')}/projects/default"

    def projects() -> int:
        items = lucy.get(f"{REPOSITORIES}?expand=projects").json()["items"]
        return int(items[0]["projects"]["totalCount"])

    assert 1 == projects()
    assert 204 == lucy.delete(path).status_code
    told_by_events(cast, lucy)
    assert 0 == projects()


@pytest.mark.parametrize(
    ("mapping", "status"),
    [
        ({"repositoryKey": "acme/nothing", "projectKey": "default"}, 404),
        ({"repositoryKey": "acme/billing-service", "projectKey": "nowhere"}, 404),
        ({"repositoryKey": "", "projectKey": "default"}, 400),
        ({"projectKey": "default"}, 400),
        ({"repositoryKey": 7, "projectKey": "default"}, 400),
    ],
)
def test_what_is_not_there_cannot_be_associated(
    cast: Cast, lucy: Person, mapping: dict[str, Any], status: int
) -> None:
    tell_history(cast)

    assert status == lucy.send("PUT", f"{REPOSITORIES}/projects", {"mappings": [mapping]}).status_code
