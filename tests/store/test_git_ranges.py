"""What a deployment brought is what `git` itself says lies between two commits."""

import itertools
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, Reason, RepositoryId, Sha
from fairlead.domain.instants import NS_PER_S
from fairlead.store import tables
from fairlead.store.engine import writing
from fairlead.store.git_clone import open_clone
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import NOON, a_deployment
from tests.histories import NOON_S, Repository
from tests.linking import linked, tell_source_patterns, work_off

REPOSITORY = RepositoryId("github.com/shopist/checkout")
HOUR_S = 3600
FOLDERS = ("cart", "find")
_TABLES = (
    tables.deployments,
    tables.deployment_commits,
    tables.commits,
    tables.missing_parents,
    tables.catalog_entries,
)


@dataclass(frozen=True, slots=True)
class Made:
    """A commit to be made: the places of its parents, its time, and the folder it changes."""

    parents: tuple[int, ...]
    authored_s: int
    folder: str


@st.composite
def graphs(draw: st.DrawFn) -> list[Made]:
    """Draw a history with merges, octopuses, several roots, and clocks that go astray."""
    made: list[Made] = []
    for place in range(draw(st.integers(2, 30))):
        near = st.integers(max(0, place - 6), place - 1)
        parents = st.lists(near, max_size=3, unique=True) if place else st.just([])
        # Roots are drawn too, but seldom: most commits follow another.
        chosen = draw(parents) or ([place - 1] if place and draw(st.integers(0, 4)) else [])
        skew_s = draw(st.sampled_from((0, 0, 0, -40 * HOUR_S, 400 * HOUR_S)))
        folder = draw(st.sampled_from(FOLDERS))
        made.append(Made(tuple(chosen), NOON_S + place * HOUR_S + skew_s, folder))
    return made


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(graph=graphs(), data=st.data())
def test_a_deployment_brings_what_git_lists_between_two_commits(
    ledger: Ledger, org_id: OrgId, graph: list[Made], data: st.DataObject
) -> None:
    _empty(ledger)
    with tempfile.TemporaryDirectory() as folder:
        repository, shas = _make(graph, Path(folder))
        _tell(ledger, org_id, repository, shas, data.draw(st.randoms(use_true_random=False)))
        line = data.draw(st.lists(st.sampled_from(shas), min_size=2, max_size=5))
        in_paths = data.draw(st.booleans())
        if in_paths:
            tell_source_patterns(ledger, org_id, "checkout", (f"{FOLDERS[0]}/**",))
        for number, sha in enumerate(line):
            _deploy(ledger, org_id, number, sha)
        work_off(ledger)
        expected = [
            _leads(number, _listed(repository, old, new, [FOLDERS[0]] if in_paths else []))
            for number, (old, new) in enumerate(itertools.pairwise(line), 1)
        ]

    assert expected == [_brought(ledger, org_id, number) for number in range(1, len(line))]
    assert Reason.FIRST_DEPLOYMENT is linked(ledger, org_id, "d-0").summary.reason


def _make(graph: Sequence[Made], folder: Path) -> tuple[Repository, list[Sha]]:
    repository = Repository(folder)
    marks = folder / ".git" / "marks"
    stream = "".join(_command(place, one) for place, one in enumerate(graph))
    repository.git("fast-import", "--quiet", f"--export-marks={marks}", stdin=stream.encode())
    told = sorted(line.split() for line in marks.read_text(encoding="ascii").splitlines())
    by_mark = {int(mark[1:]): Sha(sha) for mark, sha in told}
    return repository, [by_mark[mark] for mark in sorted(by_mark)]


def _command(place: int, one: Made) -> str:
    parents = "".join(
        f"{'merge' if number else 'from'} :{parent + 1}\n" for number, parent in enumerate(one.parents)
    )
    content = f"{place}\n"
    return (
        f"reset refs/tags/c{place}\ncommit refs/tags/c{place}\nmark :{place + 1}\n"
        f"author Ada <ada@example.com> {one.authored_s} +0000\n"
        f"committer Ben <ben@example.com> {NOON_S} +0000\ndata 1\n.\n{parents}"
        f"M 100644 inline {one.folder}/{place}.txt\ndata {len(content)}\n{content}\n"
    )


def _tell(
    ledger: Ledger, org_id: OrgId, repository: Repository, shas: Sequence[Sha], chance: random.Random
) -> None:
    """Tell all commits, in any order and in lots of any size."""
    commits = list(open_clone(repository.path).commits(shas, ()))
    chance.shuffle(commits)
    while commits:
        size = chance.randint(1, len(commits))
        lot, commits = commits[:size], commits[size:]
        ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=tuple(lot)))


def _deploy(ledger: Ledger, org_id: OrgId, number: int, sha: Sha) -> None:
    fact = a_deployment(
        org_id=org_id,
        id=f"d-{number}",
        repository_id=REPOSITORY,
        commit_sha=sha,
        finished_at=_finished_at(number),
    )
    ledger.write(record_deployments, fact)


def _listed(repository: Repository, old: Sha, new: Sha, paths: Sequence[str]) -> dict[str, int]:
    """Return the commits and author times that git lists between two commits, merges left out."""
    limited = ["--full-history", "--", *paths] if paths else []
    listed = repository.git("log", "--no-merges", "--format=%H %at", f"{old}..{new}", *limited)
    return {sha: int(at) for sha, at in (line.split() for line in listed.splitlines())}


def _leads(number: int, authored_s: Mapping[str, int]) -> dict[str, int | None]:
    """Return how long each commit took to the end of a deployment; None for those that are younger."""
    finished_s = _finished_at(number) // NS_PER_S
    return {sha: finished_s - at_s if at_s <= finished_s else None for sha, at_s in authored_s.items()}


def _brought(ledger: Ledger, org_id: OrgId, number: int) -> dict[str, int | None]:
    """Return the commits that are measured, and how long each took."""
    kept = linked(ledger, org_id, f"d-{number}").commits
    spans = {one.sha: one.lead.lead_time_ns for one in kept if one.lead is not None}
    return {sha: None if ns is None else ns // NS_PER_S for sha, ns in spans.items()}


def _finished_at(number: int) -> int:
    return NOON + (100 + number) * HOUR_S * NS_PER_S


def _empty(ledger: Ledger) -> None:
    with writing(ledger.engine) as transaction:
        for table in _TABLES:
            transaction.execute(delete(table))
