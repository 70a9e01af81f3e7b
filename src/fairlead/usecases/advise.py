"""Advise: what a gap means in a sentence, and the one command that repairs it or keeps it from growing.

Not here: finding gaps (`find_missing`).
"""

from fairlead.usecases.find_missing import Gap, Missing

_DEPLOYMENT = "datadog-ci dora deployment --service <service> --env ENV"
_IMPORT = "fairlead git import PATH --repository-url https://<repository> --org <org>"
_WHICH = 'fairlead report --org <org> --group-by version --query "service:<service>'
_REMEDIES = {
    "no_git": f'{_DEPLOYMENT} --git-repository-url URL --git-commit-sha "$(git rev-parse HEAD)"',
    "commit_unknown": _IMPORT,
    "previous_commit_unknown": _IMPORT,
    "no_commit_in_paths": f'{_WHICH} lead_time_reason:no_commit_in_paths"',
    "pending": 'fairlead recompute --org <org> --query "service:<service>"',
    "commits_after_deployment": f'{_WHICH} -change_lead_time:* -lead_time_reason:*"',
    "no_pull_requests": "fairlead hooks create <host> --org <org>",
    "no_remediation": "curl -X PATCH $FAIRLEAD/api/v2/dora/deployments/ID -H 'DD-API-KEY: …' "
    '-H \'DD-APPLICATION-KEY: …\' -d \'{"data": {"type": "dora_deployment_patch_request", "attributes": '
    '{"change_failure": true, "remediation": {"id": "ID", "type": "rollback"}}}}\'',
    "no_version": f"{_DEPLOYMENT} --version VERSION",
    "never_ended": "curl $FAIRLEAD/api/v2/dora/failure -H 'DD-API-KEY: …' -d '"
    '{"data": {"attributes": {"started_at": NS, "finished_at": NS, "services": ["<service>"]}}}\'',
}
_SAID = {
    "no_git": "told without a commit",
    "commit_unknown": "their commit is not stored",
    "previous_commit_unknown": "the commit before is not stored",
    "no_commit_in_paths": "no commit in the paths of the service",
    "pending": "not worked out yet",
    "commits_after_deployment": "commits younger than the deployment",
    "no_pull_requests": "no pull requests are known",
    "no_remediation": "failed, and nobody knows what repaired them",
    "no_version": "neither version nor commit, so no rollback is seen",
    "never_ended": "open for more than two weeks",
}


def remedy(gap: Gap, org: str) -> str:
    """Return the one command that repairs a gap, or keeps it from growing."""
    host = "gitlab" if gap.repository_id.startswith("gitlab") else "github"
    filled = {"service": gap.service or "SERVICE", "repository": gap.repository_id, "org": org, "host": host}
    command = _REMEDIES[gap.missing.value]
    for name, text in filled.items():
        command = command.replace(f"<{name}>", text)
    return command


def said(gap: Gap) -> str:
    """Return what is missing, to follow the number of facts that it concerns."""
    return _SAID[gap.missing.value]


def noun(gap: Gap) -> str:
    """Return what the facts of a gap are called."""
    return "failures" if gap.missing is Missing.NEVER_ENDED else "deployments"
