import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from fairlead.domain.changes import Sha
from fairlead.domain.errors import Rejected, TooLarge
from fairlead.store import git_inbox, git_log, git_quarantine
from fairlead.store.git_cache import GitCache
from fairlead.store.ledger import Ledger
from fairlead.usecases.take_in_packs import take_in_packs
from tests.factories import NOON
from tests.histories import Repository
from tests.packs import (
    NO_BLOB,
    NO_COMMIT,
    Object,
    a_commit,
    a_pack,
    a_tree,
    a_wide_delta_bomb,
    an_inflated_commit,
    an_upload,
    name_of,
    nested_folders,
)
from tests.uploads import Uploads

SOUND = a_tree(("100644", b"a.txt", NO_BLOB))
EMPTY = a_tree()
HEAD = Sha("a" * 40)


@pytest.fixture
def engine_kind() -> str:
    """What refuses a pack comes before any database."""
    return "sqlite"


@pytest.fixture
def uploads(ledger: Ledger, tmp_path: Path) -> Uploads:
    """An empty cache beside an empty database."""
    return Uploads(ledger=ledger, cache=GitCache(tmp_path / "git"), root=tmp_path / "git")


def head_of(objects: Sequence[Object]) -> Sha:
    """Return the first commit of a pack."""
    return Sha(next(name_of(one) for one in objects if one[0] == "commit"))


@pytest.mark.parametrize(
    "name", [b"..", b".", b".git", b".GIT", b".git\xe2\x80\x8c", b"git~1", b"a/b", b"/etc", b""], ids=repr
)
def test_a_path_that_leads_elsewhere_is_refused(uploads: Uploads, name: bytes) -> None:
    objects = an_upload(a_tree(("100644", name, NO_BLOB)))

    assert_refused(uploads, a_pack(objects), head_of(objects), "is broken")


@pytest.mark.parametrize(
    "objects",
    [
        [("commit", b"no commit at all")],
        [("tree", b"no tree at all"), *an_upload(SOUND)],
        an_upload(SOUND, date="yesterday"),
        an_upload(a_tree(("100644", b"b", NO_BLOB), ("100644", b"a", NO_BLOB))),
        an_upload(a_tree(("100644", b"a", NO_BLOB), ("100644", b"a", NO_BLOB))),
        [a_commit(name_of(a_commit(name_of(SOUND)))), a_commit(name_of(SOUND)), SOUND],
        [a_commit(name_of(SOUND), name_of(SOUND)), SOUND],
    ],
    ids=["commit", "tree", "date", "unsorted", "twice", "commit-for-tree", "tree-for-parent"],
)
def test_an_object_that_is_not_what_it_should_be_is_refused(uploads: Uploads, objects: list[Object]) -> None:
    assert_refused(uploads, a_pack(objects), head_of(objects))


@pytest.mark.parametrize("kind", ["blob", "tag"])
def test_what_is_neither_commit_nor_tree_is_refused(uploads: Uploads, kind: str) -> None:
    tag = f"object {NO_BLOB}\ntype blob\ntag v1\ntagger Ada <ada@example.com> 1 +0000\n\nOne\n"
    objects = [*an_upload(SOUND), (kind, tag.encode())]

    assert_refused(uploads, a_pack(objects), head_of(objects), f"holds a {kind}; only commits and trees")


def test_a_crash_before_the_last_check_does_not_spare_a_pack_that_check(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [*an_upload(SOUND), ("blob", b"secret")]
    name = uploads.accept(a_pack(objects), head_of(objects))
    with monkeypatch.context() as crashing:
        crashing.setattr(git_quarantine, "read_pack", crash)
        with pytest.raises(KeyboardInterrupt):
            take_in_packs(uploads.ledger, uploads.repository, NOON)

    assert not (uploads.repository.inbox / name).exists()
    take_in_packs(uploads.ledger, uploads.repository, NOON)

    assert ([], set()) == (uploads.left(), uploads.known([head_of(objects)]))


def test_a_wrong_checksum_is_refused_before_anything_is_kept(uploads: Uploads) -> None:
    pack = a_pack(an_upload(SOUND))

    assert_not_accepted(uploads, pack[:-1] + bytes([pack[-1] ^ 1]), "its checksum is wrong")


@pytest.mark.parametrize(
    ("length", "why"),
    [
        (0, "is not a git pack"),
        (5, "is not a git pack"),
        (31, "is not a git pack"),
        (32, "is damaged"),
        (100, "is damaged"),
    ],
)
def test_a_pack_that_was_cut_short_is_refused_before_anything_is_kept(
    uploads: Uploads, length: int, why: str
) -> None:
    assert_not_accepted(uploads, a_pack(an_upload(SOUND))[:length], why)


@pytest.mark.parametrize(
    "content", [b"\0" * 1000, b"hello, this is no pack but it is long enough for one", b"PACK" * 99]
)
def test_bytes_that_are_no_pack_are_refused(uploads: Uploads, content: bytes) -> None:
    assert_not_accepted(uploads, content, "is not a git pack")


def test_a_pack_of_one_kind_for_a_head_of_the_other_is_refused(uploads: Uploads) -> None:
    other = replace(uploads, digits=64)
    with pytest.raises(Rejected):
        other.accept(a_pack(an_upload(SOUND)), Sha("a" * 64))

    assert [] == uploads.left()


def test_too_many_objects_are_refused_by_their_number_alone(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_inbox, "MOST_OBJECTS", 1)

    assert_not_accepted(uploads, a_pack(an_upload(SOUND)), "holds more than 1 objects")


def test_a_pack_over_the_limit_is_refused_while_it_comes_in(uploads: Uploads) -> None:
    with (
        pytest.raises(TooLarge, match="larger than 1000 bytes"),
        uploads.cache.arrival(1000, NOON) as arrival,
    ):
        arrival.write(b"PACK" * 251)

    assert [] == uploads.left()


def test_objects_that_are_damaged_inside_a_right_checksum_are_refused(uploads: Uploads) -> None:
    whole = a_pack(an_upload(SOUND))
    damaged = whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:-20]
    right = hashlib.sha1(damaged, usedforsecurity=False).digest()
    assert_refused(uploads, damaged + right, HEAD, "is broken")


def test_an_object_that_is_large_only_when_unpacked_is_refused(uploads: Uploads) -> None:
    pack = an_inflated_commit(git_quarantine.LARGEST_OBJECT_BYTES + (1 << 20))

    assert_refused(uploads, pack, HEAD, "holds an object of more than")


def test_an_object_that_would_fill_the_memory_is_refused(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_quarantine, "_BOUNDS", replace(git_quarantine._BOUNDS, memory_bytes=96 << 20))

    assert_refused(uploads, an_inflated_commit(128 << 20), HEAD, "is broken")


def test_deltas_that_unpack_without_end_are_stopped(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_quarantine, "_BOUNDS", replace(git_quarantine._BOUNDS, cpu_s=1))

    assert_refused(uploads, a_wide_delta_bomb(100, 100 << 20), HEAD, "is broken")


def test_folders_that_hold_each_other_are_refused(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_log, "MOST_PATH_CHARACTERS", 1 << 22)
    objects = nested_folders(levels=10, width=10)

    assert_refused(uploads, a_pack(objects), head_of(objects), "cannot be read")


def test_folders_nested_beyond_reason_are_refused(uploads: Uploads) -> None:
    objects = nested_folders(levels=20_000, width=1)

    assert_refused(uploads, a_pack(objects), head_of(objects), "cannot be read")


def test_a_commit_whose_parent_nobody_has_is_taken_and_its_parent_is_not_invented(uploads: Uploads) -> None:
    objects = [a_commit(name_of(SOUND), NO_COMMIT), SOUND]
    head = head_of(objects)

    assert [] == uploads.send(a_pack(objects), head=head)
    assert {head} == uploads.known([head])
    assert set() == uploads.known([head, Sha(NO_COMMIT)])


def test_modes_that_old_programs_wrote_are_taken(uploads: Uploads) -> None:
    old = a_tree(("040000", b"lib", name_of(EMPTY)))
    objects = an_upload(old, EMPTY)

    assert [] == uploads.send(a_pack(objects), head=head_of(objects))
    assert {head_of(objects)} == uploads.known([head_of(objects)])


def test_a_path_that_leads_elsewhere_is_refused_beside_what_old_programs_wrote(uploads: Uploads) -> None:
    old = a_tree(("040000", b"lib", name_of(EMPTY)))
    objects = [*an_upload(old, EMPTY), a_tree(("100644", b"..", NO_BLOB))]

    assert_refused(uploads, a_pack(objects), head_of(objects), "is broken")


def test_a_file_that_says_where_submodules_are_is_no_reason_to_refuse(uploads: Uploads) -> None:
    objects = an_upload(a_tree(("100644", b".gitmodules", NO_BLOB), ("160000", b"part", NO_COMMIT)))

    assert [] == uploads.send(a_pack(objects), head=head_of(objects))


def test_a_refused_pack_takes_nothing_else_with_it(uploads: Uploads, tmp_path: Path) -> None:
    shop = Repository(tmp_path / "shop")
    made = shop.commits(3)
    uploads.upload(shop)
    objects = an_upload(a_tree(("100644", b"..", NO_BLOB)))

    uploads.send(a_pack(objects), head=head_of(objects))

    assert set(made) == uploads.known(made)


def crash(*_args: object) -> None:
    """Stop as a process stops: with nothing tidied up."""
    raise KeyboardInterrupt


def assert_refused(uploads: Uploads, pack: bytes, head: Sha, why: str = "") -> None:
    """Check that a pack is refused once it is looked into, and that nothing of it stays."""
    [refused] = uploads.send(pack, head=head)
    assert why in str(refused)
    assert ([], {}, set()) == (uploads.left(), uploads.recorded([head]), uploads.known([head]))


def assert_not_accepted(uploads: Uploads, pack: bytes, why: str) -> None:
    """Check that a pack does not even get into the inbox."""
    with pytest.raises(Rejected, match=why):
        uploads.accept(pack, HEAD)
    assert [] == uploads.left()


def test_a_commit_that_comes_later_where_a_tree_was_to_come_is_refused(uploads: Uploads) -> None:
    other = a_commit(name_of(SOUND))
    first = a_commit(name_of(other), message="First")
    head = Sha(name_of(first))
    uploads.send(a_pack([first]), head=head)

    [refused] = uploads.send(a_pack([other, SOUND]), head=head)

    assert 'part "packfile" cannot be read' == str(refused)
    assert ([], set()) == (uploads.left(), uploads.known([head]))


def test_more_missing_trees_than_an_upload_can_hold_are_refused(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_quarantine, "MOST_OBJECTS", 3)
    tree = a_tree(*(("40000", f"d{number}".encode(), f"{number}" * 40) for number in range(1, 5)))
    objects = an_upload(tree)

    assert_refused(uploads, a_pack(objects), head_of(objects), "leaves out more than 3 trees")
