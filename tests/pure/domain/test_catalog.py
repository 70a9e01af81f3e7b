from typing import Any

import pytest

from fairlead.domain.catalog import (
    CodeLocation,
    Description,
    Ref,
    Relation,
    RelationType,
    Service,
    SourceLink,
    attached,
    entry_id,
    ref_from,
    ref_to,
    relations_of,
    service_of,
)
from fairlead.domain.errors import Rejected
from tests.factories import ORG_ID, an_entry

FOLDER = "https://github.com/shopist/mono/tree/main/services/checkout"


def service(**said: Any) -> Service:
    return service_of(an_entry(), Description(**said))


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("checkout", Ref("service", "default", "checkout")),
        ("service:checkout", Ref("service", "default", "checkout")),
        ("Datastore:Shop/Orders", Ref("datastore", "Shop", "Orders")),
        ("service:DEFAULT/checkout", Ref("service", "default", "checkout")),
        ("shop/checkout", Ref("service", "shop", "checkout")),
        ("service:shop/a/b", Ref("service", "shop", "a/b")),
        (" service : checkout ", Ref("service", "default", "checkout")),
        ("service:a:b", Ref("service", "default", "a:b")),
    ],
)
def test_a_reference_is_read(text: str, ref: Ref) -> None:
    assert ref == ref_from(text, "ref")


def test_a_reference_without_a_kind_means_the_kind_of_the_place() -> None:
    assert Ref("system", "default", "shop") == ref_from("shop", "componentOf", "system")


def test_what_a_reference_spells_is_read_as_the_same_reference() -> None:
    for ref in (Ref("service", "default", "a/b"), Ref("my-job", "Shop", "x:y")):
        assert ref == ref_from(str(ref), "ref")


@pytest.mark.parametrize(
    "text", ["", " ", "service:", ":checkout", "service:shop/", "a/b:c", "x" * 201, "a\0b"]
)
def test_what_cannot_be_a_reference_is_refused_by_the_name_of_its_attribute(text: str) -> None:
    with pytest.raises(Rejected, match='attribute "dependsOn"'):
        ref_from(text, "dependsOn")


def test_entries_that_differ_in_the_case_of_letters_are_one() -> None:
    one, other = ref_to("Service", "Checkout", "Shop"), ref_to("service", "checkout", "shop")

    assert one.key == other.key
    assert entry_id(ORG_ID, one) == entry_id(ORG_ID, other)


def test_an_entry_has_the_same_id_again_and_another_than_its_neighbours() -> None:
    refs = [Ref("service", "default", "a"), Ref("service", "default", "b"), Ref("queue", "default", "a")]

    assert len(refs) == len({entry_id(ORG_ID, ref) for ref in refs})
    assert an_entry().id == an_entry(updated_at=1).id


def test_languages_and_tags_become_tags_of_events() -> None:
    said = service(languages=("go", " python "), tags=("cost:1", "region:eu"))

    assert ("language:go", "language:python", "cost:1", "region:eu") == said.tags


@pytest.mark.parametrize("tag", ["plain", ":x", "x:", "", "k:" + "v" * 1000, "k:\0"])
def test_a_tag_that_no_event_could_have_is_left_out(tag: str) -> None:
    assert ("a:b",) == service(tags=(tag, "a:b", "a:b"), languages=("", " ")).tags


def test_a_service_has_at_most_a_hundred_tags() -> None:
    assert 100 == len(service(tags=tuple(f"k:{n}" for n in range(200))).tags)


def test_patterns_told_as_such_win_over_everything() -> None:
    said = service(
        source_patterns=("libs/**", "services/checkout/**"),
        code_locations=(CodeLocation("https://github.com/shopist/mono", ("a/**",)),),
        source_links=(SourceLink("Source", FOLDER),),
    )

    assert (("libs/**", "services/checkout/**"), ()) == (said.source_patterns, said.repository_ids)


def test_code_locations_win_over_links() -> None:
    said = service(
        code_locations=(
            CodeLocation("https://github.com/shopist/mono.git", ("a/**", "b/**")),
            CodeLocation("git@github.com:shopist/libs", ("c/**",)),
            CodeLocation("https://github.com/shopist/docs", ()),
        ),
        source_links=(SourceLink("Source", FOLDER),),
    )

    assert ("a/**", "b/**", "c/**") == said.source_patterns
    assert ("github.com/shopist/mono", "github.com/shopist/libs") == said.repository_ids


@pytest.mark.parametrize("address", ["", "not an address"])
def test_a_code_location_without_a_repository_is_in_any(address: str) -> None:
    located = (CodeLocation("https://github.com/shopist/mono", ("a/**",)), CodeLocation(address, ("b/**",)))

    said = service(code_locations=located)

    assert (("a/**", "b/**"), ()) == (said.source_patterns, said.repository_ids)


@pytest.mark.parametrize("name", ["Source", "source", " SOURCE ", "checkout", "Checkout"])
def test_a_link_named_source_or_like_the_service_gives_the_folder_it_leads_to(name: str) -> None:
    said = service(source_links=(SourceLink("Runbook", FOLDER + "/docs"), SourceLink(name, FOLDER)))

    assert ("services/checkout/**",) == said.source_patterns
    assert ("github.com/shopist/mono",) == said.repository_ids


@pytest.mark.parametrize(
    "link",
    [
        SourceLink("Source Code", FOLDER),
        SourceLink("Source", "https://github.com/shopist/mono"),
        SourceLink("checkout-ui", FOLDER),
    ],
)
def test_any_other_link_says_nothing_about_paths(link: SourceLink) -> None:
    said = service(source_links=(link,))

    assert ((), ()) == (said.source_patterns, said.repository_ids)


def test_patterns_about_one_repository_say_nothing_about_another() -> None:
    said = service(source_links=(SourceLink("Source", FOLDER),))

    assert ("services/checkout/**",) == said.patterns_in("github.com/shopist/mono")
    assert () == said.patterns_in("github.com/shopist/other")


def test_patterns_about_no_repository_in_particular_hold_everywhere() -> None:
    assert ("a/**",) == service(source_patterns=("a/**",)).patterns_in("github.com/shopist/mono")


def test_what_an_entry_is_to_another_the_other_is_to_it_the_other_way_round() -> None:
    entry, team = an_entry(), Ref("team", "default", "payments")
    targets = ((RelationType.OWNED_BY, team), (RelationType.OWNED_BY, team))

    expected = [
        Relation(RelationType.OWNED_BY, entry.ref, team),
        Relation(RelationType.OWNS, team, entry.ref),
    ]
    assert expected == relations_of(entry, Description(targets=targets))


def test_the_inverse_of_an_inverse_is_the_relation_itself() -> None:
    assert list(RelationType) == [type.inverse.inverse for type in RelationType]
    assert not [type for type in RelationType if type.inverse is type]


def test_own_tags_come_first_and_each_counts_once() -> None:
    assert ("b:1", "a:1", "c:1") == attached(("b:1", "a:1"), ("a:1", "c:1"))


def test_a_hundred_tags_of_its_own_leave_no_room_for_others() -> None:
    own = tuple(f"k:{n}" for n in range(100))

    assert own == attached(own, ("a:1",))


@pytest.mark.parametrize(
    "said",
    [
        {"source_patterns": ("a",) * 201},
        {"code_locations": (CodeLocation("", ("a",) * 201),)},
        {"source_patterns": ("a" * 1001,)},
        {"code_locations": (CodeLocation("", ("a\0",)),)},
        {"team": "x" * 201},
        {"pagerduty_url": "x" * 2049},
        {"targets": ((RelationType.DEPENDS_ON, Ref("service", "default", "a")),) * 1001},
    ],
)
def test_a_description_beyond_all_measure_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(Rejected):
        service(**said)
