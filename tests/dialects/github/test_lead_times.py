"""What GitHub tells alone is enough for lead times with their stages."""

from typing import Any

import pytest
from sqlalchemy import select

from fairlead.domain.instants import NS_PER_S
from fairlead.store.tables import deployment_commits, deployments
from fairlead.usecases.do_work import do_work
from tests.hosts import Host, payload

BASE = "66adc9350f2cc9b250b69abddab733dd55e1a588"
LATER = 4_000_000_000 * NS_PER_S


def told() -> list[tuple[str, Any]]:
    """A pull request from its first push to production, after another deployment."""
    push, first = payload("github", "push"), payload("github", "deployment_status.success")
    one = push["commits"][0] | {"id": BASE, "distinct": True, "message": "Start", "added": ["README.md"]}
    first["deployment"] |= {"id": 1, "sha": BASE, "created_at": "2025-03-09T10:00:00Z"}
    first["deployment_status"] |= {"created_at": "2025-03-09T10:05:00Z"}
    branch = [one | {"distinct": True} for one in push["commits"][:2]]
    return [
        ("push", push | {"before": "0" * 40, "after": BASE, "commits": [one]}),
        ("deployment_status", first),
        ("push", push | {"ref": "refs/heads/gateway", "before": "0" * 40, "commits": branch}),
        ("pull_request", payload("github", "pull_request.opened")),
        ("pull_request", payload("github", "pull_request.ready_for_review")),
        ("pull_request_review", payload("github", "pull_request_review.submitted")),
        ("push", push),
        ("pull_request", payload("github", "pull_request.closed")),
        ("deployment_status", payload("github", "deployment_status.in_progress")),
        ("deployment_status", payload("github", "deployment_status.success")),
    ]


@pytest.mark.parametrize("step", [1, -1], ids=["in order", "backwards"])
def test_commits_of_a_merged_pull_request_are_measured_by_stages(github: Host, step: int) -> None:
    for event, one in told()[::step]:
        assert "recorded" == github.deliver(event, one).json()["status"]
    while do_work(github.ledger, LATER):
        pass

    c, d = deployment_commits.c, deployments.c
    wanted = select(deployment_commits).where(
        c.org_id == github.hook.org_id, c.deployment_id == "github.com-deployment-145988746"
    )
    found = github.ledger.read(lambda transaction: transaction.execute(wanted.order_by(c.position)).all())
    # The merge, and the two commits of the branch, of 08:40 and 08:12:44.
    assert [("merge_commit", None), ("", 17), ("", 17)] == [
        (row.exclusion, row.pull_request) for row in found
    ]
    assert [
        (110_550, 8_400, 19_800, 81_000, 1_200, 150),
        (112_186, 10_036, 19_800, 81_000, 1_200, 150),
    ] == [
        tuple(
            value // NS_PER_S
            for value in (
                row.lead_time_ns,
                row.time_to_pr_ready_ns,
                row.review_time_ns,
                row.merge_time_ns,
                row.time_to_deploy_ns,
                row.deploy_time_ns,
            )
        )
        for row in found[1:]
    ]
    reasons = select(d.lead_time_reason).where(d.org_id == github.hook.org_id).order_by(d.finished_at)
    told_reasons = github.ledger.read(lambda transaction: list(transaction.execute(reasons).scalars()))
    assert ["first_deployment", ""] == told_reasons
