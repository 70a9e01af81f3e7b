"""A large repository of several services, made in seconds, and what its deployments ought to bring.

The commits are spread over the last four weeks, because `datadog-ci` sends a month. Mostly a line,
beside it short branches that are merged again; many people; each commit changes files of one
service or of what the services share. What is expected is said by `git rev-list` and the names of
the files alone. Not here: small histories (`histories.py`), and asking Fairlead.
"""

import random
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from fairlead.domain.changes import Sha
from tests.histories import Repository

SPAN_S: Final = 28 * 86_400
SHARED: Final = "libs"
_OPEN_BRANCHES: Final = 4
_PEOPLE: Final = 40
_DELAY_S: Final = 900
"""From a commit to the end of its deployment."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment, as it is to be told."""

    id: str
    service: str
    sha: Sha
    finished_s: int

    def body(self, url: str) -> dict[str, Any]:
        """Return what is sent to tell of it."""
        finished_at = self.finished_s * 1_000_000_000
        attributes = {
            "service": self.service,
            "env": "prod",
            "started_at": finished_at - 60_000_000_000,
            "finished_at": finished_at,
            "git": {"repository_url": url, "commit_sha": self.sha},
        }
        return {"data": {"id": self.id, "attributes": attributes}}


@dataclass(frozen=True)
class LargeHistory:
    """The repository, its services and its deployments, oldest first."""

    repository: Repository
    services: Sequence[str]
    deployments: Sequence[Deployed]

    @cached_property
    def shas(self) -> list[Sha]:
        """All commits, newest first."""
        return [Sha(sha) for sha in self.repository.git("rev-list", "HEAD").split()]

    def definitions(self) -> Iterator[dict[str, Any]]:
        """Yield what is sent to tell which paths are whose."""
        for service in self.services:
            said = {"source_patterns": [f"services/{service}/**", f"{SHARED}/**"]}
            extensions = {"datadoghq.com/dora-metrics": said}
            yield {"schema-version": "v2.2", "dd-service": service, "extensions": extensions}

    def expected(self) -> dict[str, set[Sha]]:
        """Return the commits that each deployment brings; none for the first of a service."""
        before: dict[str, Sha] = {}
        found: dict[str, set[Sha]] = {}
        for one in self.deployments:
            if one.service in before:
                walk = "rev-list", "--no-merges", f"{before[one.service]}..{one.sha}"
                came = map(Sha, self.repository.git(*walk).split())
                found[one.id] = {sha for sha in came if self._touched[sha] & {one.service, SHARED}}
            before[one.service] = one.sha
        return found

    @cached_property
    def _touched(self) -> Mapping[Sha, set[str]]:
        """The services whose files each commit changes, and `SHARED`; merges are left out."""
        shown = "log", "--no-merges", "--no-renames", "--name-only", "--format=%x00%H"
        found: dict[Sha, set[str]] = {}
        for record in self.repository.git(*shown).split("\0")[1:]:
            sha, *paths = record.split()
            found[Sha(sha)] = {path.removeprefix("services/").partition("/")[0] for path in paths}
        return found


def a_monorepo(path: Path, url: str, *, commits: int, deployments: int, until_s: int) -> LargeHistory:
    """Make a repository of that many commits, the last of them a while before `until_s`."""
    services = [f"service-{number}" for number in range(5)]
    history = Repository(path)
    _import(history, _Writer(services, commits, until_s - SPAN_S - 2 * _DELAY_S))
    history.git("remote", "add", "origin", url)
    # As if it were checked out, but for the files themselves, which nobody reads.
    history.git("read-tree", "HEAD")
    # The repository of a large company has one; without it git itself would be slow.
    history.git("commit-graph", "write", "--reachable")
    lines = history.git("log", "--first-parent", "--reverse", "--format=%H %ct").splitlines()
    found = []
    for number in range(deployments):
        sha, committed_s = lines[(number + 1) * len(lines) // deployments - 1].split()
        service = services[number % len(services)]
        found.append(Deployed(f"large-{number:05}", service, Sha(sha), int(committed_s) + _DELAY_S))
    return LargeHistory(history, services, found)


def _import(history: Repository, writer: "_Writer") -> None:
    stream = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=history.path, stdin=subprocess.PIPE)
    assert stream.stdin is not None
    with stream.stdin as told:
        for command in writer.commands():
            told.write(command)
    assert stream.wait() == 0


@dataclass
class _Writer:
    """Writes a history for `git fast-import`; the same one for the same arguments."""

    services: Sequence[str]
    commits: int
    start_s: int
    _chance: random.Random = field(default_factory=lambda: random.Random(7))
    _branches: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    """The last commit of each branch that is not merged yet, and what its files hold."""

    def commands(self) -> Iterator[bytes]:
        """Yield all commits; the last of `main` has merged whatever was open."""
        main = 0
        for mark in range(1, self.commits + 1):
            # So that every branch is merged in the end.
            must_merge = self._branches and self.commits - mark < len(self._branches)
            chance = self._chance.random()
            if must_merge or (chance < 0.1 and self._branches):
                tip, files = self._branches.pop(self._chance.randrange(len(self._branches)))
                yield self._commit(mark, "refs/heads/main", (main, tip), files)
                main = mark
            elif chance < 0.4 and main and self.commits - mark > _OPEN_BRANCHES:
                yield self._on_a_branch(mark, main)
            else:
                yield self._commit(mark, "refs/heads/main", (main,) if main else (), self._files(mark))
                main = mark

    def _on_a_branch(self, mark: int, main: int) -> bytes:
        """Write one commit more of an open branch, or the first of another."""
        files = self._files(mark)
        if len(self._branches) < _OPEN_BRANCHES:
            self._branches.append((mark, files))
            return self._commit(mark, "refs/heads/topic", (main,), files)
        place = self._chance.randrange(len(self._branches))
        tip, before = self._branches[place]
        self._branches[place] = (mark, before | files)
        return self._commit(mark, "refs/heads/topic", (tip,), files)

    def _files(self, mark: int) -> dict[str, int]:
        chance = self._chance
        folder = SHARED if chance.random() < 0.02 else f"services/{chance.choice(self.services)}"
        count = chance.choice((1, 1, 2))
        return {
            f"{folder}/part{chance.randrange(10)}/file{chance.randrange(20)}.py": mark for _ in range(count)
        }

    def _commit(self, mark: int, branch: str, parents: Sequence[int], files: Mapping[str, int]) -> bytes:
        at_s = self.start_s + mark * SPAN_S // self.commits
        author, committer = mark * 31 % _PEOPLE, mark * 17 % _PEOPLE
        said = [
            f"commit {branch}\nmark :{mark}\n",
            f"author Dev {author} <dev{author}@example.com> {at_s - 3600} +0200\n",
            f"committer Dev {committer} <dev{committer}@example.com> {at_s} +0200\n",
            f"data <<END\nChange part {mark} of the shop\n\nSomebody asked for it.\nEND\n",
        ]
        if parents:
            said.append(f"from :{parents[0]}\n" + "".join(f"merge :{parent}\n" for parent in parents[1:]))
        said += [f"M 100644 inline {name}\ndata <<END\n{value}\nEND\n" for name, value in files.items()]
        return "".join(said).encode()
