"""A clone on this machine: what histories are read from that nobody uploads.

Nothing is written to it, and none of its hooks, helpers or remotes is used. Not here: packs that
were uploaded (`git_cache.py`).
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from fairlead.domain.changes import Commit, Sha
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.store.git import Git, GitFailed
from fairlead.store.git_log import Parents, read_commits
from fairlead.store.git_objects import read_objects, read_parents
from fairlead.store.git_quarantine import read_shallow


class Clone(Struct, frozen=True, kw_only=True):
    """A clone, bare or not, whole or shallow."""

    git: Git
    boundary: Parents
    """The commits at the end of a shallow history, with the parents that were left out."""

    def tips(self, *, all_branches: bool) -> list[Sha]:
        """Return the commits where history is to be read from: HEAD, or every branch and tag.

        Empty for a clone without a commit.
        """
        try:
            found = self.git.run("rev-parse", "--quiet", "--verify", "HEAD^{commit}")
        except GitFailed:
            # HEAD may name a branch without a commit, in a clone that has others.
            found = b""
        if all_branches:
            found += self._run("rev-list", "--no-walk=unsorted", "--branches", "--remotes", "--tags")
        return [Sha(line) for line in dict.fromkeys(found.decode().split())]

    def tags(self) -> dict[str, Sha]:
        """Return which commit each tag names; tags of anything else are left out."""
        form = "%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
        found: dict[str, Sha] = {}
        for line in self._run("for-each-ref", f"--format={form}", "refs/tags").splitlines():
            name, kind, sha, kind_behind, sha_behind = line.decode("utf-8", "replace").split("\0")
            commit = sha if kind == "commit" else sha_behind if kind_behind == "commit" else ""
            if commit:
                found[name] = Sha(commit)
        return found

    def main_line(self, most: int) -> list[Sha]:
        """Return HEAD and its first parents, newest first, `most` at the most; none without a commit."""
        tips = self.tips(all_branches=False)
        found = self._run("rev-list", "--first-parent", f"--max-count={most}", tips[0]) if tips else b""
        return [Sha(line) for line in found.decode().split()]

    def address(self) -> str:
        """Return the address of the remote it was cloned from; empty where there is none."""
        try:
            return self.git.run("config", "--get", "remote.origin.url").decode("utf-8", "replace").strip()
        except GitFailed:
            return ""

    def has(self, shas: Collection[Sha]) -> bool:
        """Say whether all of `shas` are commits of this clone."""
        return len([one for one in read_objects(self.git, shas) if one.kind == "commit"]) == len(shas)

    def count(self, tips: Collection[Sha], without: Collection[Sha]) -> int:
        """Return how many commits `tips` reach and none of `without` does."""
        return int(self._run("rev-list", "--count", "--stdin", stdin=_lines(_range(tips, without))))

    def not_below(self, shas: Collection[Sha], tips: Collection[Sha]) -> list[Sha]:
        """Return those of `shas` that `tips` do not reach."""
        beyond = self._run("rev-list", "--stdin", stdin=_lines(_range(shas, tips))).decode().split()
        return sorted(set(shas) & set(map(Sha, beyond)))

    def commits(self, tips: Collection[Sha], without: Collection[Sha]) -> Iterator[Commit]:
        """Yield the commits that `tips` reach and none of `without` does, parents before children.

        Raises:
            FairleadError: the clone is damaged, or trees were left out of it.
        """
        order = "--topo-order", "--reverse"
        try:
            yield from read_commits(self.git, _range(tips, without), *order, boundary=self.boundary)
        except GitFailed as error:
            raise _unreadable(self.git.directory, error) from error

    def _run(self, *args: str, stdin: bytes = b"") -> bytes:
        try:
            return self.git.run(*args, stdin=stdin)
        except GitFailed as error:
            raise _unreadable(self.git.directory, error) from error


def open_clone(path: Path) -> Clone:
    """Open the clone whose top folder, or bare repository, is at `path`.

    Raises:
        Rejected: there is none.
        Unavailable: git is not installed.
    """
    # Git would go up from a folder until it finds a repository, and import whatever that is.
    folders = [folder for folder in (path / ".git", path) if folder.exists()]
    for folder in folders:
        try:
            found = Git(directory=folder).run("rev-parse", "--path-format=absolute", "--git-common-dir")
        except GitFailed:
            continue
        git = Git(directory=folder)
        shallow = read_shallow(Path(found.decode().rstrip("\n")))
        return Clone(git=git, boundary=read_parents(git, shallow))
    raise Rejected(f"{path} is not a git repository; name the top folder of a clone", field="PATH")


def _range(tips: Iterable[Sha], without: Iterable[Sha]) -> list[str]:
    return [*tips, *(f"^{sha}" for sha in without)]


def _lines(revisions: Iterable[str]) -> bytes:
    return "".join(f"{revision}\n" for revision in revisions).encode()


def _unreadable(directory: Path, error: GitFailed) -> FairleadError:
    said = str(error).partition("fatal: ")[2].partition("\n")[0] or str(error)
    return FairleadError(f"the history in {directory} cannot be read ({said}); try `git fsck` there")
