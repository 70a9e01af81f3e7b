"""Find which flags pull requests and deployments added to the code or took out of it.

Derived when asked, from scans, extinctions and links of pull requests, in a fixed number of statements
however many are asked about. What each source is worth is said in `docs/dialects/launchdarkly.md`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import CodeRepository, CodeRepositoryKey, Extinction, is_same_repository
from fairlead.domain.flag_references import (
    Changes,
    Counts,
    FlagChange,
    believed,
    change,
    difference,
    in_order,
    total,
)
from fairlead.store import code_repositories, code_uploads, flag_references
from fairlead.store.code_uploads import Scan
from fairlead.store.engine import Transaction
from fairlead.store.flag_references import Brought, Ends, PullRequestKey

_NOTHING: Changes = {}


class _Known(Struct, frozen=True):
    """All that scans and extinctions tell of some commits."""

    repositories: Mapping[CodeRepositoryKey, CodeRepository]
    scans: Mapping[str, list[Scan]]
    """By SHA, the latest first."""
    counts: Mapping[str, Counts]
    extinctions: Mapping[str, list[Extinction]]

    def scan(
        self, repository_id: str, sha: str, fits: Callable[[Scan], bool] = lambda _: True
    ) -> Scan | None:
        """Return the latest scan of a commit of a repository, or None."""
        mine = (one for one in self.scans.get(sha.lower(), ()) if self._is_of(one.repository, repository_id))
        return next((one for one in mine if fits(one)), None)

    def between(self, before: str, after: str) -> Changes:
        """Return what changed from one upload to another; nothing where one is not known."""
        if before not in self.counts or after not in self.counts:
            return _NOTHING
        return difference(self.counts[before], self.counts[after])

    def of_ends(self, ends: Ends) -> Changes | None:
        """Return what changed from one commit to another; None where they were not both scanned."""
        before, after = self.scan(ends.repository_id, ends.before), self.scan(ends.repository_id, ends.after)
        return None if before is None or after is None else self.between(before.upload, after.upload)

    def of_scan(self, repository_id: str, sha: str) -> Changes:
        """Return what changed from the scan before that of a commit, which may be several commits back."""
        found = self.scan(repository_id, sha)
        return self.between(found.before, found.upload) if found else _NOTHING

    def of_default_branch(self, repository_id: str, shas: Iterable[str]) -> Changes:
        """Return what the scans of some commits on the default branch changed, one after another."""
        found = (self.scan(repository_id, sha, self._is_default) for sha in sorted(shas))
        return total(self.between(one.before, one.upload) for one in found if one is not None)

    def of_extinctions(self, repository_id: str, shas: Iterable[str]) -> Changes:
        """Return the flags that some commits removed for good: one reference each, as nobody tells more."""
        told = (one for sha in shas for one in self.extinctions.get(sha.lower(), ()))
        flags = {
            (one.project_key, one.flag_key) for one in told if self._is_of(one.repository, repository_id)
        }
        return {flag: change(flag, 0, 1) for flag in flags}

    def _is_of(self, key: CodeRepositoryKey, repository_id: str) -> bool:
        known = self.repositories.get(key)
        return known is not None and is_same_repository(known, repository_id)

    def _is_default(self, scan: Scan) -> bool:
        return scan.branch == self.repositories[scan.repository].default_branch


def flag_references_of_pull_requests(
    transaction: Transaction, org_id: OrgId, keys: Collection[PullRequestKey]
) -> dict[PullRequestKey, tuple[FlagChange, ...]]:
    """Return for each pull request the flags it added or removed, by project and flag."""
    if not keys:
        return {}
    ends = flag_references.pull_request_ends(transaction, org_id, keys)
    links = flag_references.linked_flags(transaction, org_id, keys)
    known = _known(transaction, org_id, _shas(ends.values()))
    return {key: in_order(_of_pull_request(known, ends.get(key), links.get(key, ()))) for key in keys}


def flag_references_of_deployments(
    transaction: Transaction, org_id: OrgId, ids: Collection[str]
) -> dict[str, tuple[FlagChange, ...]]:
    """Return for each deployment the flags it added or removed, by project and flag."""
    if not ids:
        return {}
    ends = flag_references.deployment_ends(transaction, org_id, ids)
    brought = flag_references.brought(transaction, org_id, list(ends))
    keys = {(ends[one].repository_id, number) for one in ends for number in brought[one].pull_requests}
    pulls = flag_references.pull_request_ends(transaction, org_id, keys) if keys else {}
    links = flag_references.linked_flags(transaction, org_id, keys) if keys else {}
    shas = {sha for one in brought.values() for sha in (*one.scanned, *one.extinguishing)}
    known = _known(transaction, org_id, _shas([*ends.values(), *pulls.values()]) | shas)
    of_pulls = {key: _of_pull_request(known, pulls.get(key), links.get(key, ())) for key in keys}
    return {
        one: in_order(_of_deployment(known, ends[one], brought[one], of_pulls)) if one in ends else ()
        for one in ids
    }


def _of_deployment(
    known: _Known, ends: Ends, brought: Brought, of_pulls: Mapping[PullRequestKey, Changes]
) -> Changes:
    repository = ends.repository_id
    return believed(
        (
            known.of_ends(ends) or _NOTHING,
            total(of_pulls[repository, number] for number in sorted(brought.pull_requests)),
            known.of_default_branch(repository, brought.scanned),
            known.of_extinctions(repository, brought.extinguishing),
        )
    )


def _of_pull_request(known: _Known, ends: Ends | None, links: Collection[tuple[str, str, bool]]) -> Changes:
    linked = {
        (project, flag): change((project, flag), int(is_added), int(not is_added))
        for project, flag, is_added in links
    }
    if ends is None:
        return linked
    scanned = known.of_ends(ends)
    if scanned is None:
        repository = ends.repository_id
        has_own = known.scan(repository, ends.after) is not None
        scanned = known.of_scan(repository, ends.after if has_own else ends.merge)
    extinct = known.of_extinctions(ends.repository_id, {ends.after, ends.merge} - {""})
    return believed((scanned, extinct, linked))


def _shas(ends: Iterable[Ends]) -> set[str]:
    return {sha.lower() for one in ends for sha in (one.before, one.after, one.merge) if sha}


def _known(transaction: Transaction, org_id: OrgId, shas: Collection[str]) -> _Known:
    scans: dict[str, list[Scan]] = {}
    for scan in code_uploads.scans_at(transaction, org_id, shas):
        scans.setdefault(scan.sha, []).append(scan)
    found = [one for group in scans.values() for one in group]
    uploads = {upload for one in found for upload in (one.upload, one.before) if upload}
    extinctions: dict[str, list[Extinction]] = {}
    for extinction in code_repositories.extinctions_at(transaction, org_id, shas):
        extinctions.setdefault(extinction.revision, []).append(extinction)
    return _Known(
        repositories={one.key: one for one in code_repositories.every(transaction, org_id)},
        scans=scans,
        counts=code_uploads.counts(transaction, org_id, uploads),
        extinctions=extinctions,
    )
