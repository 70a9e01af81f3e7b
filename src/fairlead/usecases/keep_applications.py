"""Find, change and delete applications."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.applications import KnownApplication
from fairlead.domain.code_references import CodeRepository, is_same_repository
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.store import applications, code_repositories, code_uploads, flags
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts


class ApplicationFound(Struct, frozen=True, kw_only=True):
    """An application, with the flags that its code names where they were asked for."""

    application: KnownApplication
    flags: tuple[tuple[str, str, str], ...] | None = None
    """Project, key and name of each, in order."""


class ApplicationChange(Struct, frozen=True, kw_only=True):
    """What an application is to become; None: it is to be hidden until it is deployed again."""

    org_id: OrgId
    key: str
    changed: Callable[[KnownApplication], KnownApplication] | None
    """Raises a `FairleadError` where the change is not acceptable."""
    at: int


def find_applications(
    transaction: Transaction, org_id: OrgId, *, with_flags: bool = False
) -> list[ApplicationFound]:
    """Return an organisation's applications, by key."""
    found = applications.every(transaction, org_id)
    if not with_flags:
        return [ApplicationFound(application=one) for one in found]
    sources = applications.repositories(transaction, org_id)
    named = _flags_by_repository(transaction, org_id)
    return [
        ApplicationFound(
            application=one,
            flags=tuple(
                sorted(
                    {
                        flag
                        for code, names in named
                        if any(is_same_repository(code, source) for source in sources.get(one.key, ()))
                        for flag in names
                    }
                )
            ),
        )
        for one in found
    ]


def find_application(
    transaction: Transaction, org_id: OrgId, key: str, *, with_flags: bool = False
) -> ApplicationFound:
    """Return one application.

    Raises:
        NotFound: there is none of that key.
    """
    for one in find_applications(transaction, org_id, with_flags=with_flags):
        if one.application.key == key:
            return one
    raise NotFound(f'there is no application "{key}"')


def change_applications(
    transaction: Transaction, changes: Sequence[ApplicationChange]
) -> list[KnownApplication | FairleadError]:
    """Change or hide each application, and return what it is or was."""
    return [_change(transaction, one) for one in changes]


def _change(transaction: Transaction, wanted: ApplicationChange) -> KnownApplication | FairleadError:
    hold_facts(transaction, "application", [(wanted.org_id, wanted.key)])
    known = applications.get(transaction, wanted.org_id, wanted.key)
    if known is None:
        return NotFound(f'there is no application "{wanted.key}"')
    if wanted.changed is None:
        applications.put(transaction, known, deleted_at=wanted.at)
        return known
    try:
        changed = wanted.changed(known)
    except FairleadError as refused:
        return refused
    if changed == known:
        return known
    kept = replace(changed, version=known.version + 1)
    applications.put(transaction, kept)
    return kept


def _flags_by_repository(
    transaction: Transaction, org_id: OrgId
) -> list[tuple[CodeRepository, set[tuple[str, str, str]]]]:
    """Return which flags the default branch of each scanned repository names."""
    scanned = [
        (code, branch.upload)
        for code, branch in code_repositories.default_branches(transaction, org_id)
        if branch is not None
    ]
    counts = code_uploads.counts(transaction, org_id, [upload for _, upload in scanned])
    keys: dict[str, set[str]] = {}
    for counted in counts.values():
        for project, key in counted:
            keys.setdefault(project, set()).add(key)
    names = {
        (project, one.key): one.name
        for project, wanted in keys.items()
        for one in flags.by_key(transaction, org_id, project, wanted)
    }
    return [
        (code, {(*flag, names.get(flag, flag[1])) for flag in counts[upload]}) for code, upload in scanned
    ]
