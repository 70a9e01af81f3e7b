"""The program `git`: how it is started, bounded and stopped.

It sees one repository and what is named here, nothing else: no configuration of a user or a
machine, no hooks, no credentials, no network, no questions. A repository's own configuration
stays, because its format is in there; what of it could start another program or bend an answer is
overruled. Not here: what git is asked (`git_log.py`, `git_cache.py`, `git_clone.py`).
"""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from fairlead.domain.errors import Unavailable

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    # Whole buffers, not one record after the other: whoever reads a long history is woken less often.
    "GIT_FLUSH": "0",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_SETTINGS = (
    "advice.graftFileDeprecated=false",
    "color.ui=false",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "gc.auto=0",
    "i18n.logOutputEncoding=UTF-8",
    "log.showRoot=true",
    "log.showSignature=false",
    # Else the whole of a large pack would have to fit into the address space that is left.
    "core.packedGitLimit=256m",
    "core.packedGitWindowSize=32m",
    "pack.threads=1",
    "protocol.allow=never",
    # Whoever may read a repository may have its commits, whoever owns its folder.
    "safe.directory=*",
)
# `ulimit` knows the limits of each system; what one does not know is left out.
_BOUND = 'for limit in "-c 0" "-v $1" "-t $2" "-f $3"; do ulimit $limit 2>/dev/null; done; shift 3; exec "$@"'
_KIB = 1024
_FILE_BLOCK = 512
_MOST_SAID = 2000


class GitFailed(Exception):
    """`git` could not do what it was asked; the message is what it said, for the log only."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What one run of `git` may use before it is killed."""

    memory_bytes: int
    cpu_s: int
    file_bytes: int
    """Size of each file it writes."""
    wall_s: float


class Leash(Struct):
    """The git processes of a server, which end when it does."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    _pulled: threading.Event = field(default_factory=threading.Event)

    def pull(self) -> None:
        """Kill what runs and let nothing else start."""
        with self._lock:
            self._pulled.set()
            for process in self._running:
                process.kill()

    def is_pulled(self, within_s: float = 0.0) -> bool:
        """Say whether nothing may run any more, after waiting that long for it."""
        return self._pulled.wait(within_s)

    def start(
        self, command: Sequence[str], *, stdin: IO[bytes], stderr: IO[bytes], env: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start a process whose output is a pipe.

        Raises:
            Unavailable: the server is stopping.
        """
        with self._lock:
            if self._pulled.is_set():
                raise Unavailable("the server is stopping")
            process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=env)
            self._running.add(process)
            return process

    def release(self, process: "subprocess.Popen[bytes]") -> None:
        """Forget a process that has ended."""
        with self._lock:
            self._running.discard(process)


class Git(Struct, frozen=True, kw_only=True):
    """`git` on one repository."""

    directory: Path
    """The repository itself: a bare one, or the `.git` of a clone."""
    objects: Path | None = None
    """Another repository's objects, seen as if they were this one's."""
    bounds: Bounds | None = None
    """None for a repository whose owner started this program."""
    leash: Leash = field(default_factory=Leash)

    def run(self, *args: str, stdin: bytes = b"") -> bytes:
        """Return what a command prints.

        Raises:
            GitFailed: it failed or went out of bounds.
            Unavailable: there is no `git`, or the server is stopping.
        """
        with self.reading(*args, stdin=stdin) as stdout:
            return stdout.read()

    @contextmanager
    def reading(self, *args: str, stdin: bytes = b"", strictly: bool = False) -> Iterator[IO[bytes]]:
        """Run a command and yield what it prints while it does; leaving early kills it.

        `strictly` says that an error it tells of is one, whether it ends with success or not.

        Raises:
            GitFailed, Unavailable: as `run`, at the end.
        """
        # Files, not pipes: nobody can wait for somebody who waits for them.
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
            told.write(stdin)
            told.seek(0)
            process = self.leash.start(self._command(args), stdin=told, stderr=said, env=self._environment())
            try:
                assert process.stdout is not None  # noqa: S101 — it is a pipe, as asked for above.
                with self._timed(process):
                    with process.stdout as stdout:
                        yield stdout
                    process.wait()
            finally:
                process.kill()
                process.wait()
                self.leash.release(process)
            if process.returncode != 0 or (strictly and _tells_of_an_error(said)):
                raise self._failure(args, process.returncode, said)

    @contextmanager
    def _timed(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """Kill `process` if what is inside takes too long."""
        if self.bounds is None:
            yield
            return
        clock = threading.Timer(self.bounds.wall_s, process.kill)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()

    def _command(self, args: Sequence[str]) -> list[str]:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [_program(), "--no-pager", *settings, *args]
        if self.bounds is None:
            return command
        limits = (
            self.bounds.memory_bytes // _KIB,
            self.bounds.cpu_s,
            self.bounds.file_bytes // _FILE_BLOCK,
        )
        return ["/bin/sh", "-c", _BOUND, "git", *(str(limit) for limit in limits), *command]

    def _environment(self) -> Mapping[str, str]:
        beside = {} if self.objects is None else {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.objects)}
        return _ENVIRONMENT | beside | {"GIT_DIR": str(self.directory)}

    def _failure(self, args: Sequence[str], code: int, said: IO[bytes]) -> Exception:
        if self.leash.is_pulled():
            return Unavailable("the server is stopping")
        said.seek(0)
        text = said.read(_MOST_SAID).decode("utf-8", "replace").strip()
        return GitFailed(f"git {args[0]} ended with {code}: {text}")


def _tells_of_an_error(said: IO[bytes]) -> bool:
    said.seek(0)
    return any(line.startswith(b"error:") for line in said)


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise Unavailable("the program git is not installed here")
    return found
