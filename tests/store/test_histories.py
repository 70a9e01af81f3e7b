"""Every history of the corpus gets the answers that were worked out by hand."""

import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from msgspec import UNSET

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, PullRequestState, RepositoryId, Sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.reports import Opinion, PullRequestReport, Review
from fairlead.store.git_clone import open_clone
from fairlead.store.ledger import Ledger
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.explain_deployment import ExplainedDeployment, explain_deployment
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests import corpus
from tests.corpus import DeploymentTold, Expected, PullRequestTold, Story
from tests.factories import NOON, a_deployment
from tests.linking import tell_source_patterns, work_off

REPOSITORY = RepositoryId(corpus.REPOSITORY)
Made = tuple[Story, CommitsOf, Mapping[str, str]]
Telling = Callable[[], object]
ORDERS: dict[str, Callable[[list[Telling]], list[Telling]]] = {
    "in order": list,
    "turned round": lambda tellings: tellings[::-1],
    "mixed up": lambda tellings: random.Random(7).sample(tellings, len(tellings)),
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, OrgId], Made]:
    """Make a history with git, once, and read its commits."""
    folder = tmp_path_factory.mktemp("corpus")
    cache: dict[str, Made] = {}

    def make(name: str, org_id: OrgId) -> Made:
        if name not in cache:
            cache[name] = _make(name, folder / name, org_id)
        return cache[name]

    return make


def _make(name: str, folder: Path, org_id: OrgId) -> Made:
    story = corpus.read(name)
    shas = corpus.make(story, folder)[1]
    tips = [Sha(sha) for sha in shas.values()]
    known = {shas[name] for name in (shas if story.known is None else story.known)}
    commits = tuple(commit for commit in open_clone(folder).commits(tips, ()) if commit.sha in known)
    return story, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=commits), shas


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", corpus.names())
def test_a_history_gets_its_answers(
    ledger: Ledger, org_id: OrgId, made: Callable[[str, OrgId], Made], name: str, order: str
) -> None:
    story, commits, shas = made(name, org_id)
    tellings = list(_tellings(ledger, org_id, story, commits, shas))
    for tell in ORDERS[order](tellings):
        tell()
        work_off(ledger)
    for one in story.deployments:
        if one.deleted:
            ledger.write(delete_deployments, DeploymentNamed(org_id=org_id, id=one.id, at=NOON))
    work_off(ledger)

    names = {sha: name for name, sha in shas.items()}
    told = [ledger.read(explain_deployment, org_id, one.id) for one in story.expected]
    assert [_sorted(one) for one in story.expected] == [_answer(one, names) for one in told]


def test_a_history_has_the_same_names_everywhere(tmp_path: Path) -> None:
    shas = corpus.make(corpus.read("linear"), tmp_path)[1]

    assert "c8da9c64af316f290b0819c6112b4d42f1fcd5d5" == shas["D"]


def _tellings(
    ledger: Ledger, org_id: OrgId, story: Story, commits: CommitsOf, shas: Mapping[str, str]
) -> Iterator[Telling]:
    """Yield what tells each fact, in the order of the file; commits one by one."""
    for service, patterns in story.patterns.items():
        yield partial(tell_source_patterns, ledger, org_id, service, tuple(patterns))
    for commit in commits.commits:
        lot = CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=(commit,))
        yield partial(ledger.write, record_commits, lot)
    for one in story.pull_requests:
        yield partial(ledger.write, record_pull_requests, _report(org_id, one, shas))
    for told in story.deployments:
        yield partial(ledger.write, record_deployments, _deployment(org_id, told, shas))


def _report(org_id: OrgId, one: PullRequestTold, shas: Mapping[str, str]) -> PullRequestReport:
    opened, ready = one.opened_s * NS_PER_S, (one.ready_s or one.opened_s) * NS_PER_S
    return PullRequestReport(
        org_id=org_id,
        repository_id=REPOSITORY,
        number=one.number,
        updated_at=ready,
        opened_at=opened,
        title=f"Pull request {one.number}",
        state=PullRequestState.MERGED,
        merged_at=one.merged_s * NS_PER_S,
        merge_sha=shas[one.merge],
        head_sha=shas.get(one.head, ""),
        base_sha=shas.get(one.base, ""),
        commits=UNSET if one.commits is None else one.commits,
        marked_ready=ready != opened,
        reviews=tuple(Review("grace", at * NS_PER_S, Opinion.APPROVED) for at in one.approved_s),
    )


def _deployment(org_id: OrgId, one: DeploymentTold, shas: Mapping[str, str]) -> Deployment:
    return a_deployment(
        org_id=org_id,
        id=DeploymentId(one.id),
        service=one.service,
        env=one.env,
        repository_id=REPOSITORY if one.commit else "",
        commit_sha=shas[one.commit] if one.commit else "",
        started_at=one.started_s * NS_PER_S,
        finished_at=one.finished_s * NS_PER_S,
        received_at=NOON,
    )


def _sorted(one: Expected) -> Expected:
    one.commits.sort(key=lambda commit: commit.name)
    return one


def _answer(told: ExplainedDeployment, names: Mapping[str, str]) -> Expected:
    """Return what Fairlead says, in the words of the corpus."""
    link = told.known.link
    answer = Expected(
        id=told.known.fact.id,
        previous=None if told.previous is None else told.previous.id,
        reason=link.reason,
        average_s=_seconds(link.lead.average_ns),
        shortest_s=_seconds(link.lead.shortest_ns),
        longest_s=_seconds(link.lead.longest_ns),
    )
    for one in told.commits:
        name = names[one.commit.sha]
        if one.link.lead is None:
            answer.excluded[name] = str(one.link.exclusion)
        else:
            lead, stages = one.link.lead.lead_time_ns, one.link.lead.stages_ns
            answer.commits.append(
                corpus.CommitExpected(
                    name=name,
                    lead_time_s=_seconds(lead),
                    stages_s=[_seconds(stage) for stage in stages],
                    pull_request=one.link.pull_request,
                )
            )
    assert link.number_of_commits in {None, len(answer.commits)}
    return _sorted(answer)


def _seconds(ns: int | None) -> int | None:
    if ns is None:
        return None
    seconds, rest = divmod(ns, NS_PER_S)
    assert rest == 0
    return seconds
