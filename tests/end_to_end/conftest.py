"""What tests of the program start from."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fairlead.store.ledger import Ledger
from tests.casts import a_cast
from tests.process_wide import as_before
from tests.programs import Commands, Program, Server


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program as a process, with an empty home, where its data directory will be."""
    return Program(tmp_path)


@pytest.fixture
def program_on(database: str, tmp_path: Path) -> Program:
    """The program as a process on each engine, up to date and empty."""
    return Program(tmp_path, FAIRLEAD_DATABASE=database)


@pytest.fixture
def commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Commands]:
    """The commands, with an empty home, where their data directory will be."""
    with as_before():
        yield Commands(tmp_path, monkeypatch, capsys)


@pytest.fixture
def commands_on(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Commands]:
    """The commands on each engine, up to date and empty."""
    with as_before():
        yield Commands(tmp_path, monkeypatch, capsys, FAIRLEAD_DATABASE=database)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The program serving a file, for all tests that bring an organisation of their own."""
    with Program(tmp_path_factory.mktemp("served")).server("serve") as served:
        yield served


@pytest.fixture
def keys(server: Server) -> Iterator[dict[str, str]]:
    """Keys of an organisation that nothing has been told about yet, made while the server runs."""
    ledger = Ledger(f"sqlite:///{server.data_dir / 'fairlead.db'}")
    with httpx.Client() as http:
        cast = a_cast(http, ledger)
        yield {
            "api": cast.ada.headers["DD-API-KEY"],
            "app": cast.ada.headers["DD-APPLICATION-KEY"],
            "access-token": cast.tom.headers["Authorization"].removeprefix("Bearer "),
        }
    ledger.close()
