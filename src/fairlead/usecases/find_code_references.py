"""Find scanned repositories, their branches and what they name."""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import Branch, CodeRepository, CodeRepositoryKey, FlagCount, Hunk
from fairlead.domain.errors import NotFound
from fairlead.store import code_repositories, code_uploads
from fairlead.store.code_repositories import ExtinctionsAsked, Scanned
from fairlead.store.engine import Transaction

__all__ = [
    "BranchFound",
    "ExtinctionsAsked",
    "FlagUse",
    "RepositoryAsked",
    "RepositoryFound",
    "extinctions_found",
    "find_code_branch",
    "find_code_branches",
    "find_code_repositories",
    "find_code_repository",
    "flag_uses",
    "projects_named",
]


class RepositoryAsked(Struct, frozen=True, kw_only=True):
    """How much of each repository is asked for."""

    with_branches: bool = False
    with_references: bool = False
    """Of the default branch."""
    project_key: str = ""
    """Empty: references to flags of every project."""
    flag_key: str = ""


class BranchFound(Struct, frozen=True, kw_only=True):
    """A branch, with its hunks where they were asked for."""

    branch: Branch
    hunks: tuple[Hunk, ...] | None = None


class RepositoryFound(Struct, frozen=True, kw_only=True):
    """A repository, with its branches where they were asked for."""

    repository: CodeRepository
    branches: tuple[BranchFound, ...] | None = None


class FlagUse(Struct, frozen=True, kw_only=True):
    """How often a repository's default branch names a flag."""

    repository: CodeRepository
    branch: Branch
    count: FlagCount


def find_code_repositories(
    transaction: Transaction, org_id: OrgId, asked: RepositoryAsked
) -> list[RepositoryFound]:
    """Return an organisation's repositories, by name."""
    return [_found(transaction, one, asked) for one in code_repositories.every(transaction, org_id)]


def find_code_repository(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey) -> CodeRepository:
    """Return one repository.

    Raises:
        NotFound: there is none of that name.
    """
    found = code_repositories.get(transaction, org_id, key)
    if found is None:
        raise NotFound(f'there is no repository "{key}"')
    return found


def find_code_branches(transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey) -> list[Branch]:
    """Return the branches of a repository, by name.

    Raises:
        NotFound: there is no such repository.
    """
    find_code_repository(transaction, org_id, key)
    return [one.branch for one in code_repositories.branches(transaction, org_id, key)]


def find_code_branch(
    transaction: Transaction, org_id: OrgId, key: CodeRepositoryKey, name: str, asked: RepositoryAsked
) -> BranchFound:
    """Return one branch with its hunks.

    Raises:
        NotFound: there is no such repository, or no such branch in it.
    """
    find_code_repository(transaction, org_id, key)
    scanned = code_repositories.branch(transaction, org_id, key, name)
    if scanned is None:
        raise NotFound(f'there is no branch "{name}" in the repository "{key}"')
    return _with_hunks(transaction, scanned, asked)


def flag_uses(transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str = "") -> list[FlagUse]:
    """Return where the flags of a project, or one of them, are named, by repository and flag."""
    scanned = [
        (one, branch)
        for one, branch in code_repositories.default_branches(transaction, org_id)
        if branch is not None
    ]
    uploads = [branch.upload for _, branch in scanned]
    counted = code_uploads.flag_counts(transaction, org_id, uploads, project_key, flag_key)
    return [
        FlagUse(repository=one, branch=branch.branch, count=count)
        for one, branch in scanned
        for count in counted.get(branch.upload, ())
    ]


def projects_named(transaction: Transaction, org_id: OrgId) -> list[str]:
    """Return the keys of the projects whose flags any default branch names, in order."""
    scanned = code_repositories.default_branches(transaction, org_id)
    return code_uploads.projects_in(
        transaction, org_id, [one.upload for _, one in scanned if one is not None]
    )


extinctions_found = code_repositories.extinctions


def _found(transaction: Transaction, one: CodeRepository, asked: RepositoryAsked) -> RepositoryFound:
    if not (asked.with_branches or asked.with_references):
        return RepositoryFound(repository=one)
    scanned = code_repositories.branches(transaction, one.org_id, one.key)
    if not asked.with_branches:
        scanned = [branch for branch in scanned if branch.branch.name == one.default_branch]
    return RepositoryFound(
        repository=one,
        branches=tuple(
            _with_hunks(transaction, branch, asked)
            if asked.with_references and branch.branch.name == one.default_branch
            else BranchFound(branch=branch.branch)
            for branch in scanned
        ),
    )


def _with_hunks(transaction: Transaction, scanned: Scanned, asked: RepositoryAsked) -> BranchFound:
    flag = asked.project_key, asked.flag_key
    hunks = code_uploads.hunks(transaction, scanned.branch.org_id, scanned.upload, *flag)
    return BranchFound(branch=scanned.branch, hunks=tuple(hunks))
