import shutil
from pathlib import Path

import pytest

from fairlead.cli import progress
from fairlead.cli.main import main
from fairlead.domain.access import OrgId, organisation_id
from fairlead.domain.changes import Commit, CommitsOf, RepositoryId, Sha
from fairlead.store import commits
from fairlead.store.ledger import Ledger
from fairlead.usecases import import_history
from fairlead.usecases.record_commits import record_commits
from tests.histories import Repository
from tests.programs import Commands

URL = "https://github.com/acme/shop.git"
SHOP = RepositoryId("github.com/acme/shop")


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A repository with a few commits."""
    history = Repository(tmp_path / "shop")
    history.commits(4)
    return history


def run(commands: Commands, history: Repository, *options: str, code: int = 0) -> str:
    """Import a repository and return what was printed."""
    return commands.run("git", "import", str(history.path), "--repository-url", URL, *options, code=code)


def shas(history: Repository, *revisions: str) -> list[Sha]:
    """Return commits, the newest first."""
    return [Sha(sha) for sha in history.git("rev-list", *(revisions or ("HEAD",))).split()]


def recorded(database: str, org_id: OrgId, wanted: list[Sha]) -> dict[Sha, Commit]:
    """Return which commits are in the database."""
    ledger = Ledger(database)
    try:
        return ledger.read(commits.fetch, org_id, SHOP, wanted)
    finally:
        ledger.close()


def test_every_commit_is_imported(
    commands_on: Commands, shop: Repository, database: str, org_id: OrgId
) -> None:
    assert "Imported 4 commits of github.com/acme/shop.\n" == run(commands_on, shop)
    assert set(shas(shop)) == recorded(database, org_id, shas(shop)).keys()


def test_the_next_import_reads_only_what_is_new(commands: Commands, shop: Repository) -> None:
    run(commands, shop)

    assert "Imported 0 commits of github.com/acme/shop.\n" == run(commands, shop)

    shop.commit("Later")

    assert "Imported 1 commit of github.com/acme/shop.\n" == run(commands, shop)


def test_an_import_into_another_database_begins_anew(
    commands: Commands, shop: Repository, tmp_path: Path
) -> None:
    run(commands, shop)

    assert "Imported 4 commits" in run(commands, shop, "--database", f"sqlite:///{tmp_path / 'other.db'}")


def test_an_import_into_a_database_that_was_lost_begins_anew(commands: Commands, shop: Repository) -> None:
    run(commands, shop)
    for path in commands.home.glob(".local/share/fairlead/fairlead.db*"):
        path.unlink()

    assert "Imported 4 commits" in run(commands, shop)


def test_commits_that_were_told_in_another_way_do_not_stand_for_the_history_below_them(
    commands_on: Commands, shop: Repository, database: str, org_id: OrgId
) -> None:
    run(commands_on, shop)
    told = recorded(database, org_id, [shop.head])[shop.head]
    shutil.rmtree(commands_on.home / ".local")
    ledger = Ledger(database)
    ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=SHOP, commits=(told,)))
    ledger.close()

    assert "Imported 4 commits" in run(commands_on, shop)


def test_history_that_was_rewritten_is_imported_beside_the_old(commands: Commands, shop: Repository) -> None:
    run(commands, shop)
    shop.git("commit", "--quiet", "--amend", "--message", "Other words")
    shop.git("reflog", "expire", "--expire=now", "--all")
    shop.git("gc", "--quiet", "--prune=now")

    assert "Imported 4 commits" in run(commands, shop)
    assert "Imported 0 commits" in run(commands, shop)


def test_only_what_is_checked_out_is_imported_unless_all_branches_are_asked_for(
    commands: Commands, shop: Repository
) -> None:
    shop.git("checkout", "--quiet", "-b", "topic")
    shop.commit("Topic")
    shop.git("checkout", "--quiet", "main")

    assert "Imported 4 commits" in run(commands, shop)
    assert "Imported 1 commit " in run(commands, shop, "--all-branches")
    assert "Imported 0 commits" in run(commands, shop)


def test_a_shallow_clone_is_imported_as_far_as_it_goes_and_later_the_rest(
    commands_on: Commands, shop: Repository, tmp_path: Path, database: str, org_id: OrgId
) -> None:
    shallow = shop.shallow_clone(tmp_path / "shallow", depth=2)
    edge = shas(shop)[1]

    assert "Imported 2 commits" in run(commands_on, shallow)
    assert recorded(database, org_id, [edge])[edge].paths is None

    shallow.git("fetch", "--quiet", "--unshallow")

    assert "Imported 4 commits" in run(commands_on, shallow)
    assert ("src/part2/file2.txt",) == recorded(database, org_id, [edge])[edge].paths


def test_an_organisation_is_named_by_an_option(
    commands_on: Commands, shop: Repository, database: str
) -> None:
    commands_on.run("org", "create", "acme")

    run(commands_on, shop, "--org", "acme")

    assert 4 == len(recorded(database, organisation_id("acme"), shas(shop)))


def test_a_folder_that_is_no_repository_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()

    said = commands.run("git", "import", str(plain), "--repository-url", URL, code=1)

    assert f"fairlead: {plain} is not a git repository; name the top folder of a clone\n" == said


def test_a_folder_that_is_not_there_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    said = commands.run("git", "import", str(tmp_path / "gone"), "--repository-url", URL, code=1)

    assert f"fairlead: {tmp_path / 'gone'} is not a git repository; name the top folder of a clone\n" == said


def test_a_repository_without_a_commit_is_refused_in_one_line(commands: Commands, tmp_path: Path) -> None:
    empty = Repository(tmp_path / "empty")

    said = run(commands, empty, code=1)

    assert "has no commit checked out; try --all-branches, or commit something first" in said
    assert 1 == said.count("\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--repository-url", "nowhere"), "is not the address of a repository"),
        (("--repository-url", URL, "--org", "nobody"), "there is no organisation named nobody"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(
    commands: Commands, shop: Repository, options: tuple[str, ...], said: str
) -> None:
    told = commands.run("git", "import", str(shop.path), *options, code=1)

    assert said in told
    assert 1 == told.count("\n")


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(
    commands: Commands, shop: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_PIECES_A_LINE", 2)
    monkeypatch.setattr(import_history, "COMMITS_AT_ONCE", 1)

    said = said_meanwhile(shop, capsys)

    what = "Importing github.com/acme/shop"
    assert f"{what}: 2 of 4 commits\n{what}: 4 of 4 commits\n" == said


def test_progress_is_a_bar_on_a_terminal(
    commands: Commands, shop: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")

    said = said_meanwhile(shop, capsys)

    assert "Importing github.com/acme/shop" in said
    assert "━" in said
    assert "4/4" in said


def said_meanwhile(history: Repository, capsys: pytest.CaptureFixture[str]) -> str:
    """Import a repository and return what was printed beside the result."""
    with pytest.raises(SystemExit):
        main(["git", "import", str(history.path), "--repository-url", URL])
    return capsys.readouterr().err
