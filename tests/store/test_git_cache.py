import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import delete

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, Sha
from fairlead.domain.errors import Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.store import git_cache
from fairlead.store.engine import writing
from fairlead.store.git_cache import GitCache
from fairlead.store.git_quarantine import Quarantine
from fairlead.store.ledger import Ledger
from fairlead.store.tables import commits as commits_table
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.take_in_packs import take_in_packs
from tests.factories import NOON
from tests.histories import Repository
from tests.uploads import SHOP, Uploads

DAY_NS = 86_400 * NS_PER_S


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "shop")


@pytest.fixture
def uploads(ledger: Ledger, tmp_path: Path) -> Uploads:
    """An empty cache beside an empty database, on each engine."""
    return Uploads(ledger=ledger, cache=GitCache(tmp_path / "git"), root=tmp_path / "git")


def test_an_upload_records_every_commit_with_its_paths(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(3)

    uploads.upload(shop)

    found = uploads.recorded(made)
    assert [("src/part0/file0.txt",), ("src/part1/file1.txt",), ("src/part2/file2.txt",)] == [
        found[sha].paths for sha in made
    ]


def test_a_second_upload_of_the_same_history_sends_nothing(uploads: Uploads, shop: Repository) -> None:
    shop.commits(3)

    assert [1, 0] == [uploads.upload(shop), uploads.upload(shop)]


def test_the_next_upload_holds_only_what_is_new_and_is_read_against_the_cache(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(6)
    uploads.upload(shop)
    new = shop.commit("One more", {"src/part1/file1.txt": "2"})

    [pack] = shop.packs([new], made)
    uploads.send(pack, head=new)

    assert ("src/part1/file1.txt",) == uploads.recorded([new])[new].paths
    assert {*made, new} == uploads.known([*made, new])


def test_what_was_sent_is_known_in_its_own_organisation_alone(
    uploads: Uploads, shop: Repository, other_org_id: OrgId
) -> None:
    made = shop.commits(2)
    uploads.upload(shop)

    assert set() == replace(uploads, org_id=other_org_id).known(made)


def test_repositories_that_go_by_sha_256_are_taken(uploads: Uploads, tmp_path: Path) -> None:
    history = Repository(tmp_path / "modern", object_format="sha256")
    made = history.commits(3)
    uploads = replace(uploads, digits=64)

    assert [1, 0] == [uploads.upload(history), uploads.upload(history)]
    assert set(made) == uploads.known(made)


def test_merges_are_taken(uploads: Uploads, shop: Repository) -> None:
    shop.commits(2)
    shop.git("checkout", "--quiet", "-b", "topic", "HEAD~1")
    shop.commit("Topic", {"topic.txt": "1"})
    shop.git("checkout", "--quiet", "main")
    shop.git("merge", "--quiet", "--no-edit", "topic")

    uploads.upload(shop)

    assert 4 == len(uploads.known([Sha(sha) for sha in shop.git("rev-list", "HEAD").split()]))


def test_the_oldest_commit_sent_is_kept_without_paths_and_its_parent_is_none_of_the_senders_concern(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(5)
    sent = made[2:]

    uploads.send(*a_window(shop, sent, made[1]), head=made[-1])

    oldest = uploads.recorded(sent)[made[2]]
    assert ((made[1],), None) == (oldest.parents, oldest.paths)


def test_the_full_tree_of_the_oldest_commit_makes_an_upload_complete(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(8)
    sent = made[5:]

    uploads.send(*a_window(shop, sent, made[4]), head=made[-1])

    assert set(sent) == uploads.known(sent)


def test_plain_git_can_walk_the_cache_down_to_its_boundary(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(8)
    uploads.send(*a_window(shop, made[5:], made[4]), head=made[-1])

    counted = ["git", "rev-list", "--count", made[-1]]
    cache = uploads.repository.directory / "cache.git"

    assert b"3\n" == subprocess.run(counted, cwd=cache, capture_output=True, check=True).stdout


def test_a_commit_above_a_missing_one_is_not_known(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(8)
    uploads.send(*a_window(shop, made[5:], made[4]), head=made[-1])

    assert set() == uploads.known(made)


def test_older_history_that_comes_later_gives_the_boundary_its_paths(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(8)
    uploads.send(*a_window(shop, made[5:], made[4]), head=made[-1])

    uploads.send(*shop.packs(made[:5]), head=made[4])

    assert ("src/part0/file5.txt",) == uploads.recorded(made)[made[5]].paths
    assert set(made) == uploads.known(made)
    assert not (uploads.repository.directory / "cache.git" / "shallow").exists()


def test_commits_that_were_told_in_another_way_are_not_known_to_an_upload(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(3)
    uploads.upload(shop)
    stray = shop.commit("Told by a webhook")
    told = replace_sha(uploads, made[-1], stray)
    uploads.ledger.write(record_commits, told)

    assert set(made) == uploads.known([*made, stray])


def test_what_a_lost_database_does_not_have_is_not_known(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(4)
    uploads.upload(shop)
    with writing(uploads.ledger.engine) as transaction:
        transaction.execute(delete(commits_table).where(commits_table.c.sha == made[1]))

    assert {made[0]} == uploads.known(made)
    assert 1 == uploads.upload(shop)
    assert set(made) == uploads.known(made)


def test_a_lost_cache_costs_one_larger_upload_and_nothing_else(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(4)
    uploads.upload(shop)
    shutil.rmtree(uploads.root)

    assert set() == uploads.known(made)
    assert [1, 0] == [uploads.upload(shop), uploads.upload(shop)]


def test_a_damaged_cache_knows_nothing(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(4)
    uploads.upload(shop)
    for pack in uploads.root.rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"PACK" + b"\0" * 200)

    assert set() == uploads.known(made)


def test_until_its_last_pack_nothing_of_an_upload_is_known_or_recorded(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(6)
    commits, trees = in_two_packs(shop, made)

    uploads.send(commits, head=made[-1])
    before = uploads.known(made), uploads.recorded(made)
    uploads.send(trees, head=made[-1])

    assert (set(), {}) == before
    assert set(made) == uploads.known(made)


def test_the_packs_of_an_upload_may_come_in_any_order(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(6)
    commits, trees = in_two_packs(shop, made)

    uploads.send(trees, commits, head=made[-1])

    assert set(made) == uploads.known(made)


@pytest.mark.parametrize("order", range(4))
def test_every_object_of_an_upload_may_come_in_a_pack_of_its_own(
    uploads: Uploads, shop: Repository, order: int
) -> None:
    made = shop.commits(3)
    objects = [*made, *trees_of(shop, made)]
    random.Random(order).shuffle(objects)

    assert [] == uploads.send(*(shop.pack_of([one]) for one in objects), head=made[-1])

    assert set(made) == uploads.known(made)
    assert set(made) == uploads.recorded(made).keys()


def test_a_pack_is_looked_into_once_however_many_follow(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(6)
    commits, trees = in_two_packs(shop, made)
    uploads.send(trees, head=made[-1])
    [looked_into] = uploads.root.rglob("quarantine/*/objects/pack/*.pack")
    sound = looked_into.read_bytes()
    looked_into.chmod(0o600)
    looked_into.write_bytes(b"PACK" + b"\0" * 200)

    assert [] == uploads.send(shop.pack_of(trees_of(shop, [shop.commit("Later", {"a": "1"})])), head=made[-1])

    looked_into.write_bytes(sound)
    uploads.send(commits, head=made[-1])
    assert set(made) == uploads.known(made)


def test_what_the_cache_lost_while_an_upload_came_in_is_missed(uploads: Uploads, shop: Repository) -> None:
    shop.commit("First", {"kept/a.txt": "1", "changed/a.txt": "1"})
    uploads.upload(shop)
    new = shop.commit("Second", {"changed/a.txt": "2"})
    uploads.send(shop.pack_of([new, shop.tree]), head=new)
    shutil.rmtree(uploads.repository.directory / "cache.git" / "objects" / "pack")
    (uploads.repository.directory / "cache.git" / "objects" / "pack").mkdir()

    assert [] == uploads.send(shop.pack_of([shop.git("rev-parse", "HEAD:changed")]), head=new)

    assert (set(), {}) == (uploads.known([new]), uploads.recorded([new]))


def test_after_an_upload_that_broke_off_everything_is_sent_again(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(6)
    commits, _ = in_two_packs(shop, made)
    uploads.send(commits, head=made[-1])

    assert 1 == uploads.upload(shop)
    assert set(made) == uploads.known(made)


def test_what_is_left_of_an_upload_that_broke_off_is_removed_by_the_next(
    uploads: Uploads, shop: Repository
) -> None:
    made = shop.commits(6)
    commits, _ = in_two_packs(shop, made)
    uploads.send(commits, head=made[-1])
    age(uploads, hours=2)
    shop.commit("Later")

    uploads.upload(shop)

    assert [] == list(uploads.repository.directory.glob("quarantine/*"))


def test_a_pack_for_a_history_that_is_not_here_is_not_recorded(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(8)
    [new] = shop.packs(made[5:], made[:5])

    refused = uploads.send(new, head=made[-1])

    assert [] == refused
    assert ({}, set()) == (uploads.recorded(made), uploads.known(made))


def test_a_pack_that_comes_twice_is_harmless(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(3)
    packs = shop.packs(made)

    assert [] == uploads.send(*packs, *packs, head=made[-1])
    assert set(made) == uploads.known(made)


def test_many_uploads_to_one_repository_at_once_are_all_taken(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(8)
    sent = [(shop.packs([sha], made[:place]), sha) for place, sha in enumerate(made)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: uploads.send(*one[0], head=one[1]), sent))
    uploads.upload(shop)

    assert set(made) == uploads.known(made)
    assert [] == list(uploads.repository.directory.glob("quarantine/*"))


def test_a_pack_that_nobody_looked_into_is_found_after_a_restart(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(3)
    uploads.accept(shop.packs(made)[0], made[-1])

    found = list(GitCache(uploads.root).waiting())
    for repository in found:
        take_in_packs(uploads.ledger, repository, NOON)

    assert [SHOP] == [repository.repository_id for repository in found]
    assert set(made) == uploads.known(made)
    assert [] == list(GitCache(uploads.root).waiting())


@pytest.mark.parametrize("step", ["examine", "commits", "join", "discard"])
def test_an_upload_that_a_crash_interrupts_is_finished_by_the_next(
    uploads: Uploads, shop: Repository, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shop.commits(3)
    uploads.accept(shop.packs(made)[0], made[-1])
    with monkeypatch.context() as crashing:
        crashing.setattr(Quarantine, step, crash)
        with pytest.raises(KeyboardInterrupt):
            take_in_packs(uploads.ledger, uploads.repository, NOON)
    new = shop.commit("Later", {"later.txt": "1"})

    uploads.upload(shop)

    assert {*made, new} == uploads.known([*made, new])
    assert [] == list(GitCache(uploads.root).waiting())


def test_a_request_that_died_leaves_nothing_for_long(uploads: Uploads) -> None:
    folder = uploads.root / "arriving"
    folder.mkdir(parents=True)
    (folder / "half.pack").write_bytes(b"PACK")
    os.utime(folder / "half.pack", ns=(NOON, NOON))

    with uploads.cache.arrival(1000, NOON + DAY_NS):
        left = [path.name for path in folder.iterdir() if path.name == "half.pack"]

    assert [] == left


def test_a_request_under_way_keeps_its_file_however_slow_it_is(uploads: Uploads, shop: Repository) -> None:
    made = shop.commits(1)
    with uploads.cache.arrival(1 << 20, NOON) as slow:
        slow.write(shop.packs(made)[0])
        with uploads.cache.arrival(1000, NOON + 10_000 * DAY_NS):
            name = uploads.cache.accept(slow, uploads.repository, made[-1])

    assert (uploads.repository.inbox / name).exists()


def test_a_request_that_ends_without_a_pack_leaves_nothing(uploads: Uploads) -> None:
    with uploads.cache.arrival(1000, NOON) as arrival:
        arrival.write(b"PACK")

    assert [] == uploads.left()


def test_many_packs_are_put_together_and_stay_readable(
    uploads: Uploads, shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_cache, "MOST_PACKS", 3)
    for number in range(10):
        shop.commit(f"Change {number}", {f"src/part{number % 3}/file.txt": f"{number}"})
        uploads.upload(shop)
    made = [Sha(sha) for sha in shop.git("rev-list", "HEAD").split()]

    assert set(made) == uploads.known(made)
    assert 4 >= len(list((uploads.repository.directory / "cache.git").rglob("*.pack")))


def test_a_disk_that_cannot_be_written_is_an_error_that_may_pass(uploads: Uploads) -> None:
    uploads.root.parent.mkdir(exist_ok=True)
    uploads.root.write_text("no folder", encoding="utf-8")

    with pytest.raises(Unavailable), uploads.cache.arrival(1000, NOON):
        pass


def test_nothing_that_a_sender_chose_is_part_of_a_path(uploads: Uploads, shop: Repository) -> None:
    shop.commits(1)
    uploads.upload(shop)

    paths = [str(path.relative_to(uploads.root)) for path in uploads.root.rglob("*")]

    assert [] == [path for path in paths if "example" in path or "acme" in path or "shop" in path]


def crash(*_args: object) -> None:
    """Stop as a process stops: with nothing tidied up."""
    raise KeyboardInterrupt


def age(uploads: Uploads, hours: int) -> None:
    """Make everything in quarantine that much older than noon."""
    then = NOON - hours * 3600 * NS_PER_S
    for path in uploads.root.glob("repositories/*/quarantine/*/objects/pack"):
        os.utime(path, ns=(then, then))


def a_window(history: Repository, sent: list[Sha], before: Sha) -> list[bytes]:
    """Return the packs of a history that begins in the middle: the oldest commit with its full tree."""
    trees = history.git(
        "rev-list", "--objects", "--no-object-names", "--filter=blob:none", *sent, f"^{before}"
    )
    full = history.git("ls-tree", "-r", "-d", "--format=%(objectname)", sent[0]).split()
    root = history.git("rev-parse", f"{sent[0]}^{{tree}}")
    return [history.pack_of(sorted({*trees.split(), *full, root}))]


def in_two_packs(history: Repository, made: list[Sha]) -> tuple[bytes, bytes]:
    """Return one pack of all commits and one of all trees, as the first and the last of many are."""
    return history.pack_of(made), history.pack_of(trees_of(history, made))


def trees_of(history: Repository, made: Sequence[Sha]) -> list[str]:
    """Return the trees of some commits, which come one after the other."""
    walk = "rev-list", "--objects", "--no-object-names", "--filter=blob:none", "--no-walk=unsorted"
    return sorted(set(history.git(*walk, *made).split()) - set(made))


def replace_sha(uploads: Uploads, like: Sha, sha: Sha) -> CommitsOf:
    """Return a commit like one that is recorded, with another name."""
    commit = msgspec.structs.replace(uploads.recorded([like])[like], sha=sha, parents=(like,))
    return CommitsOf(org_id=uploads.org_id, repository_id=SHOP, commits=(commit,))
