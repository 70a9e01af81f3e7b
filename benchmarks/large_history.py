"""Whether a large repository gets in, by `datadog-ci` and by `fairlead git import`, and how long it takes.

    python -m benchmarks.large_history                        100 000 commits, 1 000 deployments, SQLite
    python -m benchmarks.large_history --engine postgresql    on a PostgreSQL started for it
    python -m benchmarks.large_history --commits 5000 --deployments 50

Everything is real: a repository made by git, the official client, a server over TLS. Half of the
deployments are told before the commits, half after. Each must bring exactly the commits that
`git rev-list A..B --no-merges` says, as far as they are the service's; what was sent once is not
sent again; and no answer may take so long that the client gives up. Ends with 1 if any of that
does not hold. Not here: how the repository is made (`tests/large_histories.py`).
"""

import argparse
import json
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.repositories import repository_id
from fairlead.store import commits, work
from fairlead.store.ledger import Ledger
from tests.databases import PostgreSQL, a_postgresql
from tests.large_histories import Deployed, LargeHistory, a_monorepo
from tests.official_clients import datadog_ci, tls_server
from tests.programs import Program, Server
from tests.running import a_key

PROMISED_ANSWER_S: Final = 15.0
"""After that datadog-ci gives up, and what it has sent is lost."""
URL: Final = "https://git.example.test/acme/large.git"
_NAME: Final = RepositoryId(repository_id(URL))
_PACKFILE: Final = "/api/v2/git/repository/packfile"
_SEARCH: Final = "/api/v2/git/repository/search_commits"
_PATIENCE_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Site:
    """A running server on a database of its own."""

    program: Program
    server: Server
    authority: Path
    http: httpx.Client
    api_key: str
    ledger: Ledger

    def tell_paths(self, history: LargeHistory) -> None:
        """Tell which paths are whose."""
        for one in history.definitions():
            self.http.post("/api/v2/services/definitions", json=one).raise_for_status()

    def tell(self, told: Sequence[Deployed]) -> None:
        """Tell of deployments."""
        for one in told:
            self.http.post("/api/v2/dora/deployment", json=one.body(URL)).raise_for_status()

    def known(self, shas: Sequence[Sha]) -> int:
        """Return how many commits are recorded."""
        found = self.ledger.read(commits.known, organisation_id(DEFAULT_ORGANISATION), _NAME, shas)
        return len(found)

    def brought(self, deployment_id: str) -> set[str]:
        """Return the commits that a deployment is said to have brought."""
        told = self.http.get(f"/api/fairlead/v1/deployments/{deployment_id}").raise_for_status().json()
        return {one["sha"] for one in told["commits"]}

    def answers(self, route: str) -> list[tuple[int, float]]:
        """Return status and seconds of every answer to a route."""
        lines = [json.loads(line) for line in self.server.log.splitlines() if f'"{route}"' in line]
        return [(line["status"], line["duration_ms"] / 1000) for line in lines if "duration_ms" in line]


def main() -> int:
    """Measure, print, and say whether the promises are kept."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="fairlead-large-", ignore_cleanup_errors=True) as name:
        size, folder = {"commits": asked.commits, "deployments": asked.deployments}, Path(name)
        history, made_s = _timed(lambda: a_monorepo(folder / "large", URL, **size, until_s=int(time.time())))
        size_told = f"{asked.commits} commits, {asked.deployments} deployments"
        print(f"{size_told}, {asked.engine}: made in {made_s:.0f} s")
        missed: list[str] = []
        with _databases(asked.engine, folder) as database:
            for road in (_uploaded, _imported):
                with _site(folder / road.__name__, database(road.__name__)) as site:
                    site.tell_paths(history)
                    missed += road(site, history)
    print(f"not kept: {'; '.join(missed) or 'none'}")
    return int(bool(missed))


def _uploaded(site: Site, history: LargeHistory) -> list[str]:
    """Bring the history in by the official client."""
    middle = len(history.deployments) // 2
    site.tell(history.deployments[:middle])
    sent_s = _timed(lambda: _upload(site, history))[1]
    recorded_s = _until(lambda: site.known(history.shas) == len(history.shas))
    site.tell(history.deployments[middle:])
    missed = _linked(site, history)
    packs = len(site.answers(_PACKFILE))
    again_s = _timed(lambda: _upload(site, history))[1]
    answers = site.answers(_PACKFILE) + site.answers(_SEARCH)
    longest_s = max(seconds for _, seconds in answers)
    print(f"datadog-ci git-metadata upload    {sent_s:7.1f} s, {packs} packs")
    print(f"longest answer                    {longest_s:7.1f} s (at most {PROMISED_ANSWER_S:.0f})")
    print(f"all recorded after it             {recorded_s:7.1f} s")
    print(f"the same once more                {again_s:7.1f} s, {len(site.answers(_PACKFILE)) - packs} packs")
    if longest_s > PROMISED_ANSWER_S or any(status >= 300 for status, _ in answers):
        missed.append("an answer the client would not wait for")
    if len(site.answers(_PACKFILE)) > packs:
        missed.append("packs were sent again")
    return missed


def _imported(site: Site, history: LargeHistory) -> list[str]:
    """Bring the history in from the clone, while the server runs."""
    middle = len(history.deployments) // 2
    site.tell(history.deployments[:middle])
    path = str(history.repository.path)
    command = "git", "import", path, "--repository-url", URL
    imported_s = _timed(lambda: site.program.run(*command, patience_s=_PATIENCE_S))[1]
    site.tell(history.deployments[middle:])
    missed = _linked(site, history)
    print(f"fairlead git import               {imported_s:7.1f} s")
    if site.known(history.shas) < len(history.shas):
        missed.append("an import left commits out")
    return missed


def _upload(site: Site, history: LargeHistory) -> None:
    with datadog_ci(site.server, site.authority, site.api_key) as client:
        command = "git-metadata", "upload", "--repository-url", URL
        home = {"HOME": str(site.program.home)}
        ended = replace(client, patience_s=_PATIENCE_S).run(*command, cwd=history.repository.path, **home)
    if ended.code or "Could not write" in ended.printed:
        raise SystemExit(f"datadog-ci failed: {ended.printed}")


def _linked(site: Site, history: LargeHistory) -> list[str]:
    """Wait until nothing is left to do, and look at what each deployment brought."""
    settled_s = _until(lambda: site.ledger.read(work.waiting) == 0)
    expected = history.expected()
    wrong = [one.id for one in history.deployments if site.brought(one.id) != expected.get(one.id, set())]
    brought = sum(map(len, expected.values()))
    print(f"all linked after the last fact    {settled_s:7.1f} s, {brought} commits, {len(wrong)} wrong")
    return [f"{len(wrong)} deployments have other commits, {wrong[0]} is the first"] if wrong else []


@contextmanager
def _site(home: Path, database: str) -> Iterator[Site]:
    home.mkdir()
    program = Program(home, FAIRLEAD_DATABASE=database, FAIRLEAD_LOG_REQUESTS="true")
    program.run("db", "migrate")
    keys = {kind: a_key(program, kind)["key"] for kind in ("api", "app")}
    headers = {"DD-API-KEY": keys["api"], "DD-APPLICATION-KEY": keys["app"]}
    ledger = Ledger(database)
    with tls_server(program) as (server, authority):
        trusted = ssl.create_default_context(cafile=str(authority))
        with httpx.Client(
            base_url=server.address, headers=headers, verify=trusted, timeout=120, trust_env=False
        ) as http:
            yield Site(program, server, authority, http, keys["api"], ledger)
    ledger.close()


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Give what makes an empty database of a name and returns its URL."""
    if engine == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.db"
        return
    server: PostgreSQL
    with a_postgresql(uuid4().hex[:12]) as server:
        yield lambda name: server.create(name.strip("_"))


def _timed(what: Callable[[], Any]) -> tuple[Any, float]:
    started_s = time.perf_counter()
    found = what()
    return found, time.perf_counter() - started_s


def _until(holds: Callable[[], bool]) -> float:
    """Return the seconds until something holds."""
    started_s = time.perf_counter()
    while not holds():
        if time.perf_counter() - started_s > _PATIENCE_S:
            raise SystemExit("it never came to an end")
        time.sleep(0.5)
    return time.perf_counter() - started_s


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--commits", type=int, default=100_000)
    parser.add_argument("--deployments", type=int, default=1000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
