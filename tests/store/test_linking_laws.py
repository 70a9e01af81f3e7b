"""Whatever happens in whatever order, links come to what the facts that are left say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import (
    Commit,
    CommitsOf,
    Person,
    PullRequestState,
    RepositoryId,
    Sha,
    added_up,
)
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.reports import Opinion, PullRequestReport, Review
from fairlead.store import tables
from fairlead.store.engine import reading, writing
from fairlead.store.ledger import Ledger
from fairlead.usecases import do_work as doing
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_commit, a_deployment, a_report, a_sha
from tests.linking import LATER, linked, tell_source_patterns, work_off

REPOSITORIES = tuple(RepositoryId(f"github.com/shopist/{name}") for name in ("checkout", "shared"))
SERVICES = ("checkout", "search")
ENVS = ("prod", "dev")
IDS = tuple(DeploymentId(f"d-{number}") for number in range(7))
PATHS = (None, ("cart/a.py",), ("find/b.py",), ("cart/a.py", "find/b.py"), ("docs/c.md",))
PATTERNS = ((), ("cart/**",), ("find/**",))
DAY_NS = 24 * 60 * MINUTE_NS
SIZE = 12
_EMPTIED = (
    tables.deployments,
    tables.deployment_tags,
    tables.deployment_commits,
    tables.commits,
    tables.missing_parents,
    tables.pull_requests,
    tables.pull_request_reviews,
    tables.catalog_entries,
    tables.work,
)

Step = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Commits as git has them, and as a Git host guesses them."""

    exact: Mapping[Sha, Commit]
    guessed: Mapping[Sha, Commit]


@dataclass(slots=True)
class Facts:
    """What was told so far, and not taken back."""

    commits: dict[RepositoryId, dict[Sha, Commit]] = field(default_factory=dict)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    reports: list[PullRequestReport] = field(default_factory=list)
    patterns: dict[str, tuple[str, ...]] = field(default_factory=dict)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Draw a history with merges and several roots, times that go astray, and guesses about it."""
    exact: dict[Sha, Commit] = {}
    guessed: dict[Sha, Commit] = {}
    people = (
        Person("Ada", "ada@example.com"),
        Person("Ada", "Ada@example.com"),
        Person("Ben", "ben@example.com"),
    )
    for number in range(SIZE):
        near = [a_sha(before) for before in range(max(0, number - 5), number)]
        some = st.lists(st.sampled_from(near), max_size=3, unique=True) if near else st.just([])
        commit = a_commit(
            sha=a_sha(number),
            parents=tuple(draw(some)),
            author=draw(st.sampled_from(people)),
            authored_at=NOON + draw(st.integers(-3, 3)) * DAY_NS,
            subject=f"Change {draw(st.integers(1, 3))}",
            paths=draw(st.sampled_from(PATHS)),
        )
        exact[commit.sha] = commit
        guessed[commit.sha] = msgspec.structs.replace(
            commit,
            parents=tuple(draw(some)) if draw(st.booleans()) else commit.parents,
            parents_exact=False,
            author=draw(st.sampled_from((commit.author, *people))),
            authored_at=commit.authored_at + draw(st.sampled_from((0, MINUTE_NS))),
            paths=draw(st.sampled_from((commit.paths, *PATHS))),
        )
    return History(exact, guessed)


shas = st.sampled_from([a_sha(number) for number in (*range(SIZE), *range(SIZE // 2, SIZE), SIZE)])
whole = st.just([(a_sha(number), True) for number in range(SIZE)])
lots = whole | st.lists(st.tuples(shas, st.booleans()), min_size=1, max_size=SIZE)
ends = st.sampled_from([NOON + days * DAY_NS for days in (0, 1, 1, 2, 3, 4, 70)])
kinds = st.sampled_from(
    ("commits",) * 3
    + ("deploy",) * 5
    + ("pull_request",) * 3
    + ("delete", "patterns", "work", "work", "stall")
)


def a_place(draw: st.DrawFn, env: str) -> dict[str, Any]:
    """Draw which deployment it is, of what, and when."""
    at = draw(ends)
    repository = draw(st.sampled_from((*REPOSITORIES[:1] * 11, REPOSITORIES[1], "")))
    return {
        "id": draw(st.sampled_from(IDS)),
        "service": draw(st.sampled_from((*SERVICES[:1] * 3, SERVICES[1]))),
        "env": env,
        "repository_id": repository,
        "commit_sha": draw(shas) if repository else "",
        "finished_at": at,
        "started_at": at - draw(st.sampled_from((0, 5))) * MINUTE_NS,
    }


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """Draw one thing that happens."""
    kind = draw(kinds)
    match kind:
        case "commits":
            return "commits", draw(st.sampled_from((*REPOSITORIES[:1] * 6, REPOSITORIES[1]))), draw(lots)
        case "deploy":
            return "deploy", a_place(draw, draw(st.sampled_from((*ENVS[:1] * 5, ENVS[1]))))
        case "delete":
            return "delete", draw(st.sampled_from(IDS))
        case "pull_request":
            return "pull_request", draw(reports())
        case "patterns":
            return "patterns", draw(st.sampled_from(SERVICES)), draw(st.sampled_from(PATTERNS))
        case _:
            return kind, draw(st.integers(1, 4))


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """Draw what happens: a line of deployments at least, and most of the time all commits at once."""
    told: list[Step] = [("deploy", a_place(draw, "prod")) for _ in range(4)]
    told += [("pull_request", draw(reports())) for _ in range(3)]
    told += draw(st.lists(steps(), min_size=4, max_size=16))
    told = draw(st.permutations(told))
    if draw(st.integers(0, 3)):
        everything = "commits", REPOSITORIES[0], draw(whole)
        told.insert(draw(st.integers(0, len(told))), everything)
    return told


@st.composite
def reports(draw: st.DrawFn) -> PullRequestReport:
    """Draw what a Git host tells of a pull request; it need not fit the history."""
    number = draw(st.integers(1, 3))
    updated_at = NOON + draw(st.integers(0, 20)) * MINUTE_NS
    changes: dict[str, Any] = {
        "number": number,
        "updated_at": updated_at,
        "repository_id": REPOSITORIES[0],
        "opened_at": NOON - draw(st.integers(1, 3)) * DAY_NS,
        "lines_added": draw(st.integers(0, 2)),
    }
    if draw(st.integers(0, 4)):
        head = draw(shas)
        changes |= {
            "state": PullRequestState.MERGED,
            "merged_at": NOON + draw(st.integers(0, 3)) * DAY_NS,
            "head_sha": head,
            "merge_sha": draw(st.sampled_from((head, "")) | shas | shas | shas),
            "base_sha": draw(st.just("") | shas),
            "commits": draw(st.sampled_from((1, 2, 3))),
        }
    if draw(st.booleans()):
        changes["reviews"] = (Review("grace", updated_at, Opinion.APPROVED),)
    return a_report(**changes)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(history=histories(), told=stories())
def test_what_is_kept_is_what_the_facts_say(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId, history: History, told: list[Step]
) -> None:
    _empty(ledger)
    facts = Facts()
    stalled: list[doing._Done] = []
    for step in told:
        if step[0] == "stall":
            stalled += _work_without_keeping(ledger, step[1])
        else:
            _happen(ledger, org_id, history, facts, step)
    assert [] == _of_another_kind(ledger)
    for done in stalled:
        ledger.write(doing._ask, doing._Asked(done.asked, LATER))
        ledger.write(doing._keep, done)
    work_off(ledger, now=LATER + DAY_NS)

    _tell_all(ledger, other_org_id, facts)
    work_off(ledger)

    assert [] == _of_another_kind(ledger)
    expected = {id: linked(ledger, other_org_id, id) for id in facts.deployments}
    assert expected == {id: linked(ledger, org_id, id) for id in facts.deployments}


def _of_another_kind(ledger: Ledger) -> list[str]:
    """Return the ids of deployments whose commits say that they are of another kind than they are."""
    c, d = tables.deployment_commits.c, tables.deployments.c
    both = tables.deployment_commits.outerjoin(
        tables.deployments, (d.org_id == c.org_id) & (d.id == c.deployment_id)
    )
    with reading(ledger.engine) as transaction:
        wanted = select(c.deployment_id).select_from(both).where(c.kind.is_distinct_from(d.kind))
        return list(transaction.execute(wanted).scalars())


def _happen(ledger: Ledger, org_id: OrgId, history: History, facts: Facts, step: Step) -> None:
    match step:
        case ("commits", repository, lot):
            commits = tuple(
                (history.exact if exact else history.guessed)[sha]
                for sha, exact in lot
                if sha in history.exact
            )
            known = facts.commits.setdefault(repository, {})
            for commit in commits:
                known[commit.sha] = added_up(known.get(commit.sha, commit), commit)
            ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=repository, commits=commits))
        case ("deploy", changes):
            fact = a_deployment(org_id=org_id, **changes)
            facts.deployments[fact.id] = fact
            ledger.write(record_deployments, fact)
        case ("delete", id) if id in facts.deployments:
            del facts.deployments[id]
            ledger.write(delete_deployments, DeploymentNamed(org_id=org_id, id=id, at=NOON))
        case ("pull_request", report):
            facts.reports.append(report)
            ledger.write(record_pull_requests, replace(report, org_id=org_id))
        case ("patterns", service, patterns):
            facts.patterns[service] = patterns
            tell_source_patterns(ledger, org_id, service, patterns)
        case ("work", most):
            do_work(ledger, LATER, most)


def _work_without_keeping(ledger: Ledger, most: int) -> list[doing._Done]:
    """Do what a worker does that stalls before it writes."""
    taken = ledger.write(doing._take, doing._Wanted(most, LATER))
    lot = doing._with_following(ledger, taken, LATER)
    return [ledger.read(doing._work_out, lot)] if lot else []


def _tell_all(ledger: Ledger, org_id: OrgId, facts: Facts) -> None:
    """Tell everything at once, each fact as it is at the end."""
    for service, patterns in facts.patterns.items():
        tell_source_patterns(ledger, org_id, service, patterns)
    for repository, known in facts.commits.items():
        told = CommitsOf(org_id=org_id, repository_id=repository, commits=tuple(known.values()))
        ledger.write(record_commits, told)
    for report in facts.reports:
        ledger.write(record_pull_requests, replace(report, org_id=org_id))
    for fact in facts.deployments.values():
        ledger.write(record_deployments, msgspec.structs.replace(fact, org_id=org_id))


def _empty(ledger: Ledger) -> None:
    with writing(ledger.engine) as transaction:
        for table in _EMPTIED:
            transaction.execute(delete(table))
