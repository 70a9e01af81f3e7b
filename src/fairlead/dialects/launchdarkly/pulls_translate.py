"""From pull requests to their shape in lists and beside deployments."""

from fairlead.dialects.launchdarkly import deployments_wire as wire
from fairlead.dialects.launchdarkly.times import milliseconds, span_ms
from fairlead.domain.access import OrgId
from fairlead.domain.insights import Pull, PullLead


def pull_request(pull: Pull, org_id: OrgId) -> wire.PullRequest:
    """Return a pull request as it is shown."""
    return wire.PullRequest(
        id=pull.key.uuid(org_id),
        external_id=str(pull.key.number),
        title=pull.title,
        status=pull.state.value,
        author=pull.author,
        create_time=milliseconds(pull.opened_at),
        base_commit_key=pull.base_sha,
        head_commit_key=pull.head_sha,
        files_changed=pull.files_changed,
        lines_added=pull.lines_added,
        lines_deleted=pull.lines_deleted,
        url=pull.url,
        merge_time=None if pull.merged_at is None else milliseconds(pull.merged_at),
        merge_commit_key=pull.merge_sha or None,
    )


def lead_time(lead: PullLead) -> wire.PullRequestLeadTime:
    """Return how long a pull request took."""
    return wire.PullRequestLeadTime(
        coding_duration_ms=span_ms(lead.coding_ns),
        review_duration_ms=None if lead.review_ns is None else span_ms(lead.review_ns),
        max_wait_duration_ms=span_ms(max(lead.waits_ns)),
        avg_wait_duration_ms=_average_ms(lead.waits_ns),
        max_deploy_duration_ms=span_ms(max(lead.deploys_ns)),
        avg_deploy_duration_ms=_average_ms(lead.deploys_ns),
        max_total_lead_time_ms=span_ms(max(lead.totals_ns)),
        avg_total_lead_time_ms=_average_ms(lead.totals_ns),
    )


def _average_ms(spans_ns: tuple[int, ...]) -> int:
    return span_ms(sum(spans_ns) // len(spans_ns))
