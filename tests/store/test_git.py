from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from fairlead.domain.errors import Unavailable
from fairlead.store.git import Bounds, Git, GitFailed, Leash
from tests.histories import Repository

LOOSE = Bounds(memory_bytes=1 << 30, cpu_s=60, file_bytes=1 << 20, wall_s=60.0)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "shop")


def test_nothing_of_the_surroundings_reaches_git(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.commits(1)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "GIT_TRACE", "HOME"):
        monkeypatch.setenv(name, "/elsewhere")

    assert shop.path / ".git" == Path(
        Git(directory=shop.path / ".git").run("rev-parse", "--absolute-git-dir").decode().strip()
    )


def test_git_may_not_reach_anywhere(shop: Repository, tmp_path: Path) -> None:
    shop.commits(1)
    other = Repository(tmp_path / "other")

    with pytest.raises(GitFailed, match="transport 'file' not allowed"):
        Git(directory=other.path / ".git").run("fetch", f"file://{shop.path}")


def test_a_missing_git_is_said_to_be_missing(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(Unavailable, match="the program git is not installed here"):
        Git(directory=shop.path / ".git").run("log")


def test_output_that_nobody_reads_to_its_end_holds_nobody_up(shop: Repository) -> None:
    git = Git(directory=shop.path / ".git")

    with pytest.raises(GitFailed), git.reading("cat-file", "blob", a_large_blob(shop)) as stdout:
        stdout.read(1)


def test_git_that_takes_too_long_is_killed(shop: Repository) -> None:
    git = Git(directory=shop.path / ".git", bounds=replace(LOOSE, wall_s=0.2))

    with pytest.raises(GitFailed, match="ended with -9"):
        read_when_it_has_ended(git, a_large_blob(shop))


def test_git_that_wants_too_much_memory_is_refused_it(shop: Repository) -> None:
    shop.commit("Start")
    person = "Ada <ada@example.com> 1 +0000"
    head = f"tree {shop.tree}\nauthor {person}\ncommitter {person}\n\n".encode()
    large = shop.raw_commit(head + b"a" * (64 << 20))
    git = Git(directory=shop.path / ".git", bounds=replace(LOOSE, memory_bytes=48 << 20))

    with pytest.raises(GitFailed, match="memory"):
        git.run("cat-file", "commit", large)


def test_a_pulled_leash_ends_what_runs(shop: Repository) -> None:
    git = Git(directory=shop.path / ".git", leash=Leash())

    with pytest.raises(Unavailable, match="the server is stopping"):
        read_when_it_has_ended(git, a_large_blob(shop), before=git.leash.pull)


def test_a_pulled_leash_lets_nothing_start(shop: Repository) -> None:
    git = Git(directory=shop.path / ".git", leash=Leash())
    git.leash.pull()

    with pytest.raises(Unavailable, match="the server is stopping"):
        git.run("log")


def a_large_blob(repository: Repository) -> str:
    """Store more than a pipe holds, so that git has to wait for whoever reads it; return its name."""
    return repository.git("hash-object", "-w", "--stdin", stdin=b"a" * (1 << 20))


def read_when_it_has_ended(git: Git, blob: str, before: Callable[[], None] = lambda: None) -> None:
    """Read nothing of a blob until git, which waits for that, has ended in another way."""
    with git.reading("cat-file", "blob", blob) as stdout:
        [process] = git.leash._running
        before()
        process.wait(timeout=30)
        stdout.read()
