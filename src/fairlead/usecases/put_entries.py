"""Put entries into the catalogue, all of a request or none."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import (
    BUILT_IN_KINDS,
    SERVICE,
    Description,
    Entry,
    Ref,
    Service,
    relations_of,
    service_of,
)
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.store import catalog, catalog_kinds, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind


class EntryTold(Struct, frozen=True, kw_only=True):
    """A document and what it says."""

    entry: Entry
    said: Description


def put_entries(
    transaction: Transaction, facts: Sequence[Sequence[EntryTold]]
) -> list[list[Entry] | FairleadError]:
    """Put the entries of each request and return them as they are kept; later ones replace earlier.

    Refused is a request with an entry of a kind that nobody has added.
    """
    return [_put_all(transaction, told) for told in facts]


def source_changed(transaction: Transaction, before: Service | None, after: Service | None) -> None:
    """Ask for what follows when another part of a repository belongs to a service than before."""
    one = after or before
    if one is not None and _sources(before) != _sources(after):
        # Deployments name a service as they like, and its entry is found whatever the case of letters.
        work.ask(transaction, [Item(one.org_id, Kind.RELINK_SERVICE, one.name.lower())], due_at=0)


def standing_service(transaction: Transaction, org_id: OrgId, ref: Ref) -> Service | None:
    """Return what deployments take from the catalogue for a service of that name, in any namespace."""
    if ref.kind != SERVICE:
        return None
    return catalog.services(transaction, org_id, [ref.name]).get(ref.name.lower())


def refuse_unknown_kinds(transaction: Transaction, told: Sequence[EntryTold]) -> Rejected | None:
    """Return why `told` cannot be put: one is of a kind that nobody has added. None if none is."""
    for one in told:
        kind = one.entry.ref.kind
        if kind not in BUILT_IN_KINDS and catalog_kinds.get(transaction, one.entry.org_id, kind) is None:
            return Rejected(f'there is no kind "{kind}"; add it to the kinds first', field="kind")
    return None


def _put_all(transaction: Transaction, told: Sequence[EntryTold]) -> list[Entry] | FairleadError:
    refusal = refuse_unknown_kinds(transaction, told)
    return [_put(transaction, one) for one in told] if refusal is None else refusal


def _put(transaction: Transaction, told: EntryTold) -> Entry:
    entry, org_id = told.entry, told.entry.org_id
    known = catalog.get(transaction, org_id, entry.ref)
    if known is not None:
        entry = replace(entry, created_at=known.created_at)
    before = standing_service(transaction, org_id, entry.ref)
    catalog.put(transaction, entry, service_of(entry, told.said), relations_of(entry, told.said))
    source_changed(transaction, before, standing_service(transaction, org_id, entry.ref))
    return entry


def _sources(service: Service | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ((), ()) if service is None else (service.repository_ids, service.source_patterns)
