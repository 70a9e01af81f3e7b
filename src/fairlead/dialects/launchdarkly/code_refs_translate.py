"""From the Code References API to code references and back.

Not here: the clock, the store, and the order in which `ld-find-code-refs` asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import code_refs_wire as wire
from fairlead.dialects.launchdarkly.patches import Change
from fairlead.dialects.launchdarkly.times import instant_from, milliseconds
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.access import OrgId
from fairlead.domain.changes import FARTHEST_AT
from fairlead.domain.code_references import (
    DEFAULT_BRANCH,
    LONGEST_PATH,
    MOST_ALIASES,
    MOST_FILES,
    MOST_HUNKS,
    Branch,
    CodeRepository,
    CodeRepositoryKey,
    Extinction,
    Host,
    Hunk,
    code_repository_key,
)
from fairlead.domain.errors import Rejected, TooLarge
from fairlead.domain.instants import NS_PER_MS
from fairlead.domain.texts import require_text
from fairlead.intake.array_items import items_of
from fairlead.intake.decoding import decode
from fairlead.usecases.find_code_references import BranchFound, FlagUse, RepositoryFound

HERE = "/api/v2/code-refs"
LONGEST_MESSAGE = 10_000
_EDITABLE = frozenset(
    {"name", "type", "sourceLink", "commitUrlTemplate", "hunkUrlTemplate", "defaultBranch", "enabled"}
)
_NULL = b"null"
_EVERY_HUNK = b'"startingLineNumber"'
_branch = msgspec.json.Decoder(wire.BranchTold)
_reference = msgspec.json.Decoder(wire.ReferenceTold)
_hunk = msgspec.json.Decoder(wire.HunkTold)
_repository = msgspec.json.Decoder(wire.RepositoryTold)


def repository_from(told: wire.RepositoryTold, org_id: OrgId, now: int) -> CodeRepository:
    """Return the repository that was told of; an empty text counts as not told.

    Raises:
        Rejected: something about it is not acceptable; the field is the attribute's name.
    """
    return CodeRepository(
        org_id=org_id,
        name=told.name,
        host=Host(told.type or Host.CUSTOM),
        source_link=told.source_link or "",
        commit_url_template=told.commit_url_template or "",
        hunk_url_template=told.hunk_url_template or "",
        default_branch=told.default_branch or DEFAULT_BRANCH,
        enabled=told.enabled,
        created_at=now,
        updated_at=now,
    )


def changed_by(change: Change) -> Callable[[CodeRepository], CodeRepository]:
    """Return what makes of a repository what a patch wants it to be."""

    def changed(known: CodeRepository) -> CodeRepository:
        document = {
            "name": known.name,
            "type": known.host.value,
            "sourceLink": known.source_link,
            "commitUrlTemplate": known.commit_url_template,
            "hunkUrlTemplate": known.hunk_url_template,
            "defaultBranch": known.default_branch,
            "enabled": known.enabled,
        }
        told = decode(_repository, msgspec.json.encode(change.applied(document, _EDITABLE)))
        if code_repository_key(told.name) != known.key:
            # Branches, extinctions and whoever scans know it by its name.
            raise Rejected('attribute "name" can change in the case of its letters only', field="name")
        wanted = repository_from(told, known.org_id, known.created_at)
        return replace(wanted, version=known.version, updated_at=known.updated_at)

    return changed


def branch_from(
    body: bytes, org_id: OrgId, repository: CodeRepositoryKey, name: str
) -> tuple[Branch, Iterable[Hunk]]:
    """Return the branch that a body tells of, and its hunks, which are read as they are asked for.

    Raises:
        Rejected: something about the branch is not acceptable; the field is the attribute's name.
            Asking for the hunks raises it where something about them is not.
        TooLarge: there are more hunks or files than anybody needs.
    """
    if body.count(_EVERY_HUNK) > MOST_HUNKS:
        # Said before anything is written; whoever spells it otherwise is counted on the way.
        raise TooLarge(f"an upload holds at most {MOST_HUNKS} hunks; exclude files")
    told = decode(_branch, body)
    if told.name != name:
        raise Rejected('attribute "name" must be the branch that the path names', field="name")
    branch = Branch(
        org_id=org_id,
        repository=repository,
        name=told.name,
        head=told.head,
        update_sequence_id=told.update_sequence_id,
        synced_at=instant_from(told.sync_time, "syncTime"),
        committed_at=None if told.commit_time is None else _any_instant(told.commit_time, "commitTime"),
    )
    references = memoryview(_NULL if told.references is UNSET else told.references)
    return branch, () if references == _NULL else _hunks(_array(references, "references"))


def extinctions_from(
    told: list[wire.ExtinctionTold], org_id: OrgId, repository: CodeRepositoryKey, branch: str
) -> tuple[Extinction, ...]:
    """Return the extinctions that were told of.

    Raises:
        Rejected: something about one is not acceptable; the field is the attribute's name.
    """
    return tuple(
        Extinction(
            org_id=org_id,
            repository=repository,
            branch=branch,
            project_key=_present(one.proj_key, "projKey"),
            flag_key=_present(one.flag_key, "flagKey"),
            revision=_present(one.revision, "revision").lower(),
            message=require_text(_clean(one.message), "message", longest=LONGEST_MESSAGE),
            extinct_at=_any_instant(one.time, "time"),
        )
        for one in told
    )


def repository_rep(found: RepositoryFound) -> wire.RepositoryRep:
    """Return a repository with its branches where they were found."""
    one = found.repository
    branches = found.branches
    return wire.RepositoryRep(
        name=one.name,
        type=one.host.value,
        default_branch=one.default_branch,
        enabled=one.enabled,
        version=one.version,
        source_link=one.source_link,
        commit_url_template=one.commit_url_template,
        hunk_url_template=one.hunk_url_template,
        branches=None if branches is None else [branch_rep(branch, one.name) for branch in branches],
        links={"self": repository_link(one.name), "branches": branches_link(one.name)},
    )


def branch_rep(found: BranchFound, repository: str) -> wire.BranchRep:
    """Return a branch of the repository of that name, with its references where they were found."""
    one = found.branch
    place = Link(f"{branches_link(repository).href}/{_segment(one.name)}")
    return wire.BranchRep(
        name=one.name,
        head=one.head,
        sync_time=milliseconds(one.synced_at),
        update_sequence_id=one.update_sequence_id,
        references=None if found.hunks is None else _references(found.hunks),
        links={"self": place, "parent": repository_link(repository)},
    )


def extinctions_by_flag(found: Iterable[Extinction]) -> dict[str, list[wire.ExtinctionRep]]:
    """Return extinctions under the key of their flag."""
    flags: dict[str, list[wire.ExtinctionRep]] = {}
    for one in found:
        told = wire.ExtinctionRep(
            revision=one.revision,
            message=one.message,
            time=milliseconds(one.extinct_at),
            flag_key=one.flag_key,
            proj_key=one.project_key,
        )
        flags.setdefault(one.flag_key, []).append(told)
    return flags


def statistics_by_flag(found: Iterable[FlagUse]) -> dict[str, list[wire.StatisticRep]]:
    """Return under the key of each flag in which repositories it is named, and how often."""
    flags: dict[str, list[wire.StatisticRep]] = {}
    for use in found:
        flags.setdefault(use.count.flag_key, []).append(_statistic(use))
    return dict(sorted(flags.items()))


def repository_link(name: str) -> Link:
    """Return where a repository is."""
    return Link(f"{HERE}/repositories/{_segment(name)}")


def branches_link(name: str) -> Link:
    """Return where the branches of a repository are."""
    return Link(f"{repository_link(name).href}/branches")


def statistics_link(project_key: str = "") -> Link:
    """Return where the statistics of a project are, or the list of those that have any."""
    return Link(f"{HERE}/statistics" + (f"/{_segment(project_key)}" if project_key else ""))


def _hunks(references: memoryview) -> Iterator[Hunk]:
    for place, item in enumerate(items_of(references)):
        if place == MOST_FILES:
            raise TooLarge(f"an upload holds at most {MOST_FILES} files; exclude some")
        at = f"references[{place}]"
        reference = _within(at, lambda item=item: decode(_reference, item))  # type: ignore[misc]  # bound now
        file = {
            "path": require_text(_clean(reference.path), f"{at}.path", longest=LONGEST_PATH),
            "hint": require_text(_clean(reference.hint or ""), f"{at}.hint"),
        }
        hunks = _array(memoryview(reference.hunks), f"{at}.hunks")
        for number, hunk in enumerate(items_of(hunks)):
            where = f"{at}.hunks[{number}]"
            yield _within(where, lambda hunk=hunk, file=file: _hunk_from(hunk, file))  # type: ignore[misc]


def _hunk_from(item: memoryview, file: Mapping[str, str]) -> Hunk:
    told = decode(_hunk, item)
    aliases = tuple(require_text(_clean(alias), "aliases") for alias in told.aliases or ())
    if len(aliases) > MOST_ALIASES:
        raise Rejected(f'attribute "aliases" holds more than {MOST_ALIASES} names', field="aliases")
    return Hunk(
        path=file["path"],
        hint=file["hint"],
        starting_line_number=told.starting_line_number,
        lines=None if told.lines is None else _clean(told.lines),
        project_key=require_text(told.proj_key or "", "projKey"),
        flag_key=require_text(told.flag_key or "", "flagKey"),
        aliases=aliases,
    )


def _within(place: str, read: Callable[[], Any]) -> Any:
    """Return what `read` does; what it refuses is said to be at `place`."""
    try:
        return read()
    except Rejected as error:
        path = f"{place}.{error.field}".rstrip(".")
        raise Rejected(f"{error} (in {place})", field=path) from error


def _array(told: memoryview, name: str) -> memoryview:
    if told[:1].tobytes() != b"[":
        raise Rejected(f'attribute "{name}" must be an array', field=name)
    return told


def _clean(text: str) -> str:
    """Return a text of somebody's source code as both engines can keep it."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _present(text: str, name: str) -> str:
    if not text:
        raise Rejected(f'attribute "{name}" must not be empty', field=name)
    return require_text(text, name)


def _any_instant(told: wire.Instant, name: str) -> int:
    """Return the time of a commit, which may be that of any clock."""
    if isinstance(told, str):
        return instant_from(told, name)
    return max(-FARTHEST_AT, min(told * NS_PER_MS, FARTHEST_AT))


def _references(hunks: Iterable[Hunk]) -> list[wire.ReferenceRep]:
    """Return hunks file by file, in the order they were told in."""
    return [
        wire.ReferenceRep(path=path, hint=hint, hunks=[_hunk_rep(hunk) for hunk in group])
        for (path, hint), group in groupby(hunks, key=lambda hunk: (hunk.path, hunk.hint))
    ]


def _hunk_rep(hunk: Hunk) -> wire.HunkRep:
    return wire.HunkRep(
        starting_line_number=hunk.starting_line_number,
        lines=hunk.lines,
        proj_key=hunk.project_key,
        flag_key=hunk.flag_key,
        aliases=list(hunk.aliases) or None,
    )


def _statistic(use: FlagUse) -> wire.StatisticRep:
    one, committed_at = use.repository, use.branch.committed_at
    return wire.StatisticRep(
        name=one.name,
        type=one.host.value,
        source_link=one.source_link,
        default_branch=one.default_branch,
        enabled=one.enabled,
        version=one.version,
        hunk_count=use.count.hunks,
        file_count=use.count.files,
        latest_commit_time=None if committed_at is None else milliseconds(committed_at),
        links={"self": repository_link(one.name)},
    )


def _segment(name: str) -> str:
    return quote(name, safe="")
