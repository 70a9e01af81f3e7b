import itertools
import re
import time
from collections.abc import Iterator

import pytest

from fairlead.domain.globs import literal, touches

# Enough to tell `*` from `**`, a segment from its neighbours, and a name from the start of another.
SEGMENTS = ("a", "b", "ab", "*", "?", "a*", "*b", "**")
NAMES = ("a", "b", "ab", "aab", ".a")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_short_pattern_means_the_paths_that_a_slow_reading_says(length: int) -> None:
    for pattern in ("/".join(parts) for parts in itertools.product(SEGMENTS, repeat=length)):
        for path in _paths(3):
            assert _slowly(pattern, path) == touches([pattern], [path]), (pattern, path)


def test_every_short_segment_means_the_names_that_a_slow_reading_says() -> None:
    for pattern in _texts("a*?\\", 5):
        for name in _texts("ab*\\", 4):
            assert _slow_segment(pattern, name) == touches([pattern], [name]), (pattern, name)


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("**", "README.md", True),
        ("**", "a/b/c", True),
        ("services/checkout/**", "services/checkout/main.go", True),
        ("services/checkout/**", "services/checkout/api/v1/main.go", True),
        ("services/checkout/**", "services/checkout", False),
        ("services/checkout/**", "services/checkout-ui/main.go", False),
        ("services/checkout", "services/checkout/main.go", True),
        ("services/checkout", "services/checkout", True),
        ("services/checkout", "other/services/checkout/main.go", False),
        ("services/checkout/", "services/checkout/main.go", True),
        ("services/checkout/", "services/checkout", False),
        ("/services/*/src", "services/checkout/src/main.go", True),
        ("./services", "services/main.go", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("**/*.md", "docs/README.md", True),
        ("**/*.md", "README.md", True),
        ("src/*", "src/main.go", True),
        ("src/*", "src/api/main.go", False),
        ("src/*", "src/.env", True),
        ("**/test/**", "a/test/b", True),
        ("**/test/**", "test/b", True),
        ("**/test/**", "a/test", False),
        ("libs/**/go.mod", "libs/go.mod", True),
        ("libs/**/go.mod", "libs/a/b/go.mod", True),
        ("a**z", "abz", True),
        ("a**z", "a/z", False),
        ("Makefile", "makefile", False),
        ("app/[slug]/page.tsx", "app/[slug]/page.tsx", True),
        ("app/[slug]/page.tsx", "app/s/page.tsx", False),
        ("!vendor", "vendor/a.go", False),
        ("!vendor", "!vendor", True),
        ("../plop/*.java", "plop/a.java", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("", "a", False),
        ("/", "a", True),
        ("*\n", "a\n", True),
    ],
)
def test_a_pattern_means_what_the_page_says(pattern: str, path: str, meant: bool) -> None:
    assert meant == touches([pattern], [path])


def test_one_path_that_one_pattern_means_is_enough() -> None:
    assert touches(["docs/**", "src/**"], ["README.md", "src/main.go"])


def test_no_patterns_and_no_paths_touch_nothing() -> None:
    assert not touches([], ["a"])
    assert not touches(["**"], [])


@pytest.mark.parametrize("name", ["a*b", "a?b", "a\\b", "[a]", "**", "a b", "\\"])
def test_a_name_made_literal_means_itself_only(name: str) -> None:
    others = {"axb", "ab", "a", "[a]", "x/y"} - {name}

    assert touches([literal(name)], [name])
    assert not touches([literal(name)], others)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 400 + "b", "a" * 4000),
        ("**/a/" * 150 + "b", "a/" * 1500 + "c"),
        ("**/*a*a*a*a/" * 50 + "b", ("a" * 40 + "/") * 60),
        ("?" * 500 + "*b", "a" * 4000),
    ],
)
def test_a_pattern_made_to_be_slow_is_not(pattern: str, path: str) -> None:
    started_s = time.perf_counter()

    assert not touches([pattern], [path])
    assert time.perf_counter() - started_s < 1


def _paths(longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        yield from ("/".join(parts) for parts in itertools.product(NAMES, repeat=length))


def _texts(alphabet: str, longest: int) -> Iterator[str]:
    for length in range(1, longest + 1):
        yield from map("".join, itertools.product(alphabet, repeat=length))


def _slowly(pattern: str, path: str) -> bool:
    """Try every way to give the segments of a path to those of a pattern."""
    wanted, found = pattern.split("/"), path.split("/")
    if not re.search(r"[*?]", wanted[-1]) and _slow_segments([*wanted, "**"], found):
        return True
    return _slow_segments(wanted, found)


def _slow_segments(wanted: list[str], found: list[str]) -> bool:
    if not wanted:
        return not found
    if wanted[0] == "**":
        fewest = 1 if wanted == ["**"] else 0
        return any(_slow_segments(wanted[1:], found[taken:]) for taken in range(fewest, len(found) + 1))
    return bool(found) and _slow_segment(wanted[0], found[0]) and _slow_segments(wanted[1:], found[1:])


def _slow_segment(pattern: str, name: str) -> bool:
    """Try every length for every `*`, one character at a time."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(_slow_segment(pattern[1:], name[taken:]) for taken in range(len(name) + 1))
    if pattern[0] == "\\" and len(pattern) > 1:
        return name[:1] == pattern[1] and _slow_segment(pattern[2:], name[1:])
    return bool(name) and pattern[0] in ("?", name[0]) and _slow_segment(pattern[1:], name[1:])
