"""A server on each engine with a cast of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.servers import served


@pytest.fixture
def cast(database: str, ledger: Ledger, tmp_path: Path) -> Iterator[Cast]:
    """Two organisations on a server of this test's own, on each engine, and everybody who calls."""
    with served(database, data_dir=str(tmp_path)) as running:
        yield a_cast(running.http, ledger)
