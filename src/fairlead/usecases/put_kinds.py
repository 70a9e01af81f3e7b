"""Add kinds of entries to the catalogue, or describe those that are there anew."""

from collections.abc import Sequence

from msgspec.structs import replace

from fairlead.domain.catalog_kinds import Kind
from fairlead.store import catalog_kinds
from fairlead.store.engine import Transaction


def put_kinds(transaction: Transaction, told: Sequence[Sequence[Kind]]) -> list[list[Kind]]:
    """Put the kinds of each request and return them as they are kept; one of that name is replaced."""
    return [[_put(transaction, kind) for kind in kinds] for kinds in told]


def _put(transaction: Transaction, kind: Kind) -> Kind:
    known = catalog_kinds.get(transaction, kind.org_id, kind.name)
    kept = kind if known is None else replace(kind, created_at=known.created_at)
    catalog_kinds.put(transaction, kept)
    return kept
