from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.changes import FARTHEST_AT, Commit, Person, Sha
from fairlead.domain.errors import FairleadError, Rejected, Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.store import git_log
from fairlead.store.git import Git, Leash
from fairlead.store.git_clone import open_clone
from tests.histories import NOON_S, Repository


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """An empty repository of either kind."""
    return Repository(tmp_path / "shop", object_format=request.param)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "shop")


def read(repository: Repository, without: Sequence[Sha] = ()) -> list[Commit]:
    """Return what is read of the branch that is checked out, the oldest first."""
    clone = open_clone(repository.path)
    return list(clone.commits(clone.tips(all_branches=False), without))


def test_a_commit_is_read_with_everything_that_is_kept_of_it(repository: Repository) -> None:
    first = repository.commit("Start", {"a.txt": "1"})
    second = repository.commit("Go on\nwith more\n\nA body.", {"a.txt": "2", "src/b.txt": "1"})

    expected = Commit(
        sha=second,
        parents=(first,),
        author=Person("Ada", "ada@example.com"),
        authored_at=(NOON_S + 7200) * NS_PER_S,
        committer=Person("Ben", "ben@example.com"),
        committed_at=(NOON_S + 7200) * NS_PER_S,
        subject="Go on with more",
        paths=("a.txt", "src/b.txt"),
    )
    assert expected == read(repository)[1]


def test_parents_come_before_children_whatever_their_dates(repository: Repository) -> None:
    made = [repository.commit(date=f"{NOON_S - n * 86_400} +0000") for n in range(4)]

    assert made == [commit.sha for commit in read(repository)]


def test_the_first_commit_changes_every_file_it_brings(repository: Repository) -> None:
    repository.commit("Start", {"a.txt": "1", "src/b.txt": "1"})

    assert ("a.txt", "src/b.txt") == read(repository)[0].paths


def test_a_commit_without_changes_has_no_paths_rather_than_unknown_ones(repository: Repository) -> None:
    repository.commit("Empty")
    repository.commit("Empty again")

    assert [(), ()] == [commit.paths for commit in read(repository)]


def test_a_merge_has_its_parents_in_order_and_no_paths(repository: Repository) -> None:
    start = repository.commit("Start", {"a.txt": "1"})
    repository.git("checkout", "--quiet", "-b", "topic")
    topic = repository.commit("Topic", {"b.txt": "1"})
    repository.git("checkout", "--quiet", "main")
    main = repository.commit("Main", {"a.txt": "2"})
    repository.git("merge", "--quiet", "--no-edit", "topic")

    commits = {commit.sha: commit for commit in read(repository)}

    assert {start, topic, main, repository.head} == commits.keys()
    assert ((main, topic), None) == (commits[repository.head].parents, commits[repository.head].paths)


def test_an_octopus_has_all_its_parents(shop: Repository) -> None:
    shop.commit("Start")
    branches = ("one", "two", "three")
    arms = []
    for name in branches:
        shop.git("checkout", "--quiet", "-b", name, "main")
        arms.append(shop.commit(name, {name: "1"}))
    shop.git("checkout", "--quiet", "main")
    main = shop.commit("Main", {"main": "1"})
    shop.git("merge", "--quiet", "--no-edit", *branches)

    assert (main, *arms) == read(shop)[-1].parents


@pytest.mark.parametrize(
    "path",
    [
        "a b.txt",
        'say "hi".txt',
        "tab\there",
        "new\nline",
        "\nfirst",
        "back\\slash",
        ":colon",
        "grün.txt",
        "-dash",
    ],
)
def test_a_path_is_read_as_it_is(shop: Repository, path: str) -> None:
    shop.commit("Start")
    shop.commit("Odd", {path: "1", "plain": "1"})

    assert {path, "plain"} == set(read(shop)[-1].paths or ())


def test_a_rename_is_the_end_of_one_path_and_the_start_of_another(shop: Repository) -> None:
    shop.commit("Start", {"old.txt": "the same\n" * 50})
    shop.commit("Move", {"old.txt": None, "new.txt": "the same\n" * 50})

    assert {"old.txt", "new.txt"} == set(read(shop)[-1].paths or ())


def test_a_change_of_a_submodule_is_a_path(shop: Repository) -> None:
    shop.commit("Start")
    shop.git("update-index", "--add", "--cacheinfo", f"160000,{shop.head},vendor/part")
    shop.git("commit", "--quiet", "--message", "Pin")
    shop.git("config", "diff.ignoreSubmodules", "all")

    assert ("vendor/part",) == read(shop)[-1].paths


def test_thousands_of_paths_are_read(shop: Repository) -> None:
    shop.commit("Start")
    shop.commit("Much", {f"src/f{n}.txt": "1" for n in range(3000)})
    shop.commit("Little", {"a.txt": "1"})

    assert [0, 3000, 1] == [len(commit.paths or ()) for commit in read(shop)]


def test_beyond_the_cap_paths_are_unknown_and_the_neighbours_are_read(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_log, "MOST_PATHS", 20)
    monkeypatch.setattr(git_log, "_CHUNK", 100)
    shop.commit("Start", {"a.txt": "1"})
    shop.commit("Full", {f"f{n}.txt": "1" for n in range(20)})
    shop.commit("Over", {f"g{n}.txt": "1" for n in range(21)})
    shop.commit("Far over", {f"h{n}.txt": "1" for n in range(200)})
    shop.commit("Little", {"b.txt": "1"})

    assert [1, 20, None, None, 1] == [
        None if commit.paths is None else len(commit.paths) for commit in read(shop)
    ]


def test_a_subject_is_cut_and_a_name_too(shop: Repository) -> None:
    shop.commit("s" * 3000, GIT_AUTHOR_NAME="n" * 3000)

    commit = read(shop)[0]

    assert ("s" * 1000, "n" * 1000) == (commit.subject, commit.author.name)


def test_texts_of_another_encoding_are_read_in_it(shop: Repository) -> None:
    shop.commit("Start")
    person = "Zo\xeb <zoe@example.com> 1 +0000"
    head = f"tree {shop.tree}\nauthor {person}\ncommitter {person}\nencoding ISO-8859-1\n"
    shop.raw_commit(f"{head}\nCaf\xe9\n".encode("latin-1"))

    assert ("Zoë", "Café") == (read(shop)[0].author.name, read(shop)[0].subject)


def test_bytes_of_no_encoding_are_replaced(shop: Repository) -> None:
    shop.commit("Start")
    person = b"Zo\xff <zoe@example.com> 1 +0000"
    head = b"tree " + shop.tree.encode() + b"\nauthor " + person + b"\ncommitter " + person
    shop.raw_commit(head + b"\n\nCaf\xff\n")

    assert ("Zo\ufffd", "Caf\ufffd") == (read(shop)[0].author.name, read(shop)[0].subject)


def test_a_path_of_no_encoding_is_replaced(shop: Repository) -> None:
    shop.commit("Start")
    blob = shop.git("hash-object", "-w", "--stdin", stdin=b"1")
    shop.git("update-index", "-z", "--index-info", stdin=f"100644 {blob}\t".encode() + b"src/caf\xff.txt\0")
    shop.git("commit", "--quiet", "--message", "Odd")

    assert ("src/caf\ufffd.txt",) == read(shop)[-1].paths


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("0 +0000", 0),
        ("1741780800 -1200", 1_741_780_800),
        ("1741780800 +1400", 1_741_780_800),
        ("-86400 +0000", -86_400),
        ("4102444800 +0000", 4_102_444_800),
    ],
)
def test_a_date_is_read_whatever_it_says(shop: Repository, date: str, seconds: int) -> None:
    shop.commit("Start")
    shop.raw_commit(_dated(shop, date))

    assert (seconds * NS_PER_S, seconds * NS_PER_S) == (read(shop)[0].authored_at, read(shop)[0].committed_at)


@pytest.mark.parametrize(
    "date", ["253402300799 +0000", "99999999999999999999 +0000", "-99999999999999 +0000"]
)
def test_a_date_beyond_what_can_be_kept_is_moved_to_the_end(shop: Repository, date: str) -> None:
    shop.commit("Start")
    shop.raw_commit(_dated(shop, date))

    assert FARTHEST_AT == abs(read(shop)[0].authored_at)


def test_a_commit_without_a_date_is_of_1970(shop: Repository) -> None:
    shop.commit("Start")
    shop.raw_commit(_dated(shop, "soon"))

    assert 0 == read(shop)[0].authored_at


def test_empty_names_and_messages_are_read_empty(shop: Repository) -> None:
    shop.commit("Start")
    shop.raw_commit(f"tree {shop.tree}\nauthor  <> 1 +0000\ncommitter  <> 1 +0000\n\n".encode())

    commit = read(shop)[0]

    assert (Person("", ""), Person("", ""), "") == (commit.author, commit.committer, commit.subject)


def test_a_repository_without_a_commit_has_no_tips(repository: Repository) -> None:
    clone = open_clone(repository.path)

    assert ([], []) == (clone.tips(all_branches=False), clone.tips(all_branches=True))


def test_all_branches_are_read_even_where_nothing_is_checked_out(shop: Repository) -> None:
    made = shop.commit("Start")
    shop.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    clone = open_clone(shop.path)

    assert ([], [made]) == (clone.tips(all_branches=False), clone.tips(all_branches=True))


def test_the_end_of_a_shallow_clone_keeps_its_parents_and_has_no_paths(
    repository: Repository, tmp_path: Path
) -> None:
    made = repository.commits(5)
    shallow = repository.shallow_clone(tmp_path / "shallow", depth=2)

    end, last = read(shallow)

    assert ((made[2],), None) == (end.parents, end.paths)
    assert ((made[3],), ("src/part4/file4.txt",)) == (last.parents, last.paths)


def test_what_a_repository_is_set_up_for_changes_nothing(shop: Repository) -> None:
    shop.commits(3)
    before = read(shop)
    (shop.path / "order").write_text("*9.txt\n", encoding="utf-8")
    for name, value in {
        "log.showRoot": "false",
        "log.showSignature": "true",
        "gpg.program": "/bin/false",
        "diff.relative": "true",
        "diff.external": "/bin/false",
        "log.diffMerges": "m",
        "color.ui": "always",
        "core.pager": "/bin/false",
        "i18n.logOutputEncoding": "UTF-16",
        "core.fsmonitor": "/bin/false",
        "diff.renames": "copies",
    }.items():
        shop.git("config", name, value)
    (shop.path / ".mailmap").write_text("Eve <eve@example.com> <ada@example.com>\n", encoding="utf-8")

    assert before == read(shop)


def test_a_commit_that_was_replaced_is_read_as_it_was_made(shop: Repository) -> None:
    first, second = shop.commits(2)
    shop.git("replace", second, first)

    assert "Change 1" == read(shop)[-1].subject


def test_a_clone_is_found_at_its_top_only(shop: Repository) -> None:
    shop.commit("Start", {"src/a.txt": "1"})

    with pytest.raises(Rejected, match="is not a git repository; name the top folder of a clone"):
        open_clone(shop.path / "src")


def test_bare_repositories_and_further_working_trees_are_read(shop: Repository, tmp_path: Path) -> None:
    made = shop.commits(2)
    shop.git("clone", "--quiet", "--bare", str(shop.path), str(tmp_path / "bare"))
    shop.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "other")

    assert [made, made] == [
        [commit.sha for commit in open_clone(tmp_path / name).commits([made[-1]], [])]
        for name in ("bare", "tree")
    ]


def test_a_damaged_history_is_an_error_and_not_half_a_history(shop: Repository) -> None:
    shop.commits(3)
    tree = shop.git("rev-parse", "HEAD~1^{tree}")
    (shop.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(FairleadError, match="cannot be read"):
        read(shop)


def test_of_a_commit_that_git_did_not_finish_telling_nothing_is_read(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_log, "_CHUNK", 1000)
    shop.commit("Start", {"a.txt": "1"})
    shop.commit("Go on", {"b.txt": "1"})
    blob = shop.git("rev-parse", "HEAD:a.txt")
    many = "".join(f"100644 {blob}\tsrc/a-folder-with-a-long-name/file{n}.txt\n" for n in range(8000))
    shop.git("update-index", "--index-info", stdin=many.encode())
    shop.git("commit", "--quiet", "--message", "Much")
    git = Git(directory=shop.path / ".git", leash=Leash())

    told = git_log.read_commits(git, ["HEAD"], "--reverse")
    first = next(told)
    git.leash.pull()

    assert ["Start", "Go on"] == [first.subject, next(told).subject]
    with pytest.raises(Unavailable):
        next(told)


def test_what_is_left_out_of_a_clone_is_not_fetched(shop: Repository, tmp_path: Path) -> None:
    shop.commits(3)
    shop.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "treeless"
    shop.git("clone", "--quiet", "--no-checkout", "--filter=tree:0", f"file://{shop.path}", str(clone))

    with pytest.raises(FairleadError, match="cannot be read"):
        read(Repository(clone))


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
records = st.tuples(st.lists(texts, min_size=9, max_size=9), st.lists(texts.filter(bool), max_size=4))


@given(st.lists(records, max_size=6), st.data())
def test_records_are_the_same_however_the_stream_is_cut(
    made: list[tuple[list[str], list[str]]], data: st.DataObject
) -> None:
    stream = "".join(
        "\0"
        + "".join(f"{text}\0" for text in fields)
        + ("\n" if paths else "")
        + "".join(f"{p}\0" for p in paths)
        for fields, paths in made
    )
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    expected = [["", *fields, *(["\n" + paths[0], *paths[1:]] if paths else [])] for fields, paths in made]
    assert expected == list(git_log._records(chunks))


def _dated(repository: Repository, date: str) -> bytes:
    person = f"Ada <ada@example.com> {date}"
    return f"tree {repository.tree}\nauthor {person}\ncommitter {person}\n\nOdd\n".encode()
