"""What a search finds in the database is what `match` says of every record, on both engines."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fairlead.domain import searchable
from fairlead.domain.access import OrgId
from fairlead.domain.deployments import WholeDeployment
from fairlead.search.limits import DEEPEST, WIDEST
from fairlead.search.parse import parse
from fairlead.search.pattern import Pattern, read
from fairlead.search.tree import Compare, Comparison, Matches, Node, Not, Range, all_of, any_of, having
from fairlead.search.values import Instant
from fairlead.store import deployments, failures, search_fields
from fairlead.store.ledger import Ledger
from tests.factories import a_deployment
from tests.search_examples import EVENTS, EXAMPLES, Event
from tests.search_records import (
    a_new_organisation,
    deployment_of,
    every_way,
    expected_deployments,
    expected_failures,
    failure_of,
    found_deployments,
    found_failures,
    record_deployments,
    record_failures,
)
from tests.search_strategies import BOUNDS, COMMITS, DURATIONS_NS, STARTS_AT, TEXTS, events, trees

# How many rows are tried before others are sought, and how many are few: the usual, and far fewer.
WAYS = [(1_000, 3_000), (2, 3_000), (2, 1), (1, 0)]
# Nobody tells how long the fifth event took. Every deployment has an end, so it took no time.
OTHERWISE = {"duration:*0": "E1 E2 E3 E5 E6", "duration:<abc": "E1 E2 E3 E4 E5 E6"}
PATTERNS = [
    *("", "a", "A", "ab", "é", "É", "%", "_", "*", "a*", "A*", "*b", "*B", "a*b", "ab*b", "?", "??", "a?b"),
    *(
        "*é",
        "?b*",
        "*%*",
        "%*",
        "_*",
        "?_?",
        r"\*",
        r"*\*",
        r"\?*",
        r"\\",
        "[*",
        "*]",
        "[a]",
        "^*",
        "日?",
        "*\n*",
    ),
]
ENDS = ["", "0", "1.5", "9", "10", "a", "abb", "B", "é", "日本", "-1", "300", "1e3"]


@pytest.mark.parametrize("way", WAYS)
def test_the_worked_examples_find_what_they_say(ledger: Ledger, way: tuple[int, int]) -> None:
    org_id = a_new_organisation()
    record_deployments(ledger, [deployment_of(told, org_id=org_id, id=id) for id, told in EVENTS.items()])

    with every_way(*way):
        found = {text: " ".join(sorted(_found(ledger, org_id, parse(text)))) for text, _ in EXAMPLES}

    assert dict(EXAMPLES) | OTHERWISE == found


@pytest.mark.parametrize(
    ("key", "way"),
    # Rows that are read anyway are asked for their tags in another way.
    [*((key, WAYS[2]) for key in ("service", "version", "odd key", "tags")), ("odd key", WAYS[0])],
)
def test_every_term_agrees_about_every_text_that_hurts(
    ledger: Ledger, key: str, way: tuple[int, int]
) -> None:
    told: list[dict[str, Any]] = [
        {"service": text, "version": text, "tags": [f"odd key:{text}", f"odd key:x{text}x", f"{text}:{text}"]}
        for text in TEXTS
    ]

    assert [] == _disagreements(ledger, told, _terms(key), way)


@pytest.mark.parametrize("way", [WAYS[0], WAYS[1]])
@pytest.mark.parametrize("key", ["duration", "recovery_time_sec"])
def test_every_term_agrees_about_every_number(ledger: Ledger, key: str, way: tuple[int, int]) -> None:
    told: list[dict[str, Any]] = [
        {"service": "a", "duration": Decimal(ns).scaleb(-9)} for ns in (*DURATIONS_NS, 10**9, 10 * 10**9)
    ]
    told += [{"service": "a", "recovery_time_sec": seconds} for seconds in (0, 1, 9, 10, 300, 90_000)]

    assert [] == _disagreements(ledger, told, _terms(key, [*ENDS, *BOUNDS]), way)


@pytest.mark.parametrize("key", ["commits", "pull_requests", "number_of_commits"])
def test_every_term_agrees_about_what_deployments_brought(ledger: Ledger, key: str) -> None:
    told: list[dict[str, Any]] = [
        {"service": "a", "git.commit_sha": COMMITS[0], "commits": COMMITS[:number], "pull_requests": numbers}
        for number, numbers in ((0, []), (1, []), (1, [9]), (2, [1]), (2, [10, 300]))
    ]
    told.append({"service": "a"})
    terms = _terms(key, [*ENDS, COMMITS[0], COMMITS[1][:7], "45", "1.0", "-99999999999999999999", "9" * 20])

    assert [] == _disagreements(ledger, told, terms, WAYS[1])


@pytest.mark.parametrize("key", ["started_at", "finished_at", "created_at"])
def test_every_term_agrees_about_every_instant(ledger: Ledger, key: str) -> None:
    told: list[dict[str, Any]] = [
        {"service": "a", "started_at": Instant(at), "duration": 45} for at in STARTS_AT
    ]

    assert [] == _disagreements(ledger, told, _terms(key, BOUNDS), WAYS[0])


@pytest.mark.parametrize("key", ["change_failure", "deployment_type", "remediation.type"])
def test_every_term_agrees_about_what_became_of_a_deployment(ledger: Ledger, key: str) -> None:
    terms = [*_terms(key), *(parse(f"{key}:{text}") for text in ("true", "false", "rollback", "roll*", ">f"))]

    assert [] == _disagreements(ledger, list(EVENTS.values()), terms, WAYS[0])


@given(told=st.lists(events(), min_size=1, max_size=8), asked=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_page_of_deployments_is_what_match_and_sorting_say(
    ledger: Ledger, told: list[Event], asked: st.DataObject
) -> None:
    org_id = a_new_organisation()
    known = [deployment_of(one, org_id=org_id, id=f"d{number}") for number, one in enumerate(told)]
    record_deployments(ledger, known)

    for _ in range(5):
        page = deployments.Page(**asked.draw(pages(deployments.SORTABLE)))
        with every_way(*asked.draw(st.sampled_from(WAYS))):
            assert expected_deployments(known, page) == found_deployments(ledger, org_id, page)


@given(told=st.lists(events(), min_size=1, max_size=8), asked=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_page_of_failures_is_what_match_and_sorting_say(
    ledger: Ledger, told: list[Event], asked: st.DataObject
) -> None:
    org_id = a_new_organisation()
    known = [failure_of(one, org_id=org_id, id=f"f{number}") for number, one in enumerate(told)]
    record_failures(ledger, known)

    for _ in range(5):
        page = failures.Page(**asked.draw(pages(failures.SORTABLE)))
        with every_way(*asked.draw(st.sampled_from(WAYS))):
            assert expected_failures(known, page) == found_failures(ledger, org_id, page)


def pages(sortable: Sequence[str]) -> SearchStrategy[dict[str, Any]]:
    """Arguments of a page."""
    return st.fixed_dictionaries(
        {
            "where": trees(),
            "sort": st.sampled_from(sortable),
            "descending": st.booleans(),
            "limit": st.sampled_from([1, 3, 100]),
            "from_at": st.sampled_from([None, *STARTS_AT]),
            "until_at": st.sampled_from([None, *STARTS_AT]),
        }
    )


@pytest.mark.parametrize(
    ("key", "all_or_any"),
    [("service", all_of), ("version", any_of), ("odd key", all_of), ("duration", any_of), (None, all_of)],
)
def test_the_widest_query_is_answered(ledger: Ledger, key: str | None, all_or_any: Any) -> None:
    tree = all_or_any(Not(having(key, read(f"{number}*"))) for number in range(2 * WIDEST))

    assert [] == _disagreements(ledger, [*EVENTS.values()], [tree, Not(tree)], WAYS[2])


@pytest.mark.parametrize("term", ["team:*", "region:eu", "region:e*", "duration:1*", "checkout", "tags:a"])
def test_the_deepest_query_is_answered(ledger: Ledger, term: str) -> None:
    text = "env:prod " + "version:x OR -(service:y " * (DEEPEST // 2) + f"OR {term}" + ")" * (DEEPEST // 2)

    assert [] == _disagreements(ledger, [*EVENTS.values()], [parse(text), Not(parse(text))], WAYS[2])


def test_deep_and_wide_at_once_is_answered(ledger: Ledger) -> None:
    tree: Node = having("region", read("e?"))
    for level in range(DEEPEST):
        many = (having("version", read(f"{level}.{number}")) for number in range(WIDEST // DEEPEST))
        tree = Not(all_of([any_of([*many, tree]), having("env", read("p*"))]))

    assert [] == _disagreements(ledger, [*EVENTS.values()], [tree, Not(tree)], WAYS[2])


def test_a_pattern_too_long_for_the_engine_is_answered_all_the_same(ledger: Ledger) -> None:
    # One character that is folded into eighteen, as often as a query can hold it.
    long = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    told = [{"service": long * 900, "version": long * 900}, {"service": "a"}]
    terms: list[Node] = [Matches(None, read(f"{long * number}*a*")) for number in (1, 899, 2_000, 9_990)]
    terms += [
        Matches(None, read(f"*{long * 800}*{long * 800}*")),
        Matches("service", read("[" * 9_000 + "*")),
    ]

    assert [] == _disagreements(ledger, told, terms, WAYS[1])


def test_a_deployment_told_again_is_found_as_it_stands_now(ledger: Ledger) -> None:
    org_id = a_new_organisation()
    before = a_deployment(org_id=org_id, id="d1", service="cart", version="1", tags=("region:eu",))
    after = a_deployment(org_id=org_id, id="d1", service="search", version="2", tags=("region:us",))
    for fact in (before, after):
        record_deployments(ledger, [WholeDeployment(fact=fact)])

    with every_way(1, 0):
        found = {
            text: _found(ledger, org_id, parse(text)) for text in ("service:cart", "region:eu", "1", "2")
        }

    assert {"service:cart": [], "region:eu": [], "1": [], "2": ["d1"]} == found


@pytest.mark.parametrize("text", ["", "service:checkout", "region:eu", "version:*", "checkout", "id:d*"])
@pytest.mark.parametrize("sort", deployments.SORTABLE)
def test_nothing_of_another_organisation_is_found(ledger: Ledger, text: str, sort: str) -> None:
    org_id, other_org_id = a_new_organisation(), a_new_organisation()
    record_deployments(ledger, [deployment_of(EVENTS["E1"], org_id=other_org_id, id="d1")])

    with every_way(1, 0):
        page = deployments.Page(where=parse(text), sort=sort, limit=10)
        assert [] == found_deployments(ledger, org_id, page)
        assert ["d1"] == found_deployments(ledger, other_org_id, page)


def test_the_database_has_the_keys_that_records_have() -> None:
    assert list(searchable.DEPLOYMENT_FIELDS) == list(search_fields.DEPLOYMENT_FIELDS)
    assert list(searchable.FAILURE_FIELDS) == list(search_fields.FAILURE_FIELDS)


def _terms(key: str, ends: Sequence[str] = ENDS) -> list[Node]:
    """Return terms of every sort on a key, and the negations of some."""
    spans = [*itertools.pairwise(ends), *((end, None) for end in ends), *((None, end) for end in ends)]
    equal = [*(read(text) for text in PATTERNS), *(Pattern((text,)) for text in (*TEXTS, *ends))]
    return [
        *(having(key, pattern) for pattern in equal),
        *(Not(having(key, pattern)) for pattern in equal),
        *(Compare(key, comparison, end) for comparison in Comparison for end in ends),
        *(Range(key, low, high, number % 2 == 0) for number, (low, high) in enumerate(spans)),
        *(Not(Range(key, low, high, number % 2 == 1)) for number, (low, high) in enumerate(spans)),
    ]


def _disagreements(
    ledger: Ledger, told: Sequence[Event], trees: Sequence[Node], way: tuple[int, int]
) -> list[tuple[Node, list[str], list[str]]]:
    """Return each query that finds other deployments than `match` does, with both answers."""
    org_id = a_new_organisation()
    known = [deployment_of(one, org_id=org_id, id=f"d{number}") for number, one in enumerate(told)]
    record_deployments(ledger, known)
    asked = [deployments.Page(where=tree, limit=1_000) for tree in trees]
    with every_way(*way):
        answers = [
            (page.where, expected_deployments(known, page), found_deployments(ledger, org_id, page))
            for page in asked
        ]
    return [answer for answer in answers if answer[1] != answer[2]]


def _found(ledger: Ledger, org_id: OrgId, tree: Node) -> list[str]:
    return found_deployments(ledger, org_id, deployments.Page(where=tree, limit=1_000))
