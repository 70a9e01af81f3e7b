"""What one deployment more costs a service that has had many of a repository with a long history.

    python -m benchmarks.one_more                           SQLite
    python -m benchmarks.one_more --engine postgresql       on a PostgreSQL started for it

From the posted fact to the commits that came with it, first with a tenth of the history, then with
all of it: a service with 10 000 earlier deployments and 1 000 000 commits. The history is put there
as the database itself can make it. Ends with 1 if it takes more than milliseconds, or grows with
the history. Not here: linking everything (`linking.py`).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final
from uuid import uuid4

from sqlalchemy import text

from benchmarks.linking import BETWEEN_NS, ORG, REPOSITORY
from fairlead.domain.changes import Sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.store import links, schema, work
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_deployments import record_deployments
from tests.databases import a_postgresql

PROMISED_MS: Final = 100.0
"""A fact is visible within a second, most of which a worker may be resting."""
PROMISED_GROWTH: Final = 2.0
"""Of the whole history beside a tenth of it; what does not grow varies by less."""
# Early enough that a million commits end before today.
START: Final = from_rfc3339("2015-01-01T00:00:00Z")
EACH: Final = 100
"""Commits between one deployment and the next."""
RUNS: Final = 15
_TOGETHER: Final = 500

# A line of commits; each is named by its number.
_COMMITS: Final = """
INSERT INTO commits (org_id, repository_id, sha, ordinal, parents, parents_exact, author_name, author_email,
  authored_at, committer_name, committer_email, committed_at, subject, paths)
{numbers}
SELECT {org}, '{repository}', {sha}, n, CASE n WHEN 0 THEN '[]' ELSE '["' || {parent} || '"]' END, {yes},
  'Ada', 'ada@example.com', {start} + n * {between}, 'Ada', 'ada@example.com', {start} + n * {between},
  'Change part ' || n || ' of the cart', NULL
FROM numbers"""
_SPELLED: Final = {
    "sqlite": {
        "numbers": "WITH RECURSIVE numbers(n) AS"
        " (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})",
        "sha": "printf('%040x', n)",
        "parent": "printf('%040x', n - 1)",
        "yes": "1",
    },
    "postgresql": {
        "numbers": "WITH numbers(n) AS (SELECT generate_series({first}::bigint, {last}::bigint))",
        "sha": "lpad(to_hex(n), 40, '0')",
        "parent": "lpad(to_hex(n - 1), 40, '0')",
        "yes": "true",
    },
}


def main() -> int:
    """Measure, print, and say whether the promises are kept."""
    asked = _arguments()
    with ExitStack() as until_done:
        ledger = Ledger(_database(asked.engine, until_done))
        until_done.callback(ledger.close)
        schema.migrate(ledger.engine)
        sizes = asked.commits // 10, asked.commits
        _load(ledger, 0, sizes[0])
        small_ms = _measure(ledger, sizes[0])
        _load(ledger, sizes[0], sizes[1])
        large_ms = _measure(ledger, sizes[1])
    # Of the processor's time too, which says it best on a machine that others use.
    growth = max(large / small for small, large in zip(small_ms, large_ms, strict=True))
    print(f"{asked.engine}: from the posted fact to its commits, median of {RUNS} (CPU of this process), ms")
    for commits, (next_ms, late_ms, cpu_ms) in zip(sizes, (small_ms, large_ms), strict=True):
        told = f"{commits // EACH:>6} earlier, {commits:>8} commits"
        print(f"{told}   the next {next_ms:6.1f} ({cpu_ms:.1f})   a late one {late_ms:6.1f}")
    worst_ms = max(large_ms)
    print(f"at most {worst_ms:.1f} ms (promised {PROMISED_MS:.0f})")
    print(f"grown {growth:.2f} times (at most {PROMISED_GROWTH})")
    return int(worst_ms > PROMISED_MS or growth > PROMISED_GROWTH)


def _load(ledger: Ledger, first: int, last: int) -> None:
    """Put commits from `first` to before `last` there, and their deployments, as if all were linked."""
    spelled = _SPELLED[ledger.engine.name]
    numbers = spelled["numbers"].format(first=first, last=last - 1)
    names = {"org": ORG, "repository": REPOSITORY, "start": START, "between": BETWEEN_NS}
    told = list(_deployments(first, last))
    with writing(ledger.engine) as transaction:
        transaction.execute(text(_COMMITS.format(**(spelled | names | {"numbers": numbers}))))
        for start in range(0, len(told), _TOGETHER):
            record_deployments(transaction, told[start : start + _TOGETHER])
        transaction.execute(text("DELETE FROM work"))
    if ledger.engine.name == "postgresql":
        with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _deployments(first: int, last: int) -> Iterator[Deployment]:
    # The newest commits are not deployed yet.
    for commit in range(first + EACH - 1, last - EACH, EACH):
        yield _deployment(f"deployment-{commit:08}", commit)


def _deployment(name: str, commit: int) -> Deployment:
    at = START + commit * BETWEEN_NS + BETWEEN_NS // 2
    return Deployment(
        org_id=ORG,
        id=DeploymentId(name),
        named_by_caller=True,
        service="shop",
        env="prod",
        version=name,
        repository_id=REPOSITORY,
        commit_sha=Sha(f"{commit:040x}"),
        started_at=at - 60 * NS_PER_S,
        finished_at=at,
        received_at=at,
    )


def _measure(ledger: Ledger, commits: int) -> tuple[float, float, float]:
    """Return milliseconds for the next deployment, for a late one, and of the processor for the next."""
    following, late, cpu = [], [], []
    for run in range(RUNS):
        took_ms, cpu_ms = _linked_ms(ledger, _deployment(f"next-{commits}-{run}", commits - EACH + run))
        following.append(took_ms)
        cpu.append(cpu_ms)
        late.append(
            _linked_ms(ledger, _deployment(f"late-{commits}-{run}", commits // 2 + EACH // 2 - run))[0]
        )
    return median(following), median(late), median(cpu)


def _linked_ms(ledger: Ledger, one: Deployment) -> tuple[float, float]:
    """Tell of a deployment and do what follows at once; return the milliseconds until it has commits.

    Also those of the processor that this process took meanwhile.
    """
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    ledger.write(record_deployments, one)
    do_work(ledger, time.time_ns())
    took_ms = (time.perf_counter() - began_s) * 1000, (time.process_time() - began_cpu_s) * 1000
    assert ledger.read(links.commits_of, ORG, one.id)
    while do_work(ledger, time.time_ns()):
        pass
    assert ledger.read(work.waiting) == 0
    return took_ms


def _database(engine: str, until_done: ExitStack) -> str:
    if engine == "postgresql":
        return until_done.enter_context(a_postgresql(uuid4().hex[:12])).create("one_more")
    folder = until_done.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-one-more-"))
    return f"sqlite:///{Path(folder) / 'one-more.db'}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--commits", type=int, default=1_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
