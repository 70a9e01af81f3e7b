"""The corpus of small histories in `tests/histories`: read, and made into real repositories.

`python -m tests.corpus tests/histories/squash.txt DIRECTORY` makes one and prints, as JSON, what is
to be told of it and the answers expected; `tests/histories/README.md` describes both. Not here:
asking Fairlead (`store/test_histories.py`).
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.histories import Repository

FOLDER = Path(__file__).parent / "histories"
REPOSITORY = "github.com/shopist/checkout"
SERVICE, ENV = "checkout", "prod"
STAGES = ("time_to_pr_ready", "review_time", "merge_time", "time_to_deploy", "deploy_time")
_YEAR = 2025
_SPAN = re.compile(r"(?:(\d+)d)?(\d+):(\d\d)")
_PEOPLE = {"ada": "Ada <ada@example.com>", "ben": "Ben <ben@example.com>"}


class CommitMade(msgspec.Struct, kw_only=True):
    """A commit; times are seconds since 1970."""

    name: str
    parents: list[str]
    authored_s: int
    committed_s: int
    author: str
    subject: str
    paths: list[str]


class PullRequestTold(msgspec.Struct, kw_only=True):
    """A merged pull request; commits by name, times in seconds since 1970."""

    number: int
    opened_s: int
    ready_s: int | None = None
    approved_s: list[int] = []
    merged_s: int
    merge: str
    head: str = ""
    base: str = ""
    commits: int | None = None


class DeploymentTold(msgspec.Struct, kw_only=True):
    """A deployment; its commit by name, or empty."""

    id: str
    service: str
    env: str
    commit: str
    started_s: int
    finished_s: int
    deleted: bool = False
    """Whether it is told and then deleted again."""


class CommitExpected(msgspec.Struct, kw_only=True):
    """A commit that is measured; spans are seconds."""

    name: str
    lead_time_s: int | None
    stages_s: list[int | None]
    pull_request: int | None = None


class Expected(msgspec.Struct, kw_only=True):
    """The answer for one deployment."""

    id: str
    previous: str | None = None
    reason: str | None = None
    commits: list[CommitExpected] = []
    """In no order that matters."""
    excluded: dict[str, str] = {}
    """Commits left out, by name, and why."""
    average_s: int | None = None
    shortest_s: int | None = None
    longest_s: int | None = None


@dataclass(slots=True)
class Story:
    """One history with all that is told of it and expected."""

    about: str = ""
    commits: list[CommitMade] = field(default_factory=list)
    known: list[str] | None = None
    """The only commits that are told; None: all."""
    patterns: dict[str, list[str]] = field(default_factory=dict)
    pull_requests: list[PullRequestTold] = field(default_factory=list)
    deployments: list[DeploymentTold] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


def names() -> list[str]:
    """Return the names of all histories."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def read(name: str) -> Story:
    """Return the history of that name."""
    return parse((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))


def parse(text: str) -> Story:
    """Return what the text of a history says."""
    story = Story()
    about, *sections = re.split(r"^(?=\w[\w ]*:$)", text, flags=re.MULTILINE)
    story.about = " ".join(about.split())
    for section in sections:
        title, _, body = section.partition(":\n")
        for line in body.splitlines():
            words = line.split("#  ")[0].split()
            if words:
                _READERS[title](story, words)
    return story


def make(story: Story, folder: Path) -> tuple[Repository, dict[str, str]]:
    """Make the repository of a history; return it and the SHA of each commit, which is tagged too."""
    repository = Repository(folder)
    marks = folder / ".git" / "marks"
    repository.git("fast-import", "--quiet", f"--export-marks={marks}", stdin=_stream(story).encode())
    told = (line.split() for line in marks.read_text(encoding="ascii").splitlines())
    by_mark = {int(mark[1:]): sha for mark, sha in told}
    shas = {commit.name: by_mark[place] for place, commit in enumerate(story.commits, 1)}
    assert len(set(shas.values())) == len(shas), "two commits are the same"
    return repository, shas


def document(story: Story, shas: Mapping[str, str]) -> dict[str, Any]:
    """Return what is told and expected, as plain data with SHAs for names."""
    return {
        "about": story.about,
        "repository_id": REPOSITORY,
        "commits": shas,
        "known": None if story.known is None else [shas[name] for name in story.known],
        "source_patterns": story.patterns,
        "pull_requests": [
            msgspec.to_builtins(one)
            | {key: shas.get(getattr(one, key), "") for key in ("merge", "head", "base")}
            for one in story.pull_requests
        ],
        "deployments": [
            msgspec.to_builtins(one) | {"commit": shas.get(one.commit, one.commit)}
            for one in story.deployments
        ],
        "expected": [
            msgspec.to_builtins(one)
            | {
                "commits": [
                    msgspec.to_builtins(commit) | {"sha": shas[commit.name]} for commit in one.commits
                ],
                "excluded": {shas[name]: reason for name, reason in one.excluded.items()},
            }
            for one in story.expected
        ],
    }


def _stream(story: Story) -> str:
    """Return what `git fast-import` makes the history from: every commit with a tag of its name."""
    marks: dict[str, int] = {}
    lines: list[str] = []
    for mark, one in enumerate(story.commits, 1):
        marks[one.name] = mark
        lines += [
            f"reset refs/tags/{one.name}",
            f"commit refs/tags/{one.name}",
            f"mark :{mark}",
            f"author {one.author} {one.authored_s} +0000",
            f"committer {_PEOPLE['ben']} {one.committed_s} +0000",
            f"data {len(one.subject)}",
            one.subject,
        ]
        for place, parent in enumerate(one.parents):
            lines.append(f"{'merge' if place else 'from'} :{marks[parent]}")
        for path in one.paths:
            content = f"{one.name}\n"
            lines += [f"M 100644 inline {path}", f"data {len(content)}", content]
    return "\n".join([*lines, ""])


def _words(words: list[str], keys: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each key word with the words after it."""
    key, values = "", list[str]()
    for word in words:
        if word in keys:
            yield key, values
            key, values = word, []
        else:
            values.append(word)
    yield key, values


def _commit(story: Story, words: list[str]) -> None:
    said = dict(_words(words, {"root", "after", "changes", "copies", "committed", "by"}))
    name, at = said[""][0], _instant(said[""][1:])
    before = [story.commits[-1].name] if story.commits else []
    parents = [] if "root" in said else said.get("after", before)
    copied = next((one for one in story.commits if [one.name] == said.get("copies")), None)
    story.commits.append(
        CommitMade(
            name=name,
            parents=parents,
            authored_s=at if copied is None else copied.authored_s,
            committed_s=_instant(said["committed"]) if "committed" in said else at,
            author=_PEOPLE[said.get("by", ["ada"])[0]] if copied is None else copied.author,
            subject=f"Make {name}" if copied is None else copied.subject,
            paths=said.get(
                "changes", [] if len(parents) > 1 else [f"{name}.txt"] if copied is None else copied.paths
            ),
        )
    )


def _known(story: Story, words: list[str]) -> None:
    story.known = (story.known or []) + words


def _pattern(story: Story, words: list[str]) -> None:
    story.patterns[words[0]] = words[1:]


def _pull_request(story: Story, words: list[str]) -> None:
    keys = {"opened", "ready", "approved", "merged", "as", "head", "base", "commits"}
    approved: list[int] = []
    told: dict[str, Any] = {}
    for key, values in _words(words, keys):
        match key:
            case "":
                told["number"] = int(values[0][1:])
            case "approved":
                approved.append(_instant(values))
            case "opened" | "ready" | "merged":
                told[f"{key}_s"] = _instant(values)
            case "commits":
                told["commits"] = int(values[0])
            case _:
                told["merge" if key == "as" else key] = values[0]
    told.setdefault("ready_s", told["opened_s"])
    story.pull_requests.append(PullRequestTold(**told, approved_s=approved))


def _deployment(story: Story, words: list[str]) -> None:
    said = dict(_words(words, {"of", "in", "to", "deleted"}))
    id, commit, *since = said[""]
    story.deployments.append(
        DeploymentTold(
            id=id,
            service=said.get("of", [SERVICE])[0],
            env=said.get("in", [ENV])[0],
            commit="" if commit == "-" else commit,
            started_s=_instant(since),
            finished_s=_instant(said["to"]),
            deleted="deleted" in said,
        )
    )


def _expected(story: Story, words: list[str]) -> None:
    match words:
        case ["left", "out", name, reason]:
            story.expected[-1].excluded[name] = reason
        case ["average", average, "shortest", shortest, "longest", longest]:
            one = story.expected[-1]
            one.average_s, one.shortest_s, one.longest_s = map(_span, (average, shortest, longest))
        case [name, lead, "=", *stages]:
            number = int(stages.pop()[1:]) if stages[-1].startswith("#") else None
            spans = [_span(stage) for stage in stages]
            story.expected[-1].commits.append(
                CommitExpected(name=name, lead_time_s=_span(lead), stages_s=spans, pull_request=number)
            )
        case [id, "after", previous, *reasons]:
            story.expected.append(Expected(id=id, previous=previous, reason=next(iter(reasons), None)))
        case [id, reason]:
            story.expected.append(Expected(id=id, reason=reason))
        case _:
            raise ValueError(words)


def _instant(words: list[str]) -> int:
    """Return the seconds of `MM-DD HH:MM`, or `YYYY-MM-DD HH:MM`, in UTC."""
    day, clock = words
    dated = day if day.count("-") > 1 else f"{_YEAR}-{day}"
    return int(datetime.strptime(f"{dated} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp())


def _span(text: str) -> int | None:
    """Return the seconds of `HH:MM` or `DdHH:MM`; None for a dash."""
    if text == "-":
        return None
    found = _SPAN.fullmatch(text)
    assert found is not None, text
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60


_READERS = {
    "commits": _commit,
    "known": _known,
    "source patterns": _pattern,
    "pull requests": _pull_request,
    "deployments": _deployment,
    "expected": _expected,
}


def main() -> None:
    """Make a history and print what is told and expected of it."""
    text, folder = sys.argv[1:]
    story = parse(Path(text).read_text(encoding="utf-8"))
    shas = make(story, Path(folder))[1]
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document(story, shas))).decode() + "\n")


if __name__ == "__main__":
    main()
