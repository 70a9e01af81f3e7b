"""How fast Engineering Insights lists a million deployments, in process, without HTTP.

    python -m benchmarks.insights_lists                      on a file of SQLite
    python -m benchmarks.insights_lists --engine postgresql  on a PostgreSQL started for it

Pages of 100 down to the bytes of the answer, from recent and far back, of a week and of all time, without
and with pull requests and flag references, and pages of pull requests; the latest deployments have commits
and pull requests. The yardstick of the same run is one deployment by its id. What a page costs the
processor stands beside what it took, because other programs may run meanwhile. Ends with 1 if the promise
is not kept. Not here: the deployments (`delivery.py`).
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Engine, select

from benchmarks.delivery import DAY_NS, END, START, loaded
from benchmarks.list_search import scratch
from fairlead.dialects.launchdarkly.deployments_translate import deployment
from fairlead.dialects.launchdarkly.pulls_translate import pull_request
from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptKind
from fairlead.domain.changes import Commit, CommitsOf, Person, PullRequestState, RepositoryId, Sha
from fairlead.domain.insights import DEPLOYED, Cursor, Listed, ListPage, PullsAsked, Territory
from fairlead.domain.links import Brought, Deployed, Lead, Link, LinkedCommit
from fairlead.domain.reports import Account, PullRequestReport
from fairlead.metrics.lead_time import deployment_lead
from fairlead.store import commits, links, pull_requests, tables
from fairlead.store.engine import reading, writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work
from fairlead.usecases.find_attempts import Expanded, find_attempts
from fairlead.usecases.find_pull_requests import PullsPage, PullsWanted, find_pull_requests

LIMIT: Final = 100
PLAIN_MS: Final = 25.0
EXPANDED_MS: Final = 150.0
_LINKED: Final = 4_000
_COMMITS: Final = 6
_HOUR_NS: Final = 3_600_000_000_000
_encode = msgspec.json.Encoder().encode
NEITHER: Final = Expanded()
BOTH: Final = Expanded(pull_requests=True, flag_references=True)


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    options = _options()
    with ExitStack() as until_done:
        url = options.database or scratch(options, until_done)
        engine, org_id = loaded(url, options.rows)
        until_done.callback(engine.dispose)
        _bring_commits(engine, org_id)
        _work_off(url)
        pages = _pages(engine, org_id)
        print(f"\n{engine.name}, {options.rows:,} deployments, limit {LIMIT}, {options.runs} runs of each")
        print(f"{'':52}{'median':>9}{'p95':>9}{'CPU':>9}")
        _print("one deployment by id", _measured(_one_by_id(engine, org_id), options.runs))
        plain = {name: _asking(engine, page, NEITHER) for name, page in pages.items()}
        both = {f"{name}, with both": _asking(engine, page, BOTH) for name, page in pages.items()}
        pulls = _of_pull_requests(engine, org_id)
        parts = ((plain, PLAIN_MS), (pulls, PLAIN_MS), (both, EXPANDED_MS))
        kept = [_keeps(questions, promised_ms, options.runs) for questions, promised_ms in parts]
    print("kept" if all(kept) else "NOT KEPT")
    return 0 if all(kept) else 1


def _keeps(questions: dict[str, Callable[[], object]], promised_ms: float, runs: int) -> bool:
    every: list[float] = []
    for name, ask in questions.items():
        found = _measured(ask, runs)
        _print(name, found)
        every += found.took_ms
    print(f"p95 {_p95(every):.2f} ms, promised {promised_ms:.0f} ms")
    return _p95(every) < promised_ms


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--database", help="a database to use instead of a scratch one")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "fairlead-list-search")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20)
    return parser.parse_args()


def _work_off(url: str) -> None:
    """Do what a worker would have done long ago."""
    ledger = Ledger(url)
    try:
        while do_work(ledger, time.time_ns()):
            pass
    finally:
        ledger.close()


def _pages(engine: Engine, org_id: OrgId) -> dict[str, ListPage]:
    prod = Territory(org_id=org_id, project_key="default", env="prod")
    week = ListPage(territory=prod, from_at=END - 7 * DAY_NS, until_at=END, limit=LIMIT)
    ever = replace_page(week, from_at=START)
    return {
        "a week": week,
        "a week, one application": replace_page(week, territory=of(prod, "checkout")),
        "a week, second page": replace_page(week, after=_end_of(engine, week)),
        "four months": ever,
        "four months, far back": replace_page(ever, after=(END - 90 * DAY_NS, "")),
        "four months, one application": replace_page(ever, territory=of(prod, "ledger")),
        "four months, an application long gone": replace_page(ever, territory=of(prod, "legacy-billing")),
        "four months, rollbacks": replace_page(ever, kind=AttemptKind.ROLLBACK),
        "four months, redeployments: none": replace_page(ever, kind=AttemptKind.REDEPLOYMENT),
    }


def replace_page(page: ListPage, **changes: object) -> ListPage:
    """Return a page with some of it changed."""
    values = {name: getattr(page, name) for name in ListPage.__struct_fields__}
    return ListPage(**values | changes)


def of(territory: Territory, application: str) -> Territory:
    """Return the part of a territory that one application is."""
    return Territory(
        org_id=territory.org_id,
        project_key=territory.project_key,
        env=territory.env,
        applications=(application,),
    )


def _end_of(engine: Engine, page: ListPage) -> Cursor:
    with reading(engine) as transaction:
        last: Listed = find_attempts(transaction, page, NEITHER).items[-1].listed
    return last.at, last.id


def _asking(engine: Engine, page: ListPage, expanded: Expanded) -> Callable[[], object]:
    org_id = page.territory.org_id

    def ask() -> object:
        with reading(engine) as transaction:
            found = find_attempts(transaction, page, expanded)
        return _encode([deployment(one, org_id) for one in found.items])

    return ask


def _of_pull_requests(engine: Engine, org_id: OrgId) -> dict[str, Callable[[], object]]:
    prod = Territory(org_id=org_id, project_key="default", env="prod")
    asked = PullsAsked(territory=prod, from_at=START, until_at=END)
    wanted = PullsWanted()
    with reading(engine) as transaction:
        first = find_pull_requests(transaction, asked, PullsPage(limit=LIMIT), wanted)
    beyond = PullsPage(limit=LIMIT, after=first.items[-1].place)

    def asking(asked: PullsAsked, page: PullsPage) -> Callable[[], object]:
        def ask() -> object:
            with reading(engine) as transaction:
                found = find_pull_requests(transaction, asked, page, wanted)
            return _encode([pull_request(one.pull, org_id) for one in found.items])

        return ask

    return {
        "pull requests": asking(asked, PullsPage(limit=LIMIT)),
        "pull requests, second page": asking(asked, beyond),
        "pull requests, a day": asking(
            PullsAsked(territory=prod, from_at=END - DAY_NS, until_at=END), PullsPage(limit=LIMIT)
        ),
        "pull requests, deployed": asking(
            PullsAsked(territory=prod, from_at=START, until_at=END, status=DEPLOYED), PullsPage(limit=LIMIT)
        ),
    }


def _one_by_id(engine: Engine, org_id: OrgId) -> Callable[[], object]:
    d = tables.deployments.c
    with reading(engine) as transaction:
        id = transaction.execute(select(d.id).where(d.org_id == org_id).limit(1)).scalar_one()

    def ask() -> object:
        with reading(engine) as transaction:
            return transaction.execute(select(tables.deployments).where(d.org_id == org_id, d.id == id)).one()

    return ask


class _Measured(NamedTuple):
    took_ms: list[float]
    cpu_ms: float
    """Of one run, on average, in this process."""


def _measured(ask: Callable[[], object], runs: int) -> _Measured:
    ask()
    found = []
    before_s = time.process_time()
    for _ in range(runs):
        began_s = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began_s) * 1000)
    return _Measured(found, (time.process_time() - before_s) * 1000 / runs)


def _print(name: str, found: _Measured) -> None:
    told = median(found.took_ms), _p95(found.took_ms), found.cpu_ms
    print(f"{name:52}{told[0]:>9.2f}{told[1]:>9.2f}{told[2]:>9.2f}", flush=True)


def _p95(found: Sequence[float]) -> float:
    return sorted(found)[round(0.95 * (len(found) - 1))]


def _bring_commits(engine: Engine, org_id: OrgId) -> None:
    """Let the latest deployments to production have brought commits and pull requests."""
    d = tables.deployments.c
    mine = d.org_id == org_id, d.env == "prod", d.finished_at > END - 20 * DAY_NS
    columns = [d.id, d.service, d.env, d.repository_id, d.commit_sha, d.started_at, d.finished_at]
    with reading(engine) as transaction:
        rows = transaction.execute(
            select(*columns).where(*mine).order_by(d.finished_at.desc()).limit(_LINKED)
        ).all()
        c = tables.deployment_commits.c
        if transaction.execute(select(c.sha).where(c.org_id == org_id).limit(1)).first():
            return
    deployed = [Deployed(org_id=org_id, **row._asdict()) for row in rows]
    for start in range(0, len(deployed), 500):
        part = list(enumerate(deployed[start : start + 500], start))
        with writing(engine) as transaction:
            for told in _histories(part):
                commits.put(transaction, told)
            for report in (report for n, one in part for report in _reports(n, one)):
                pull_requests.put(transaction, Account.of(report))
            links.put(transaction, [_link(number, one) for number, one in part])


def _sha(number: int, place: int) -> Sha:
    return Sha(hashlib.sha256(f"{number} {place}".encode()).hexdigest()[:40])


def _histories(part: Sequence[tuple[int, Deployed]]) -> Iterator[CommitsOf]:
    for number, one in part:
        people = [Person(f"Person {n}", f"person{n}@example.com") for n in range(9)]
        made = tuple(
            Commit(
                sha=_sha(number, place),
                parents=(),
                author=people[(number + place) % 9],
                authored_at=one.finished_at - (place + 2) * _HOUR_NS,
                committer=people[0],
                committed_at=one.finished_at - (place + 2) * _HOUR_NS,
                subject="Change",
                paths=None,
            )
            for place in range(_COMMITS)
        )
        yield CommitsOf(org_id=one.org_id, repository_id=RepositoryId(one.repository_id), commits=made)


def _reports(number: int, one: Deployed) -> Iterator[PullRequestReport]:
    for which in range(2):
        yield PullRequestReport(
            org_id=one.org_id,
            repository_id=RepositoryId(one.repository_id),
            number=2 * number + which + 1,
            updated_at=one.started_at,
            opened_at=one.started_at - 4 * _HOUR_NS,
            title=f"Change {number}",
            url=f"https://{one.repository_id}/pull/{2 * number + which + 1}",
            author="ada",
            state=PullRequestState.MERGED,
            merged_at=one.started_at - _HOUR_NS,
            head_sha=_sha(number, which),
            merge_sha=_sha(number, which),
            lines_added=10,
            lines_deleted=5,
            files_changed=2,
        )


def _link(number: int, one: Deployed) -> Link:
    made = tuple(
        LinkedCommit(
            sha=_sha(number, place),
            exclusion=None,
            pull_request=2 * number + place % 2 + 1,
            lead=Lead(lead_time_ns=(place + 2) * _HOUR_NS, stages_ns=(None,) * 5),
        )
        for place in range(_COMMITS)
    )
    leads = [commit.lead for commit in made if commit.lead is not None]
    brought = Brought(
        contributors=_COMMITS,
        lines_added=20,
        lines_deleted=10,
        opened_at=one.started_at - 4 * _HOUR_NS,
        merged_at=one.started_at - _HOUR_NS,
    )
    return Link(deployment=one, reason=None, lead=deployment_lead(leads), commits=made, brought=brought)


if __name__ == "__main__":
    sys.exit(main())
