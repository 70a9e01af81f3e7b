"""Why a number is what it is, or why there is none: sentences that stand behind every "why?".

Not here: working any of it out.
"""

from collections.abc import Mapping
from typing import Final

from fairlead.domain.changes import Exclusion, Reason
from fairlead.usecases.explain_deployment import ExplainedDeployment
from fairlead.usecases.explain_failure import Judgement
from fairlead.web.words import duration

NO_LEAD_TIME: Final[Mapping[str, str]] = {
    Reason.FIRST_DEPLOYMENT: "It is the first deployment of this service to this environment from this "
    "repository, so "
    "there is nothing to tell its commits from older ones by. The next one has a lead time.",
    Reason.NO_GIT: "It was reported without a commit. Send git.commit_sha and git.repository_url with it.",
    Reason.COMMIT_UNKNOWN: "Its commit is not known here. Upload the history once: datadog-ci git-metadata "
    "upload, "
    "fairlead git import, or a webhook of the Git host.",
    Reason.PREVIOUS_COMMIT_UNKNOWN: "The commit of the deployment before is not known here. Upload the "
    "history, and it "
    "is worked out by itself.",
    Reason.GAP_OVER_60_DAYS: "The deployment before is more than 60 days older; what came since says "
    "little about "
    "lead time.",
    Reason.NO_NEW_COMMITS: "It brought no commit that the deployment before did not have: the same build "
    "again, or an "
    "older one.",
    Reason.ONLY_MERGE_COMMITS: "All it brought are merge commits, which bring no change of their own.",
    Reason.NO_COMMIT_IN_PATHS: "No commit touches the paths that the catalogue names for this service.",
}
LEFT_OUT: Final[Mapping[str, str]] = {
    Exclusion.MERGE_COMMIT: "a merge: it brings no change of its own",
    Exclusion.OUTSIDE_PATHS: "outside the paths of this service",
    Exclusion.SQUASHED: "the squash of a pull request whose own commits are counted instead",
    Exclusion.OVER_THE_CAP: "beyond the 5000 newest commits",
}
STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "time_to_pr_ready": (
        "To ready pull request",
        "From the commit until its pull request was ready for review.",
    ),
    "review_time": ("Review", "From there until the last approval before the merge."),
    "merge_time": ("Merge", "From the last approval until the merge."),
    "time_to_deploy": ("Waiting for deployment", "From the merge until the deployment began."),
    "deploy_time": ("Deployment", "From the beginning of the deployment until its end."),
}
"""What each stage is called, and what it spans."""


def why_lead_time(told: ExplainedDeployment) -> str:
    """Return how the lead time of a deployment came about, or why there is none."""
    link = told.known.link
    if link.lead.average_ns is None:
        return why_none(None if link.reason is None else link.reason.value, pending=told.pending)
    counted = [one for one in told.commits if one.link.exclusion is None]
    left_out = len(told.commits) - len(counted)
    shortest, longest = duration(link.lead.shortest_ns), duration(link.lead.longest_ns)
    text = (
        f"The mean over {_number(len(counted), 'commit')} of the time from the day it was written (author "
        f"date) to the "
        f"end of this deployment: {shortest} at the least, {longest} at the most."
    )
    return f"{text} {_number(left_out, 'commit')} left out, with reasons below." if left_out else text


def why_none(reason: str | None, *, pending: bool) -> str:
    """Return why a deployment has no lead time."""
    if pending and reason != Reason.NO_GIT:  # No work can give it a commit.
        return "It is being worked out just now; this page will have it in a moment."
    return NO_LEAD_TIME.get(reason or "", "It was not worked out yet.")


def why_commits(told: ExplainedDeployment) -> str:
    """Return which commits belong to a deployment."""
    sha = told.known.fact.commit_sha[:12]
    if told.previous is None:
        return why_none(told.known.link.reason, pending=told.pending)
    return (
        f"Commits that {sha} reaches and {told.previous.commit_sha[:12]} does not, which the deployment "
        f"before brought; "
        "without merge commits."
    )


def why_stage(name: str, told: ExplainedDeployment) -> str:
    """Return what a stage spans, and over which commits it is the mean."""
    stages = [one.link.lead.stages_ns for one in told.commits if one.link.lead is not None]
    place = list(STAGES).index(name)
    having = sum(one[place] is not None for one in stages)
    if not having:
        return (
            f"{STAGES[name][1]} No commit has it: that needs a pull request from a webhook of the Git host."
        )
    return f"{STAGES[name][1]} The mean over {_number(having, 'commit')} that have it."


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def why_failure(judgement: Judgement) -> str:
    """Return who or what says whether a deployment failed, and why it is the type it is."""
    parts = [part for part in (judgement.reason, judgement.type_reason) if part]
    said = ". ".join(part[:1].upper() + part[1:] for part in parts)
    return f"{said}." if said else "Nothing says yet that it failed, and nobody said that it is stable."


def why_recovery(told: ExplainedDeployment) -> str:
    """Return from when to when the recovery of a deployment is counted."""
    outcome = told.known.outcome
    if not outcome.change_failure:
        return "Only a deployment that failed has one."
    if not outcome.remediation_id:
        return "Nothing is known to have repaired it yet."
    if outcome.recovery_time_ns is None:
        return "What repaired it is not known here, or ended before it."
    return "From the end of this deployment to the end of the one that repaired it."
