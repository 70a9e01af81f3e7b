"""Running the program: commands to their end, servers until a test is done with them.

A `Program` is a process of its own. `Commands` are the same program inside the process of the
tests, where it starts fifty times faster.

Not here: fixtures, and what a server is asked.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import httpx
import pytest

from fairlead.cli.main import main
from tests.databases import missing
from tests.process_wide import as_before

# Where many programs share few cores, one may wait a minute for its turn.
_STOP_S = 90
_RUN_S = 60
_ANSWER_S = 90
_START_S = 90


class Program:
    """`fairlead` with a home and an environment of its own."""

    def __init__(self, home: Path, **variables: str) -> None:
        self.home = home
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_")}
        # Whatever a person has set up for themselves stays out of it, their data above all.
        self._variables = {"HOME": str(home), "COLUMNS": "80"} | variables
        self._environ = inherited | {"TMPDIR": str(home)} | self._variables

    def run(self, *args: str, code: int = 0, patience_s: float = _RUN_S) -> str:
        """Run a command to its end and return its stdout, or its stderr when it is to fail with `code`."""
        ended = subprocess.run(
            [_script(), *args],
            capture_output=True,
            text=True,
            check=False,
            timeout=patience_s,
            env=self._environ,
        )
        assert code == ended.returncode, (args, ended.returncode, ended.stdout, ended.stderr)
        return ended.stderr if code else ended.stdout

    def here(self, *args: str) -> str:
        """Run a command inside this process, where it starts at once, and return its stdout."""
        told = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, as_before(), redirect_stdout(told):
            for name in [name for name in os.environ if name.startswith("FAIRLEAD_")]:
                patch.delenv(name)
            for name, value in self._variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(args)
        assert 0 == ended.value.code, (args, ended.value.code, told.getvalue())
        return told.getvalue()

    @contextmanager
    def server(self, *args: str, **variables: str) -> Iterator["Server"]:
        """Start `fairlead` as a server on a free port; it is stopped at the end unless it has been."""
        log = self.home / "server.log"
        with log.open("w", encoding="utf-8") as stderr:
            process = subprocess.Popen(
                ending_with_us(_script(), *args, "--port", "0"),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=self._environ | variables,
                start_new_session=True,
            )
        try:
            yield Server(process, log)
        finally:
            _end(process)


class Commands:
    """What `fairlead` does with its arguments, from the first to the exit code."""

    def __init__(
        self,
        home: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        **variables: str,
    ) -> None:
        self.home = home
        self._capsys = capsys
        for name in [name for name in os.environ if name.startswith("FAIRLEAD_")]:
            monkeypatch.delenv(name)
        for name, value in {"HOME": str(home), "COLUMNS": "80", **variables}.items():
            monkeypatch.setenv(name, value)

    def run(self, *args: str, code: int = 0) -> str:
        """Run a command to its end and return its stdout, or its stderr when it is to fail with `code`."""
        with pytest.raises(SystemExit) as ended:
            main(args)
        printed = self._capsys.readouterr()
        assert code == ended.value.code, (args, ended.value.code, printed)
        return printed.err if code else printed.out


class Server:
    """A server that has told its address."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.process = process
        self.data_dir = log.parent / ".local" / "share" / "fairlead"
        """Where it keeps its data unless it was told otherwise."""
        self._log = log
        assert process.stdout is not None
        self._printed = _Printed(process.stdout)
        first = self._printed.line()
        assert first.startswith("Fairlead answers at "), (first, self.log)
        self.address = first.split()[3]

    @property
    def log(self) -> str:
        """Everything it has logged so far."""
        return self._log.read_text(encoding="utf-8")

    @property
    def port(self) -> int:
        """The port it really listens on."""
        return int(self.address.rpartition(":")[2])

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask it, with the patience that a busy machine needs."""
        return httpx.get(f"{self.address}{path}", timeout=_ANSWER_S, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Tell it something."""
        return httpx.post(f"{self.address}{path}", timeout=_ANSWER_S, **options)

    def lines_until(self, last: str) -> list[str]:
        """Return what it prints, up to a line that begins with `last`."""
        lines = [self._printed.line()]
        while lines[-1] and not lines[-1].startswith(last):
            lines.append(self._printed.line())
        assert lines[-1], (lines, self.log)
        return [line.rstrip("\n") for line in lines]

    def is_gone(self) -> bool:
        """Tell whether none of its processes is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and return the exit code with what it printed since it told its address."""
        if how is signal.SIGINT:
            # Ctrl-C reaches every process on the terminal.
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        code = self.process.wait(timeout=_STOP_S)
        return code, self._printed.after_first()


class _Printed:
    """What a program prints, read as it comes: it never waits for us, and no line falls between two reads."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._all: list[str] = []
        self._reader = Thread(target=self._read, name="test-printed", daemon=True)
        self._reader.start()

    def line(self) -> str:
        """Return the next line with its end; nothing where nothing more will come."""
        line = self._lines.get(timeout=_START_S)
        if not line:
            self._lines.put(line)
        return line

    def after_first(self) -> str:
        """Return every line but the first of a program that has ended."""
        self._reader.join(_STOP_S)
        assert not self._reader.is_alive(), "somebody may still print"
        return "".join(self._all[1:])

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._all.append(line)
                self._lines.put(line)
        self._lines.put("")


def ending_with_us(*command: str) -> list[str]:
    """Return a command that is asked to stop when this process ends, however that happens.

    Only Linux knows how to. Elsewhere, whoever kills the tests has to look after their servers.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--", *command] if setpriv else [*command]


def _end(process: "subprocess.Popen[str]") -> None:
    """End a program that a failed test left running, and the processes it has started itself."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _script() -> str:
    """Return the program as it is installed beside this Python."""
    script = Path(sys.executable).parent / "fairlead"
    if not script.exists():
        missing(f"the program is not installed beside {sys.executable}")
    return str(script)
