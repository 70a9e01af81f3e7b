from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.catalog_kinds import Kind, new_kind
from fairlead.domain.errors import NotFound, Rejected
from fairlead.store.ledger import Ledger
from fairlead.usecases.delete_kinds import KindNamed, delete_kinds
from fairlead.usecases.find_kinds import KindsPage, find_kinds
from fairlead.usecases.put_entries import put_entries
from fairlead.usecases.put_kinds import put_kinds
from tests.factories import NOON, ORG_ID, an_entry_told


def a_kind(name: str = "my-job", *, org_id: OrgId = ORG_ID, display_name: str = "", now: int = NOON) -> Kind:
    return new_kind(org_id, name, display_name, "", now)


def put(ledger: Ledger, *kinds: Kind) -> list[Kind]:
    kept: list[Kind] = ledger.write(put_kinds, kinds)
    return kept


def found(ledger: Ledger, org_id: OrgId, **page: Any) -> list[Kind]:
    return ledger.read(find_kinds, org_id, KindsPage(**{"limit": 100} | page))


def test_a_kind_comes_back_as_it_was_put(ledger: Ledger, org_id: OrgId) -> None:
    kind = new_kind(org_id, "my-job", "Jobs", "What runs at night", NOON)

    assert [kind] == put(ledger, kind)
    assert [kind] == found(ledger, org_id)


def test_a_kind_without_a_name_for_people_shows_the_words_of_its_name() -> None:
    assert "My Job 2" == a_kind("my-job-2").display_name


@pytest.mark.parametrize(
    "name", ["", "My-Job", "my_job", "-job", "job-", "my--job", "1job", "ä", "a" * 64, "a\n"]
)
def test_a_name_that_is_not_in_kebab_case_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match='attribute "kind" must be in kebab-case'):
        a_kind(name)


def test_a_kind_told_again_is_replaced_and_keeps_when_it_was_first_told(
    ledger: Ledger, org_id: OrgId
) -> None:
    put(ledger, a_kind())

    [kept] = put(ledger, a_kind(display_name="Jobs", now=NOON + 5))

    assert ("Jobs", NOON, NOON + 5) == (kept.display_name, kept.created_at, kept.updated_at)
    assert [kept] == found(ledger, org_id)


def test_kinds_come_by_name_and_are_found_by_name_and_id(ledger: Ledger, org_id: OrgId) -> None:
    kinds = put(ledger, *map(a_kind, ("c", "a", "b")))

    assert ["a", "b", "c"] == [kind.name for kind in found(ledger, org_id)]
    assert ["b"] == [kind.name for kind in found(ledger, org_id, offset=1, limit=1)]
    assert ["a"] == [kind.name for kind in found(ledger, org_id, names=["a", "x"])]
    assert ["c"] == [kind.name for kind in found(ledger, org_id, ids=[kinds[0].id])]


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_kind_is_deleted_by_name_or_id(ledger: Ledger, org_id: OrgId, by: str) -> None:
    [kind] = put(ledger, a_kind())

    ledger.write(delete_kinds, KindNamed(org_id=org_id, name=getattr(kind, by)))

    assert [] == found(ledger, org_id)


def test_a_kind_that_is_not_there_cannot_be_deleted(ledger: Ledger, org_id: OrgId) -> None:
    with pytest.raises(NotFound, match="no kind my-job"):
        ledger.write(delete_kinds, KindNamed(org_id=org_id, name="my-job"))


def test_a_kind_stays_while_there_are_entries_of_it(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, a_kind(), a_kind("my-job-queue"))
    ledger.write(put_entries, [an_entry_told(kind="my-job")])

    with pytest.raises(Rejected, match='entries of the kind "my-job"'):
        ledger.write(delete_kinds, KindNamed(org_id=org_id, name="my-job"))
    ledger.write(delete_kinds, KindNamed(org_id=org_id, name="my-job-queue"))
    assert ["my-job"] == [kind.name for kind in found(ledger, org_id)]


def test_what_was_said_about_a_built_in_kind_can_be_taken_back(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, a_kind("service", display_name="Services"))
    ledger.write(put_entries, [an_entry_told()])

    ledger.write(delete_kinds, KindNamed(org_id=org_id, name="service"))

    assert [] == found(ledger, org_id)


def test_nobody_sees_uses_or_deletes_the_kinds_of_another_organisation(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    [kind] = put(ledger, a_kind())

    assert [] == found(ledger, other_org_id, ids=[kind.id])
    with pytest.raises(NotFound):
        ledger.write(delete_kinds, KindNamed(org_id=other_org_id, name=kind.id))
    with pytest.raises(Rejected, match='no kind "my-job"'):
        ledger.write(put_entries, [an_entry_told(kind="my-job", org_id=other_org_id)])
    assert [kind] == found(ledger, org_id)
