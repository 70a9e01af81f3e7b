"""Generated worlds and questions about them, drawn from short lists so that the two meet often.

All of it lies in the weeks around the days on which clocks change. Not here: what the answers must be
(`measured.py`).
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason
from fairlead.domain.deployments import DeploymentType, KnownDeployment, Outcome
from fairlead.domain.failures import Failure
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.links import UNCOUNTED, LinkSummary
from fairlead.metrics.lead_time import deployment_lead
from fairlead.metrics.periods import Interval, zone_named
from fairlead.search.parse import parse
from fairlead.search.tree import Node, Not, all_of, any_of
from fairlead.usecases.measure_delivery import Level, Question
from tests.factories import a_deployment, a_failure, a_sha
from tests.measured import World, a_linked_commit

HOUR_NS = 3_600 * 10**9
DAY_NS = 24 * HOUR_NS
# The clocks of Europe change on 30 March, those of Chile on 6 April, those of Lord Howe by half an hour.
FIRST = from_rfc3339("2025-03-24T00:00:00Z")
INSTANTS = [
    *(FIRST + day * DAY_NS for day in range(16)),
    *(FIRST + day * DAY_NS - 1 for day in range(16)),
    *(FIRST + hour * HOUR_NS for hour in range(5 * 24, 8 * 24)),
    FIRST + 6 * DAY_NS + HOUR_NS + 123_456_789,
]
ZONES = ["UTC", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu"]
DURATIONS_NS = [0, 1, HOUR_NS, 90 * 60 * 10**9, DAY_NS, 3 * DAY_NS + 1, 40 * DAY_NS]
TERMS = [
    *("service:a", "service:A", "env:prod", "-env:prod", "team:*", "team:red", "region:eu", "tier:>1"),
    *(
        "source:api",
        "repository_id:*acme*",
        "git.repository_id:*",
        "tags:region*",
        "planned:*",
        "severity:High",
    ),
    *("deployment_type:rollback", "deployment_type:roll*", "change_failure:true", "-change_failure:*"),
    *(
        "lead_time_reason:no_git",
        "lead_time_reason:first*",
        "service:(a OR b)",
        "nothing:here",
        "region:[a TO eu]",
    ),
]
UNCARRIED = [
    *("a", "red", "pro*", "2", "r?d", "prod red"),
    *("version:1.0", "change_lead_time:>3600", "duration:>0", "number_of_commits:1", "name:x*"),
    *(f"commits:{a_sha(10)}", f"commits:{a_sha(99)[:7]}*", "-commits:*", "pull_requests:>7"),
]
KEYS = ["service", "env", "team", "repository", "source", "region", "tier"]
TAGS = ["region:eu", "region:us", "region:", "tier:1", "tier:2", "planned:true", "planned:false", "nokey"]


@st.composite
def deployments(draw: DrawFn, org_id: OrgId) -> tuple[KnownDeployment, list[Any]]:
    """One deployment with what became of it, and the commits it brought."""
    finished_at = draw(st.sampled_from(INSTANTS))
    has_git = draw(st.booleans())
    fact = a_deployment(
        org_id=org_id,
        service=draw(st.sampled_from(["a", "b", "A"])),
        env=draw(st.sampled_from(["", "prod", "dev"])),
        team=draw(st.sampled_from(["", "red", "blue"])),
        version=draw(st.sampled_from(["", "1.0", "2.0"])),
        source=draw(st.sampled_from(["api", "ci"])),
        repository_id=draw(st.sampled_from(["h/acme/a", "h/acme/b"])) if has_git else "",
        commit_sha=a_sha(1) if has_git else "",
        finished_at=finished_at,
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True))),
    )
    failed = draw(st.sampled_from([None, True, False]))
    outcome = Outcome(
        change_failure=failed,
        deployment_type=draw(st.sampled_from(DeploymentType)),
        recovery_time_ns=draw(st.none() | st.sampled_from(DURATIONS_NS)),
    )
    reason, commits = draw(_brought(has_git=has_git))
    measured = [one.lead for one in commits if one.lead is not None]
    pull_requests = {one.pull_request for one in commits if one.lead is not None} - {None}
    counted = None if reason in UNCOUNTED or commits is None else len(measured)
    if has_git and reason is None and not commits:
        counted = None
    link = LinkSummary(
        reason=reason if has_git else Reason.NO_GIT,
        number_of_commits=counted if has_git else None,
        number_of_pull_requests=None if counted is None or not has_git else len(pull_requests),
        lead=deployment_lead(measured),
    )
    return KnownDeployment(fact=fact, outcome=outcome, link=link), commits


@st.composite
def _brought(draw: DrawFn, *, has_git: bool) -> Any:
    """Why there is no lead time, or the commits that have one; neither: it is still worked out."""
    kinds = st.sampled_from([reason for reason in Reason if reason is not Reason.NO_GIT])
    if not has_git:
        return None, []
    what = draw(st.sampled_from(["commits", "commits", "reason", "pending"]))
    if what == "reason":
        return draw(kinds), []
    if what == "pending":
        return None, []
    durations = st.none() | st.sampled_from(DURATIONS_NS)
    number = draw(st.integers(1, 3))
    commits = [
        a_linked_commit(
            a_sha(10 + place),
            draw(durations),
            [draw(durations) for _ in range(5)],
            draw(st.sampled_from([None, 7, 8])),
        )
        for place in range(number)
    ]
    if draw(st.booleans()):
        commits.append(a_linked_commit(a_sha(99), None, None, 8))
    return None, commits


@st.composite
def failures(draw: DrawFn, org_id: OrgId) -> Failure:
    """One failure, open or ended."""
    started_at = draw(st.sampled_from(INSTANTS))
    lasted_ns = draw(st.none() | st.sampled_from(DURATIONS_NS))
    services = draw(st.sampled_from([(), ("a",), ("a", "b"), ("c",)]))
    return a_failure(
        org_id=org_id,
        services=services,
        team="red" if not services else draw(st.sampled_from(["", "red"])),
        env=draw(st.sampled_from(["", "prod"])),
        version=draw(st.sampled_from(["", "1.0"])),
        severity=draw(st.sampled_from(["", "High"])),
        started_at=started_at,
        finished_at=None if lasted_ns is None else started_at + lasted_ns,
        tags=tuple(draw(st.lists(st.sampled_from(TAGS), max_size=2, unique=True))),
    )


@st.composite
def worlds(draw: DrawFn, org_id: OrgId) -> World:
    """Everything that an organisation tells."""
    told = draw(st.lists(deployments(org_id), max_size=10))
    return World(
        deployments=[known for known, _ in told],
        commits={known.fact.id: commits for known, commits in told},
        failures=draw(st.lists(failures(org_id), max_size=5)),
    )


def queries(*, carried: bool) -> SearchStrategy[Node]:
    """Searches; where `carried`, only with keys that segments know."""
    terms = st.sampled_from([parse(text) for text in (TERMS if carried else [*TERMS, *UNCARRIED])])

    def grown(inner: SearchStrategy[Node]) -> SearchStrategy[Node]:
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(several.map(all_of), several.map(any_of), inner.map(Not))

    return st.just(parse("")) | st.recursive(terms, grown, max_leaves=4)


@st.composite
def questions(draw: DrawFn, org_id: OrgId) -> Question:
    """Any question about the weeks that worlds lie in."""
    from_at, until_at = sorted(draw(st.lists(st.sampled_from(INSTANTS), min_size=2, max_size=2, unique=True)))
    carried = draw(st.integers(0, 3)) > 0
    keys = KEYS if carried else [*KEYS, "version"]
    return Question(
        org_id=org_id,
        from_at=from_at,
        until_at=until_at,
        where=draw(queries(carried=carried)),
        interval=draw(st.sampled_from(Interval)),
        group_by=tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))),
        zone=zone_named(draw(st.sampled_from(ZONES))),
        level=draw(st.sampled_from([Level.DEPLOYMENT, Level.DEPLOYMENT, Level.COMMIT])),
    )
