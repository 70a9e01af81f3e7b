"""Real repositories, made by `git` itself, with none of a person's own configuration.

Not here: packs made by hand (`packs.py`).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from fairlead.domain.changes import Sha

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ben",
    "GIT_COMMITTER_EMAIL": "ben@example.com",
    # What is made here lasts for one test: nothing is tidied up, and no disk is waited for.
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "maintenance.auto",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.fsync",
    "GIT_CONFIG_VALUE_1": "none",
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
}
NOON_S = 1_741_780_800
"""2025-03-12T12:00:00Z."""


class Repository:
    """A repository with a working tree; commits are made an hour apart unless a test says otherwise."""

    def __init__(self, path: Path, *, object_format: str = "sha1", at_s: int = NOON_S) -> None:
        self.path = path
        self._at_s = at_s
        path.mkdir(parents=True, exist_ok=True)
        if not (path / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main", f"--object-format={object_format}")

    def git(self, *args: str, stdin: bytes = b"") -> str:
        """Run git here and return what it prints."""
        return self._run(args, stdin).decode("utf-8", "replace").strip()

    def commit(
        self,
        message: str = "Change",
        files: Mapping[str, str | None] | None = None,
        *,
        date: str | None = None,
        **environ: str,
    ) -> Sha:
        """Write `files` (None removes one), commit them, and return the commit."""
        for name, content in (files or {}).items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_text(content, encoding="utf-8")
        self._at_s += 3600
        when = date or f"{self._at_s} +0000"
        self.git("add", "--all")
        environ = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} | environ
        self._run(["commit", "--quiet", "--allow-empty", "--message", message], environ=environ)
        return self.head

    def commits(self, count: int) -> list[Sha]:
        """Make that many commits, each of which changes a file in a folder, and return them."""
        return [self.commit(f"Change {n}", {f"src/part{n % 5}/file{n}.txt": f"{n}\n"}) for n in range(count)]

    def raw_commit(self, content: bytes) -> Sha:
        """Store a commit as it stands, sound or not, put the branch there, and return it."""
        made = self.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=content)
        self.git("update-ref", "HEAD", made)
        return Sha(made)

    @property
    def head(self) -> Sha:
        """The commit that is checked out."""
        # A process less for each commit. Where git keeps it elsewhere, git is asked.
        name = (self.path / ".git" / "HEAD").read_text(encoding="ascii").removeprefix("ref: ").strip()
        place = self.path / ".git" / name
        told = place.read_text(encoding="ascii").strip() if place.is_file() else self.git("rev-parse", "HEAD")
        return Sha(told)

    @property
    def tree(self) -> str:
        """The tree of the commit that is checked out."""
        return self.git("rev-parse", "HEAD^{tree}")

    def shallow_clone(self, path: Path, depth: int) -> Self:
        """Clone the last `depth` commits."""
        self.git("clone", "--quiet", f"--depth={depth}", f"file://{self.path}", str(path))
        return type(self)(path)

    def packs(self, wanted: Sequence[Sha], known: Sequence[Sha] = (), *, largest: str = "3m") -> list[bytes]:
        """Return the packs that `datadog-ci` makes: commits and trees only, none of them thin."""
        revisions = "".join(f"{sha}\n" for sha in wanted) + "".join(f"^{sha}\n" for sha in known)
        walk = "rev-list", "--objects", "--no-object-names", "--filter=blob:none", "--stdin"
        objects = self.git(*walk, stdin=revisions.encode())
        folder = self.path / ".git" / "made-packs"
        folder.mkdir(exist_ok=True)
        pack = "pack-objects", "--quiet", "--compression=9", f"--max-pack-size={largest}", f"{folder}/pack"
        names = self.git(*pack, stdin=f"{objects}\n".encode()).split()
        return [(folder / f"pack-{name}.pack").read_bytes() for name in names]

    def pack_of(self, objects: Sequence[str]) -> bytes:
        """Return one pack of these objects and no others."""
        names = "".join(f"{name}\n" for name in objects)
        return self._run(["pack-objects", "--quiet", "--stdout"], names.encode())

    def _run(
        self, args: Sequence[str], stdin: bytes = b"", environ: Mapping[str, str] | None = None
    ) -> bytes:
        ended = subprocess.run(
            ["git", *args],
            cwd=self.path,
            input=stdin,
            capture_output=True,
            check=False,
            env=_ENVIRONMENT | dict(environ or {}),
        )
        assert ended.returncode == 0, (args, ended.stderr)
        return ended.stdout
