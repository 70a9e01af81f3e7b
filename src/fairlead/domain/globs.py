"""Globs: which paths of a repository a pattern means.

The dialect is that of `.gitignore`, read from the root of the repository and without its negation:

- `*` is any run of characters within one segment, `?` is one such character. Neither crosses `/`,
  and both take a leading dot.
- `**` as a whole segment is any number of segments, none included; at the end it is one or more, so
  that `a/**` is everything below `a`. Beside other characters it is a plain `*`.
- A pattern that ends in `/` means everything below that folder, and one whose last segment has no
  wildcard means a file of that name or everything below a folder of that name.
- A backslash takes the next character as it is. Everything else, `[`, `!` and the case of letters
  included, is itself. A `/` in front changes nothing.

Between wildcards the leftmost fit is taken and never reconsidered, so the time grows at most with
the length of the path times that of the pattern. Not here: where patterns come from
(`domain.catalog`).
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

_ANY_SEGMENTS = "**"
_PIECE = re.compile(r"\\(?P<escaped>.)|(?P<wild>[*?])|(?P<plain>[^\\*?]+|\\$)", re.DOTALL)


def touches(patterns: Iterable[str], paths: Iterable[str]) -> bool:
    """Tell whether any of `paths` is meant by any of `patterns`. Paths are relative to the root."""
    globs = [_compiled(pattern) for pattern in patterns]
    return any(glob.means(segments) for segments in map(_segments, paths) for glob in globs)


def literal(path: str) -> str:
    """Return the pattern that means `path`, whatever characters it has."""
    return re.sub(r"[\\*?]", r"\\\g<0>", path)


class _Word(Struct, frozen=True):
    """A segment with wildcards: chunks of fixed length with anything between them."""

    chunks: tuple[re.Pattern[str], ...]
    lengths: tuple[int, ...]

    def means(self, text: str) -> bool:
        """Tell whether all of `text` fits: the first chunk in front, the last at the end."""
        if len(text) < sum(self.lengths) or not self.chunks[0].match(text):
            return False
        if len(self.chunks) == 1:
            return len(text) == self.lengths[0]
        at, end = self.lengths[0], len(text) - self.lengths[-1]
        for chunk in self.chunks[1:-1]:
            found = chunk.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return self.chunks[-1].match(text, end) is not None


_Run = tuple[str | _Word, ...]


class _Glob(Struct, frozen=True):
    """Runs of segments with any number of other segments between them."""

    runs: tuple[_Run, ...]
    """The last one is empty where the pattern ends in `**`."""
    names_folder: bool
    """Whether the pattern also means what lies below a path that fits."""

    def means(self, segments: Sequence[str]) -> bool:
        """Tell whether the path of these segments fits."""
        if not self.runs or not _fits(self.runs[0], segments, 0):
            return False
        at = len(self.runs[0])
        if len(self.runs) == 1:
            return len(segments) == at or self.names_folder
        for run in self.runs[1:-1]:
            at = _after(run, segments, at)
        last = self.runs[-1]
        if not last:
            return at < len(segments)
        if self.names_folder:
            return _after(last, segments, at) <= len(segments)
        return at <= len(segments) - len(last) and _fits(last, segments, len(segments) - len(last))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> _Glob:
    names = [*_segments(pattern), _ANY_SEGMENTS] if pattern.endswith("/") else _segments(pattern)
    runs: list[list[str | _Word]] = [[]] if names else []
    for name in names:
        if name == _ANY_SEGMENTS:
            runs.append([])
        else:
            runs[-1].append(_segment(name))
    names_folder = bool(runs and runs[-1]) and isinstance(runs[-1][-1], str)
    return _Glob(tuple(map(tuple, runs)), names_folder)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment not in {"", "."}]


def _segment(name: str) -> str | _Word:
    """Return what a segment of a pattern means: a text where it has no wildcard."""
    chunks, lengths, plain = [""], [0], ""
    pieces = list(_PIECE.finditer(name))
    for piece in pieces:
        text = piece["escaped"] or piece["plain"] or ""
        if piece["wild"] == "*":
            chunks.append("")
            lengths.append(0)
        else:
            chunks[-1] += re.escape(text) or "."
            lengths[-1] += len(text) or 1
        plain += text
    if not any(piece["wild"] for piece in pieces):
        return plain
    return _Word(tuple(re.compile(chunk, re.DOTALL) for chunk in chunks), tuple(lengths))


def _fits(run: _Run, segments: Sequence[str], at: int) -> bool:
    """Tell whether `run` fits the segments from `at` on."""
    if at + len(run) > len(segments):
        return False
    pairs = zip(run, segments[at : at + len(run)], strict=True)
    return all(one == text if isinstance(one, str) else one.means(text) for one, text in pairs)


def _after(run: _Run, segments: Sequence[str], at: int) -> int:
    """Return where the first fit of `run` from `at` on ends; beyond the path where there is none."""
    for start in range(at, len(segments) - len(run) + 1):
        if _fits(run, segments, start):
            return start + len(run)
    return len(segments) + 1
