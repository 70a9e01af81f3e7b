"""Lock files say which files are meant, not where one machine once found them (docs/decisions/0003)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [
    *ROOT.glob("requirements*.lock"),
    *(ROOT / "tests/clients").glob("requirements*.lock"),
    ROOT / "tests/clients/package-lock.json",
]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_records_no_address(lock: Path) -> None:
    addresses = re.findall(r"\w+://\S+|^--?\w+.*", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert [] == addresses


def test_the_development_lock_installs_the_versions_that_fairlead_runs_on() -> None:
    running = _pins(ROOT / "requirements.lock")

    assert running <= _pins(ROOT / "requirements-dev.lock")


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[^\\\n]+", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
