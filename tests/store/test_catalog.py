from collections.abc import Sequence
from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Entry, Ref, RelationType
from fairlead.domain.errors import NotFound, Rejected
from fairlead.store import catalog, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind
from fairlead.usecases.delete_entries import EntryNamed, delete_entries
from fairlead.usecases.find_entries import EntriesPage, find_entries
from fairlead.usecases.find_relations import RelationsPage, find_relations
from fairlead.usecases.get_entry import get_entry
from fairlead.usecases.preview_entries import preview_entries
from fairlead.usecases.put_entries import EntryTold, put_entries
from tests.factories import NOON, an_entry, an_entry_told


def put(ledger: Ledger, *told: EntryTold) -> list[Entry]:
    kept: list[Entry] = ledger.write(put_entries, told)
    return kept


def put_named(ledger: Ledger, *names: str, **changes: Any) -> None:
    put(ledger, *(an_entry_told(name=name, **changes) for name in names))


def found(ledger: Ledger, org_id: OrgId, **page: Any) -> list[str]:
    entries = ledger.read(find_entries, org_id, EntriesPage(**{"limit": 100} | page)).entries
    return [str(entry.ref) for entry in entries]


def asked(ledger: Ledger, org_id: OrgId, *names: str) -> set[str]:
    """Return for which of `names` it was asked to link their deployments anew."""
    items = [Item(org_id, Kind.RELINK_SERVICE, name) for name in names]
    return {item.key for item in ledger.read(work.asked_for, items)}


def test_an_entry_comes_back_as_it_was_put(ledger: Ledger, org_id: OrgId) -> None:
    told = an_entry_told(document='{"a":"\\u0000"}', text="a: ü\n")

    assert [told.entry] == put(ledger, told)
    assert told.entry == ledger.read(get_entry, org_id, told.entry.ref)


def test_an_entry_is_found_whatever_the_case_of_letters(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "CheckOut", namespace="Shop")

    entry = ledger.read(get_entry, org_id, Ref("service", "shop", "checkout"))

    assert Ref("service", "Shop", "CheckOut") == entry.ref


def test_an_entry_that_is_not_there_is_not_found(ledger: Ledger, org_id: OrgId) -> None:
    with pytest.raises(NotFound, match="no entry service:default/checkout"):
        ledger.read(get_entry, org_id, an_entry().ref)


def test_an_entry_told_again_is_replaced_and_keeps_when_it_was_first_told(
    ledger: Ledger, org_id: OrgId
) -> None:
    put(ledger, an_entry_told())

    [kept] = put(
        ledger, an_entry_told(name="Checkout", created_at=NOON + 9, updated_at=NOON + 9, format="v3")
    )

    assert ("Checkout", "v3", NOON, NOON + 9) == (
        kept.ref.name,
        kept.format,
        kept.created_at,
        kept.updated_at,
    )
    assert kept == ledger.read(get_entry, org_id, kept.ref)
    assert ["service:default/Checkout"] == found(ledger, org_id)


def test_of_two_entries_of_one_name_in_a_request_the_later_stays(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, an_entry_told(text="first"), an_entry_told(text="second"))

    assert "second" == ledger.read(get_entry, org_id, an_entry().ref).text


def test_entries_come_by_kind_namespace_and_name(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "b", "C", "a")
    put_named(ledger, "z", kind="api")
    put_named(ledger, "a", namespace="beta")

    expected = ["api:default/z", "service:beta/a", *(f"service:default/{name}" for name in ("a", "b", "C"))]
    assert expected == found(ledger, org_id)


def test_pages_follow_each_other_and_the_last_says_so(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, *"abcde")

    pages = [ledger.read(find_entries, org_id, EntriesPage(offset=at, limit=2)) for at in (0, 2, 4, 6)]

    assert [["a", "b"], ["c", "d"], ["e"], []] == [[e.ref.name for e in page.entries] for page in pages]
    assert [False, False, True, True] == [page.is_last for page in pages]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ({"names": ["A", "q"]}, ["queue:default/a", "queue:default/q", "service:default/a"]),
        ({"kinds": ["queue"]}, ["queue:default/a", "queue:default/q"]),
        ({"kinds": ["Queue", "api"]}, ["queue:default/a", "queue:default/q"]),
        ({"kinds": ["que"]}, []),
        ({"teams": ["ops"]}, ["service:shop/b"]),
        ({"teams": ["ops", "payments"], "names": ["b", "q"]}, ["queue:default/q", "service:shop/b"]),
        ({"namespaces": ["shop"]}, ["service:shop/b"]),
        ({"refs": [Ref("service", "SHOP", "B"), Ref("queue", "shop", "q")]}, ["service:shop/b"]),
        ({"ids": [an_entry(name="a").id, "nobody's"]}, ["service:default/a"]),
        ({"relation_types": [RelationType.DEPENDS_ON]}, ["service:shop/b"]),
        ({"relation_types": [RelationType.DEPENDENCY_OF]}, ["queue:default/q"]),
        ({"relation_types": [RelationType.OWNS]}, []),
    ],
)
def test_entries_are_found_by_every_filter(
    ledger: Ledger, org_id: OrgId, page: dict[str, Any], names: list[str]
) -> None:
    depends_on_q = ((RelationType.DEPENDS_ON, Ref("queue", "default", "Q")),)
    put_named(ledger, "a")
    put_named(ledger, "a", "q", kind="queue")
    put_named(ledger, "b", namespace="shop", team="ops", targets=depends_on_q)

    assert names == found(ledger, org_id, **page)


def test_an_entry_is_deleted_by_name_or_id(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "a", "b", "c")

    for name in (Ref("service", "default", "A"), an_entry(name="b").id):
        ledger.write(delete_entries, EntryNamed(org_id=org_id, name=name))

    assert ["service:default/c"] == found(ledger, org_id)


@pytest.mark.parametrize("name", [Ref("service", "default", "a"), an_entry(name="a").id])
def test_what_is_not_there_cannot_be_deleted(ledger: Ledger, org_id: OrgId, name: Ref | str) -> None:
    with pytest.raises(NotFound, match="no entry"):
        ledger.write(delete_entries, EntryNamed(org_id=org_id, name=name))


def test_nobody_sees_or_deletes_the_entries_of_another_organisation(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    ops = ((RelationType.OWNED_BY, Ref("team", "default", "ops")),)
    put(ledger, an_entry_told(name="a", team="ops", targets=ops))
    put(ledger, an_entry_told(name="b", org_id=other_org_id, team="ops", targets=ops))

    assert ["service:default/b"] == found(ledger, other_org_id)
    assert [] == found(ledger, other_org_id, ids=[an_entry(name="a").id])
    relations = ledger.read(find_relations, other_org_id, RelationsPage(limit=10), with_entries=True)
    assert {other_org_id} == {known.org_id for known in relations.relations}
    assert [other_org_id] == [entry.org_id for entry in relations.entries]
    assert {"b"} == set(ledger.read(catalog.services, other_org_id, ["a", "b"]))
    with pytest.raises(NotFound):
        ledger.write(delete_entries, EntryNamed(org_id=other_org_id, name=an_entry(name="a").ref))
    assert ["service:default/a"] == found(ledger, org_id)


def test_a_request_with_an_entry_of_an_unknown_kind_puts_nothing(ledger: Ledger, org_id: OrgId) -> None:
    told = (an_entry_told(name="a"), an_entry_told(name="b", kind="my-job"))

    with pytest.raises(Rejected, match='no kind "my-job"'):
        put(ledger, *told)
    assert [] == found(ledger, org_id)


def test_a_preview_makes_the_entries_and_keeps_none(ledger: Ledger, org_id: OrgId) -> None:
    told = an_entry_told()

    assert [told.entry] == ledger.read(preview_entries, [told])
    assert [] == found(ledger, org_id)


def test_a_preview_refuses_what_would_be_refused(ledger: Ledger) -> None:
    with pytest.raises(Rejected, match='no kind "my-job"'):
        ledger.read(preview_entries, [an_entry_told(kind="my-job")])


def related(ledger: Ledger, org_id: OrgId, **page: Any) -> list[tuple[str, str, str]]:
    known = ledger.read(find_relations, org_id, RelationsPage(**{"limit": 100} | page)).relations
    return [(str(one.relation.source), one.relation.type, str(one.relation.target)) for one in known]


def test_relations_are_known_from_both_ends(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, an_entry_told(targets=((RelationType.DEPENDS_ON, Ref("service", "default", "Orders")),)))

    assert [
        ("service:default/checkout", "depends_on", "service:default/Orders"),
        ("service:default/Orders", "dependency_of", "service:default/checkout"),
    ] == related(ledger, org_id)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ({"types": [RelationType.OWNED_BY]}, [("a", "owned_by", "ops")]),
        ({"sources": [Ref("team", "default", "OPS")]}, [("ops", "owns", "a")]),
        ({"targets": [Ref("service", "default", "A")]}, [("ops", "owns", "a"), ("b", "dependency_of", "a")]),
        (
            {"sources": [Ref("service", "default", "a")], "types": [RelationType.DEPENDS_ON]},
            [("a", "depends_on", "b")],
        ),
        ({"offset": 1, "limit": 2}, [("a", "depends_on", "b"), ("ops", "owns", "a")]),
    ],
)
def test_relations_are_found_by_every_filter(
    ledger: Ledger, org_id: OrgId, page: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    ops, b = Ref("team", "default", "ops"), Ref("service", "default", "b")
    put(ledger, an_entry_told(name="a", targets=((RelationType.OWNED_BY, ops), (RelationType.DEPENDS_ON, b))))

    names = [tuple(text.rpartition("/")[2] for text in one) for one in related(ledger, org_id, **page)]

    assert found == names


def test_relations_follow_the_document_that_tells_of_them(ledger: Ledger, org_id: OrgId) -> None:
    ops = ((RelationType.OWNED_BY, Ref("team", "default", "ops")),)
    put(ledger, an_entry_told(name="a", targets=ops), an_entry_told(name="b", targets=ops))
    put(ledger, an_entry_told(name="A", updated_at=NOON + 1))
    ledger.write(delete_entries, EntryNamed(org_id=org_id, name=Ref("service", "default", "B")))

    assert [] == related(ledger, org_id)


def test_an_end_of_a_relation_need_not_have_an_entry(ledger: Ledger, org_id: OrgId) -> None:
    ops = ((RelationType.OWNED_BY, Ref("team", "default", "ops")),)
    put(ledger, an_entry_told(targets=ops))

    found = ledger.read(find_relations, org_id, RelationsPage(limit=9), with_entries=True)

    assert ["checkout"] == [entry.ref.name for entry in found.entries]


def test_what_entries_are_to_others_comes_with_them(ledger: Ledger, org_id: OrgId) -> None:
    on_b = ((RelationType.DEPENDS_ON, Ref("service", "default", "b")),)
    put(ledger, an_entry_told(name="a", targets=on_b), an_entry_told(name="b"))

    page = EntriesPage(names=["b"], limit=9)
    known = ledger.read(find_entries, org_id, page, with_relations=True).relations

    assert [(RelationType.DEPENDENCY_OF, "a")] == [
        (one.relation.type, one.relation.target.name) for one in known
    ]
    assert [] == ledger.read(find_entries, org_id, page).relations


def test_services_are_found_by_name_whatever_the_case(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, an_entry_told(name="CheckOut", tags=("cost:1",), languages=("go",)))
    put_named(ledger, "checkout", kind="queue", team="ops")

    services = ledger.read(catalog.services, org_id, ["CHECKOUT", "other"])

    assert {"checkout"} == set(services)
    assert ("CheckOut", "payments", ("language:go", "cost:1")) == (
        services["checkout"].name,
        services["checkout"].team,
        services["checkout"].tags,
    )


def test_no_names_are_no_services(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "a")

    assert {} == ledger.read(catalog.services, org_id, [])


def test_of_services_of_one_name_the_one_of_the_default_namespace_counts(
    ledger: Ledger, org_id: OrgId
) -> None:
    for namespace in ("zeta", "alpha", "default"):
        put_named(ledger, "a", "b", namespace=namespace, team=namespace)
    ledger.write(delete_entries, EntryNamed(org_id=org_id, name=Ref("service", "default", "b")))

    services = ledger.read(catalog.services, org_id, ["a", "b"])

    assert {"a": "default", "b": "alpha"} == {name: one.team for name, one in services.items()}


def test_the_patterns_of_a_service_are_asked_for_by_repository(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, an_entry_told(source_patterns=("a/**",)))

    assert ("a/**",) == ledger.read(catalog.source_patterns, org_id, "Checkout", "github.com/shopist/mono")
    assert () == ledger.read(catalog.source_patterns, org_id, "orders", "github.com/shopist/mono")


def test_other_patterns_ask_for_the_deployments_to_be_linked_anew(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, an_entry_told(name="Checkout", source_patterns=("a/**",)))

    assert {"checkout"} == asked(ledger, org_id, "checkout", "orders")


def test_the_same_patterns_ask_for_nothing(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "checkout")
    put_named(ledger, "checkout", team="other", updated_at=NOON + 1)
    put_named(ledger, "checkout", kind="api", source_patterns=("a/**",))

    assert set() == asked(ledger, org_id, "checkout")


def test_a_service_that_is_deleted_leaves_no_patterns(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "checkout", source_patterns=("a/**",))
    ledger.write(done, None)

    ledger.write(delete_entries, EntryNamed(org_id=org_id, name=an_entry().ref))

    assert () == ledger.read(catalog.source_patterns, org_id, "checkout", "github.com/shopist/mono")
    assert {"checkout"} == asked(ledger, org_id, "checkout")


def test_a_service_that_is_deleted_gives_way_to_its_namesake(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "checkout", namespace="shop", source_patterns=("b/**",))
    put_named(ledger, "checkout", source_patterns=("b/**",))
    ledger.write(done, None)

    ledger.write(delete_entries, EntryNamed(org_id=org_id, name=an_entry().ref))

    assert set() == asked(ledger, org_id, "checkout")


def test_a_namesake_that_does_not_count_asks_for_nothing(ledger: Ledger, org_id: OrgId) -> None:
    put_named(ledger, "checkout")
    put_named(ledger, "checkout", namespace="shop", source_patterns=("b/**",))

    assert set() == asked(ledger, org_id, "checkout")


def done(transaction: Transaction, facts: Sequence[None]) -> Sequence[None]:
    """Tick off all work that was asked for."""
    work.tick_off(transaction, work.take(transaction, 9, now=NOON, leased_until=NOON + 1))
    return facts
