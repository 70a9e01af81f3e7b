"""What a server's process does once, before it answers anything."""

import gc
from pathlib import Path

import pytest

from fairlead import server
from tests.process_wide import as_before


def test_what_a_server_starts_with_is_never_looked_through_for_garbage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_DATA_DIR", str(tmp_path))
    gc.unfreeze()

    try:
        with as_before():
            server.from_environment()

        assert 100_000 < gc.get_freeze_count()
    finally:
        gc.freeze()
