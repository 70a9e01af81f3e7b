"""How long importing a history takes, beside how long `git log --raw` of the same history takes.

    python -m benchmarks.git_import                      100 000 commits into a file of SQLite
    python -m benchmarks.git_import --commits 10000
    python -m benchmarks.git_import --engine postgresql  into a PostgreSQL started for it

Both are whole programs, started anew, on a repository made for it. Ends with 1 if the promise is
not kept. Not here: uploads.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from fairlead.store import schema
from fairlead.store.engine import open_engine
from tests.databases import a_postgresql

PROMISED_RATIO: Final = 3.0
ROUNDS: Final = 3
URL: Final = "https://git.example.com/acme/large.git"

_ENVIRON = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="fairlead-import-") as name:
        folder = Path(name)
        repository = made(folder / "large.git", asked.commits)
        yardstick = best(["git", "log", "--raw"], repository, [[]] * ROUNDS)
        program = [
            str(Path(sys.executable).parent / "fairlead"),
            "git",
            "import",
            ".",
            "--repository-url",
            URL,
        ]
        with _databases(asked.engine, folder) as databases:
            places = [
                ["--database", database, "--data-dir", str(folder / f"data{number}")]
                for number, database in enumerate(databases)
            ]
            imported = best(program, repository, places)
            again = timed([*program, *places[-1]], repository)
    ratio = imported.clock_s / yardstick.clock_s
    print(f"git log --raw of {asked.commits} commits  {yardstick}")
    print(f"import of the same            {imported}  {ratio:.2f} times (at most {PROMISED_RATIO})")
    print(f"import of nothing new         {again}")
    print(f"of the processor's time       {imported.processor_s / yardstick.processor_s:.2f} times")
    return int(ratio > PROMISED_RATIO)


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[list[str]]:
    """Give the URLs of databases of the newest schema, as many as there are rounds."""
    if engine == "sqlite":
        yield [f"sqlite:///{folder / f'{number}.db'}" for number in range(ROUNDS)]
        return
    with a_postgresql(uuid4().hex[:12]) as server:
        databases = [server.create(f"import{number}") for number in range(ROUNDS)]
        for database in databases:
            engine_of = open_engine(database)
            schema.migrate(engine_of)
            engine_of.dispose()
        yield databases


@dataclass(frozen=True)
class Took:
    """How long a command took."""

    clock_s: float
    processor_s: float
    """Of all its processes, without a database server: what others do on the machine matters less to it."""

    def __str__(self) -> str:
        return f"{self.clock_s:6.2f} s ({self.processor_s:.2f} s of the processor)"


def best(command: list[str], repository: Path, options: list[list[str]]) -> Took:
    """Return the least that a command takes, run once with each of `options`."""
    runs = [timed([*command, *more], repository) for more in options]
    return Took(min(run.clock_s for run in runs), min(run.processor_s for run in runs))


def timed(command: list[str], repository: Path) -> Took:
    """Run a command in a repository."""
    before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command,
        cwd=repository,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_ENVIRON,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - started_s, processor_s)


def made(path: Path, commits: int) -> Path:
    """Make a repository of that many commits, in which a few files of some hundred folders change."""
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], check=True, env=_ENVIRON
    )
    stream = subprocess.Popen(
        ["git", "fast-import", "--quiet"], cwd=path, stdin=subprocess.PIPE, env=_ENVIRON
    )
    assert stream.stdin is not None
    with stream.stdin as told:
        for command in history(commits):
            told.write(command)
    assert stream.wait() == 0
    return path


def history(commits: int) -> Iterator[bytes]:
    """Yield a history for `git fast-import`: mostly a line, with a merge of a short branch now and then."""
    chance = random.Random(1)
    at_s = 1_500_000_000
    for number in range(1, commits + 1):
        at_s += 300
        yield (
            f"commit refs/heads/main\nmark :{number}\n"
            f"author Dev {number % 40} <dev{number % 40}@example.com> {at_s} +0100\n"
            f"committer Dev {number % 7} <dev{number % 7}@example.com> {at_s + 60} +0100\n"
            f"data <<END\nFix part {number} of the cart\n\nIt was slow.\nEND\n"
        ).encode()
        if number > 10 and number % 10 == 0:
            yield f"from :{number - 1}\nmerge :{number - 3}\n".encode()
        for _ in range(chance.choice((1, 1, 2, 3))):
            name = f"src/part{chance.randrange(40)}/pack{chance.randrange(10)}/file{chance.randrange(20)}.py"
            yield f"M 100644 inline {name}\ndata <<END\n{number}\nEND\n".encode()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
