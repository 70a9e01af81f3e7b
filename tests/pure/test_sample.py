from collections import Counter, defaultdict
from functools import cache

import pytest

from fairlead.domain.access import organisation_id
from fairlead.domain.deployments import Deployment, RemediationType
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.domain.sample import DAYS, ENVIRONMENTS, SERVICES, Sample, sample
from fairlead.domain.sample_history import WITHOUT_GIT, WITHOUT_HISTORY

DAY_NS = 86_400 * NS_PER_S
END = from_rfc3339("2025-06-30T15:00:00Z")
ORG_ID = organisation_id("sample")
GAPS = {WITHOUT_GIT, WITHOUT_HISTORY}


@cache
def the_sample(until_at: int = END) -> Sample:
    return sample(ORG_ID, until_at)


def by_id(told: Sample) -> dict[str, Deployment]:
    return {one.id: one for one in told.deployments}


def test_the_sample_is_always_the_same() -> None:
    assert the_sample() == sample(ORG_ID, END)


def test_the_sample_has_the_promised_size() -> None:
    deployments = the_sample().deployments

    assert 12 == len({one.service for one in deployments}) == len(SERVICES)
    assert 4 == len({one.team for one in deployments})
    assert set(ENVIRONMENTS) == {one.env for one in deployments}
    assert 3_000 <= len(deployments) <= 6_000


def test_the_sample_covers_its_days_and_nothing_after_its_end() -> None:
    ends = [one.finished_at for one in the_sample().deployments]
    days = {at // DAY_NS for at in ends}

    assert END // DAY_NS - DAYS + 1 == min(days)
    assert max(ends) <= END
    # Some weekends are quiet.
    assert DAYS * 5 / 7 <= len(days) <= DAYS


@pytest.mark.parametrize("later_days", [1, 3, 30])
def test_samples_of_different_days_agree_about_the_days_they_share(later_days: int) -> None:
    earlier, later = by_id(the_sample()), by_id(the_sample(END + later_days * DAY_NS))
    from_at = min(one.finished_at for one in later.values())

    shared = {id: one for id, one in earlier.items() if one.finished_at >= from_at}
    assert shared == {id: one for id, one in later.items() if one.finished_at <= END}


def test_every_failed_deployment_in_the_sample_was_followed_by_its_repair() -> None:
    known = by_id(the_sample())
    pairs = [(known[one.failed_id], known[str(one.remediation.id)]) for one in the_sample().repairs]

    assert len(pairs) > 50
    assert all(
        (failed.service, failed.env) == (repairing.service, repairing.env)
        and failed.finished_at < repairing.started_at
        for failed, repairing in pairs
    )


def test_a_rollback_puts_an_earlier_version_back() -> None:
    seen: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in the_sample().deployments:
        seen[one.service, one.env].append((one.finished_at, one.version))
    known = by_id(the_sample())
    rollbacks = [
        known[str(one.remediation.id)]
        for one in the_sample().repairs
        if one.remediation.type is RemediationType.ROLLBACK
    ]

    first_at = min(known[id].finished_at for id in known)
    returned = [
        one
        for one in rollbacks
        if any(at < one.finished_at and version == one.version for at, version in seen[one.service, one.env])
    ]
    assert len(rollbacks) > 20
    # What was put back in the first weeks may have come before the sample begins.
    assert {one.id for one in rollbacks if one.finished_at > first_at + 21 * DAY_NS} <= {
        one.id for one in returned
    }


def test_a_rollforward_brings_new_code() -> None:
    known = by_id(the_sample())
    commits = Counter((one.service, one.commit_sha) for one in known.values())
    forwards = [
        known[str(one.remediation.id)]
        for one in the_sample().repairs
        if one.remediation.type is RemediationType.ROLLFORWARD
    ]

    assert len(forwards) > 20
    assert all(one.version.endswith("-fix.1") for one in forwards)
    first_uses = [one for one in forwards if 1 == commits[one.service, one.commit_sha]]
    assert len(first_uses) > len(forwards) * 0.8


def test_some_failures_are_open_at_the_end_and_most_are_over() -> None:
    failures = the_sample().failures
    still_open = [one for one in failures if one.finished_at is None]

    assert 1 <= len(still_open) <= 10
    assert 80 <= len(failures) <= 300


@pytest.mark.parametrize("later_h", range(1, 24 * 14, 37))
def test_there_is_always_an_open_failure(later_h: int) -> None:
    assert any(one.finished_at is None for one in the_sample(END + later_h * 3600 * NS_PER_S).failures)


def test_ids_are_given_once() -> None:
    told = the_sample()
    ids = Counter([*(one.id for one in told.deployments), *(one.id for one in told.failures)])

    assert 1 == max(ids.values())


def test_deployments_carry_tags_and_commits_of_believable_repositories() -> None:
    for one in the_sample().deployments:
        keys = [tag.partition(":")[0] for tag in one.tags]
        assert ["region", "tier", "language"] == keys
        if one.service == WITHOUT_GIT:
            assert ("", "") == (one.repository_id, one.commit_sha)
            continue
        assert one.repository_id.startswith("github.com/shopist/")
        assert 40 == len(one.commit_sha)


def test_what_was_deployed_is_the_main_line_of_its_repository() -> None:
    known = {one.repository_id: one.commits for one in the_sample().commits}
    deployed = {one.commit_sha for one in the_sample().deployments if one.service not in GAPS}

    assert deployed <= {commit.sha for commits in known.values() for commit in commits}
    for commits in known.values():
        parents = [commit.parents for commit in commits[1:]]
        assert [(commit.sha,) for commit in commits[:-1]] == parents
    merged = {one.merge_sha for one in the_sample().pull_requests}
    assert len(merged) > 100
    assert merged <= {commit.sha for commits in known.values() for commit in commits}


def test_the_same_version_of_a_service_is_the_same_commit() -> None:
    commits: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in the_sample().deployments:
        commits[one.service, one.version].add(one.commit_sha)

    assert {1} == {len(shas) for shas in commits.values()}
