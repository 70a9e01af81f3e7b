"""Changed paths come back as they were packed, whatever their length."""

import zlib

import pytest

from fairlead.store.changed_paths import packed, unpacked


@pytest.mark.parametrize(
    "paths",
    [
        (),
        ("a",),
        ("src/cart.py", "größe/naïve 名.txt"),
        ("x" * 199,),
        ("x" * 200,),
        tuple(f"src/part{number}/file.py" for number in range(20)),
        tuple(f"src/part{number}/file.py" for number in range(20_000)),
    ],
    ids=lambda paths: f"{len(paths)}-{sum(map(len, paths))}",
)
def test_paths_come_back_as_they_were(paths: tuple[str, ...]) -> None:
    assert paths == unpacked(packed(paths))


def test_what_nobody_told_stays_unknown() -> None:
    assert unpacked(packed(None)) is None


def test_what_earlier_versions_kept_is_read() -> None:
    assert ("src/cart.py",) == unpacked(zlib.compress(b"src/cart.py\0"))


def test_many_paths_are_kept_in_less_than_their_length() -> None:
    paths = tuple(f"src/part{number}/file.py" for number in range(1000))

    assert len(packed(paths) or b"") < sum(map(len, paths)) // 4
