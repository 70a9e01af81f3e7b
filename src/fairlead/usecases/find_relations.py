"""Find how entries of the catalogue are related."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Entry, Ref
from fairlead.store import catalog
from fairlead.store.catalog import EntriesPage, KnownRelation, RelationsPage
from fairlead.store.engine import Transaction

__all__ = ["KnownRelation", "RelationsFound", "RelationsPage", "find_relations"]


class RelationsFound(Struct, frozen=True, kw_only=True):
    """A page of relations."""

    relations: Sequence[KnownRelation]
    entries: Sequence[Entry]
    """Those at the ends, where that was asked for; an end need not have an entry."""
    is_last: bool
    """Whether no others follow."""


def find_relations(
    transaction: Transaction, org_id: OrgId, page: RelationsPage, *, with_entries: bool = False
) -> RelationsFound:
    """Return the relations of an organisation that `page` asks for."""
    found = catalog.relations(transaction, org_id, replace(page, limit=page.limit + 1))
    relations = found[: page.limit]
    refs = _ends(relations) if with_entries else []
    return RelationsFound(
        relations=relations,
        entries=catalog.find(transaction, org_id, EntriesPage(refs=refs, limit=len(refs))) if refs else [],
        is_last=len(found) <= page.limit,
    )


def _ends(found: Iterable[KnownRelation]) -> list[Ref]:
    ends = (ref for known in found for ref in (known.relation.source, known.relation.target))
    return list({ref.key: ref for ref in ends}.values())
