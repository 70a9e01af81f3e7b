"""What is in a deployment: commits, pull requests and people, whichever API told of it."""

from typing import Any

import pytest

from fairlead.domain.changes import Commit, CommitsOf, Person, PullRequestState, RepositoryId
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.casts import Cast
from tests.casts import Person as Caller
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS, an_event, listed, tell
from tests.factories import a_commit, a_report, a_sha
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
