"""What is in a deployment: commits, pull requests and people, whichever API told of it."""

import dataclasses
from typing import Any

import pytest

from fairlead.domain.changes import Commit, CommitsOf, Person, PullRequestState, RepositoryId
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.casts import Cast, a_cast
from tests.casts import Person as Caller
from tests.dialects.launchdarkly.conftest import token_holder
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS, an_event, listed, tell
from tests.factories import a_commit, a_report, a_sha
from tests.servers import Served
from tests.waiting import became

REPOSITORY = RepositoryId("github.com/acme/billing-service")
URL = f"https://{REPOSITORY}"
MS = 1_000_000
HOUR = HOUR_MS * MS
NOW = NOW_MS * MS
SHAS = [a_sha(7000 + number) for number in range(5)]
WITHIN_S = 30


def hours_ago(hours: float) -> int:
    """Return an instant."""
    return NOW - int(hours * HOUR)


def a_history() -> list[Commit]:
    """Return five commits in a row: 50, 40, 30, 20 and 10 hours old, by two people."""
    people = [Person("Ada", "ada@example.com"), Person("Ben", "ben@example.com")]
    return [
        a_commit(
            sha=sha,
            parents=tuple(SHAS[number - 1 : number]) if number else (),
            authored_at=hours_ago(50 - 10 * number),
            author=people[number % 2],
        )
        for number, sha in enumerate(SHAS)
    ]


def tell_history(cast: Cast) -> None:
    """Tell of the commits, and of a pull request that brought the last three."""
    commits = CommitsOf(org_id=cast.ada.org_id, repository_id=REPOSITORY, commits=tuple(a_history()))
    cast.ledger.write(record_commits, commits)
    report = a_report(
        org_id=cast.ada.org_id,
        repository_id=REPOSITORY,
        number=42,
        updated_at=hours_ago(8),
        opened_at=hours_ago(25),
        title="Enable new payment structure",
        url=f"{URL}/pull/42",
        author="ada",
        state=PullRequestState.MERGED,
        merged_at=hours_ago(8),
        base_sha=SHAS[1],
        head_sha=SHAS[4],
        merge_sha=SHAS[4],
        commits=3,
        lines_added=100,
        lines_deleted=50,
        files_changed=2,
    )
    cast.ledger.write(record_pull_requests, report)


def told_by_events(_cast: Cast, lucy: Caller) -> None:
    """Tell of two deployments event by event."""
    for sha, start in ((SHAS[1], 36), (SHAS[4], 3)):
        tell(
            lucy,
            an_event("started", start, version=sha[:10]),
            an_event("finished", start - 2, version=sha[:10]),
        )


def told_as_a_whole(cast: Cast, _lucy: Caller) -> None:
    """Tell of the same two as Datadog's clients do."""
    for sha, start in ((SHAS[1], 36), (SHAS[4], 3)):
        attributes = {
            "service": "billing-service",
            "env": "production",
            "version": sha[:10],
            "started_at": hours_ago(start),
            "finished_at": hours_ago(start - 2),
            "git": {"commit_sha": sha, "repository_url": URL},
        }
        assert (
            200
            <= cast.ada.post("/api/v2/dora/deployment", {"data": {"attributes": attributes}}).status_code
            < 300
        )


def latest(lucy: Caller, **query: Any) -> dict[str, Any]:
    """Return the latest deployment, once it is worked out what came with it."""

    def is_linked() -> bool:
        found = listed(lucy)
        return bool(found) and found[0]["leadTime"] > 0

    assert became(is_linked, WITHIN_S)
    return listed(lucy, **query)[0]


@pytest.mark.parametrize("told", [told_by_events, told_as_a_whole])
@pytest.mark.parametrize("commits_first", [True, False], ids=["commits first", "commits last"])
def test_a_deployment_shows_what_it_brought(
    cast: Cast, lucy: Caller, told: Any, *, commits_first: bool
) -> None:
    if commits_first:
        tell_history(cast)
    told(cast, lucy)
    if not commits_first:
        tell_history(cast)

    one = latest(lucy, expand="pullRequests,flagReferences")

    assert {
        "numberOfContributors": 2,
        "numberOfPullRequests": 1,
        "linesAdded": 100,
        "linesDeleted": 50,
        "leadTime": 29 * HOUR_MS,
        "leadTimeStages": {
            "codingDurationMs": 5 * HOUR_MS,
            "reviewDurationMs": 17 * HOUR_MS,
            "waitDurationMs": 5 * HOUR_MS,
            "deployDurationMs": 2 * HOUR_MS,
            "totalLeadTimeMs": 29 * HOUR_MS,
        },
        "flagReferences": {"totalCount": 0, "items": []},
    } == {
        name: one[name]
        for name in one
        if name
        in {
            "numberOfContributors",
            "numberOfPullRequests",
            "linesAdded",
            "linesDeleted",
            "leadTime",
            "leadTimeStages",
            "flagReferences",
        }
    }
    [pull] = one["pullRequests"]["items"]
    assert (
        "42",
        "Enable new payment structure",
        "merged",
        "ada",
        SHAS[1],
        SHAS[4],
        SHAS[4],
        2,
        100,
        50,
    ) == tuple(
        pull[name]
        for name in (
            "externalId",
            "title",
            "status",
            "author",
            "baseCommitKey",
            "headCommitKey",
            "mergeCommitKey",
            "filesChanged",
            "linesAdded",
            "linesDeleted",
        )
    )
    elsewhere = {
        "data": {"type": "dora_deployments_list_request", "attributes": {"query": "service:billing-service"}}
    }
    told_there = cast.ada.post("/api/v2/dora/deployments", elsewhere).json()["data"][0]["attributes"]
    assert SHAS[4] == told_there["git"]["commit_sha"]


def test_a_version_may_be_a_tag_that_is_told_later(cast: Cast, lucy: Caller) -> None:
    tell_history(cast)
    for version, start in (("v1.0.0", 36), ("v1.1.0", 3)):
        tell(
            lucy,
            an_event("started", start, version=version),
            an_event("finished", start - 2, version=version),
        )
    tags = (("v1.0.0", SHAS[1]), ("v1.1.0", SHAS[4]))
    cast.ledger.write(record_commits, CommitsOf(org_id=cast.ada.org_id, repository_id=REPOSITORY, tags=tags))

    one = latest(lucy)

    assert ("v1.1.0", 29 * HOUR_MS, 1) == (
        one["applicationVersion"],
        one["leadTime"],
        one["numberOfPullRequests"],
    )


def told_in_full(cast: Cast, lucy: Caller, *, by_events: bool) -> Any:
    """Tell of a month of an organisation, through one vendor's API alone, and return what measures it."""
    tell_history(cast)
    for number, sha in enumerate(SHAS):
        service, start = ("billing-service", "billing-api")[number % 2], 48 - 9 * number
        if by_events:
            told = {"applicationKey": service, "version": sha}
            tell(lucy, an_event("started", start, **told), an_event("finished", start - 1, **told))
        else:
            attributes = {
                "service": service,
                "env": "production",
                "version": sha,
                "started_at": hours_ago(start),
                "finished_at": hours_ago(start - 1),
                "git": {"commit_sha": sha, "repository_url": URL},
            }
            cast.ada.post("/api/v2/dora/deployment", {"data": {"attributes": attributes}})
    window = {"from": str(NOW_MS - 60 * HOUR_MS), "to": str(NOW_MS), "interval": "day", "group_by": "service"}

    def measured() -> Any:
        answer = cast.ada.http.get("/api/fairlead/v1/metrics", params=window, headers=cast.ada.headers)
        assert 200 == answer.status_code, answer.text
        return answer.json()["groups"]

    def is_linked() -> bool:
        leads = [group["summary"]["change_lead_time"] or {"deployments": 0} for group in measured()]
        return [1, 2] == [lead["deployments"] for lead in leads]

    assert became(is_linked, WITHIN_S), measured()
    return measured


def test_one_organisation_told_through_either_api_has_equal_metrics(
    shared_server: Served, shared_ledger: Ledger
) -> None:
    by_events, as_a_whole = (
        told_in_full(cast, token_holder(cast), by_events=by_events)
        for by_events in (True, False)
        for cast in (a_cast(shared_server.http, shared_ledger),)
    )

    # What follows from the facts may still be worked out for one of the two.
    became(lambda: by_events() == as_a_whole(), WITHIN_S)
    groups = by_events()
    assert [["billing-api"], ["billing-service"]] == [list(group["by"].values()) for group in groups]
    assert 5 == sum(group["summary"]["deployments"] for group in groups)
    assert as_a_whole() == groups


def test_nothing_of_another_organisation_is_seen(cast: Cast, lucy: Caller) -> None:
    tell_history(cast)
    told_by_events(cast, lucy)
    one = latest(lucy)
    stranger = Caller(cast.ada.http, token_holder_of(cast).headers, cast.zoe.org_id)
    here = "/api/v2/engineering-insights"

    assert 404 == stranger.get(f"{here}/deployments/{one['id']}").status_code
    assert 404 == stranger.patch(f"{here}/deployments/{one['id']}", {"archived": True}).status_code
    for path in ("deployments", "pull-requests", "flag-events"):
        query = "projectKey=default&environmentKey=production"
        assert 0 == stranger.get(f"{here}/{path}?{query}").json()["totalCount"], path
    assert 0 == stranger.get(f"{here}/repositories").json()["totalCount"]
    ended = f"{here}/repositories/acme%2Fbilling-service/projects/default"
    assert 404 == stranger.delete(ended).status_code


def token_holder_of(cast: Cast) -> Caller:
    """Return a colleague of Zoe's with an access token."""
    zoe = dataclasses.replace(cast, ada=cast.zoe)
    return token_holder(zoe)


def test_what_the_documentation_prints_is_what_is_answered(cast: Cast, lucy: Caller) -> None:
    """Every field of the printed sample of one deployment is there, of the printed type, and no other."""
    tell_history(cast)
    told_by_events(cast, lucy)
    latest(lucy)
    printed = {
        "id": str,
        "applicationKey": str,
        "applicationVersion": str,
        "startedAt": int,
        "status": str,
        "kind": str,
        "active": bool,
        "archived": bool,
        "environmentKey": str,
        "numberOfContributors": int,
        "numberOfPullRequests": int,
        "linesAdded": int,
        "linesDeleted": int,
        "leadTime": int,
        "endedAt": int,
        "durationMs": int,
        "metadata": dict,
        "pullRequests": dict,
        "flagReferences": dict,
        "leadTimeStages": dict,
    }
    tell(lucy, an_event("custom", 0.5, version=SHAS[4][:10], deploymentMetadata={"buildNumber": "1234"}))

    one = latest(lucy, expand="pullRequests,flagReferences")

    assert printed == {name: type(value) for name, value in one.items()}
    assert {"totalCount", "items"} <= one["pullRequests"].keys()
    assert {"buildNumber": "1234"} == one["metadata"]
