"""Day segments: a day is marked with its facts, built later, and comes to the same as its rows."""

from typing import Any

import pytest
from sqlalchemy import event

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.measured import Noun, Scope
from fairlead.search.parse import parse
from fairlead.store import segments, shelf
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.segments import NS_PER_DAY, Day, day_at
from fairlead.usecases.build_segments import rebuild_segments
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.do_work import do_work
from fairlead.usecases.measure_delivery import Question, facts_asked_about, measure_delivery
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.factories import NOON, a_deployment, a_failure
from tests.linking import work_off

MIDNIGHT = NOON - NOON % NS_PER_DAY


def counted(ledger: Ledger, org_id: OrgId, query: str = "") -> int:
    """Return how many deployments there are around the day that the tests are about."""
    question = Question(
        org_id=org_id,
        from_at=MIDNIGHT - 40 * NS_PER_DAY,
        until_at=MIDNIGHT + 40 * NS_PER_DAY,
        where=parse(query),
    )
    answer = ledger.read(measure_delivery, question)
    return answer.groups[0].summary.deployments


def marked(ledger: Ledger, org_id: OrgId) -> set[Day]:
    """Return the days that are to be built."""
    return set(ledger.read(segments.marks, org_id))


def test_a_fact_marks_its_day_and_is_counted_before_and_after_that_is_built(
    ledger: Ledger, org_id: OrgId
) -> None:
    ledger.write(record_deployments, a_deployment())
    ledger.write(record_failures, a_failure())

    assert {day_at(org_id, noun, NOON) for noun in Noun} == marked(ledger, org_id)
    assert 1 == counted(ledger, org_id)
    work_off(ledger)
    assert set() == marked(ledger, org_id)
    assert [day_at(org_id, Noun.DEPLOYMENTS, NOON)] == ledger.read(
        segments.kept_days, org_id, Noun.DEPLOYMENTS
    )
    assert 1 == counted(ledger, org_id)


def test_a_deployment_that_moves_marks_the_day_it_leaves_and_the_day_it_comes_to(
    ledger: Ledger, org_id: OrgId
) -> None:
    ledger.write(record_deployments, a_deployment(id="d"))
    work_off(ledger)

    ledger.write(record_deployments, a_deployment(id="d", finished_at=NOON + 3 * NS_PER_DAY))

    days = {day_at(org_id, Noun.DEPLOYMENTS, at) for at in (NOON, NOON + 3 * NS_PER_DAY)}
    assert days == marked(ledger, org_id)
    assert 1 == counted(ledger, org_id)
    work_off(ledger)
    assert 1 == counted(ledger, org_id)


def test_what_is_deleted_is_not_counted_any_more_and_an_empty_day_keeps_no_block(
    ledger: Ledger, org_id: OrgId
) -> None:
    ledger.write(record_deployments, a_deployment(id="d"))
    work_off(ledger)
    assert 1 == counted(ledger, org_id)

    ledger.write(delete_deployments, DeploymentNamed(org_id=org_id, id="d", at=NOON))

    assert 0 == counted(ledger, org_id)
    work_off(ledger)
    assert [] == ledger.read(segments.kept_days, org_id, Noun.DEPLOYMENTS)
    assert 0 == counted(ledger, org_id)


def test_facts_at_both_ends_of_a_day_and_in_days_before_and_after_stay_in_order(
    ledger: Ledger, org_id: OrgId
) -> None:
    for at in (MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + NS_PER_DAY - 1, MIDNIGHT + NS_PER_DAY):
        ledger.write(record_deployments, a_deployment(finished_at=at))
    work_off(ledger)
    # The day in the middle is read from rows again, those beside it are not.
    ledger.write(record_deployments, a_deployment(finished_at=NOON))

    scope = Scope(
        org_id=org_id,
        noun=Noun.DEPLOYMENTS,
        from_at=MIDNIGHT - NS_PER_DAY,
        until_at=MIDNIGHT + 2 * NS_PER_DAY,
    )
    found = ledger.read(shelf.window, scope).frame["finished_at"].to_list()

    assert [MIDNIGHT - 1, MIDNIGHT, NOON, MIDNIGHT + NS_PER_DAY - 1, MIDNIGHT + NS_PER_DAY] == found


def test_a_block_is_not_kept_when_its_day_was_marked_again_meanwhile(ledger: Ledger, org_id: OrgId) -> None:
    ledger.write(record_deployments, a_deployment())
    day = day_at(org_id, Noun.DEPLOYMENTS, NOON)
    built = ledger.read(lambda transaction: [*segments.build(transaction, [day])])
    ledger.write(record_deployments, a_deployment())
    work_off(ledger)

    with writing(ledger.engine) as transaction:
        kept = segments.keep(transaction, built)

    assert set() == kept
    assert 2 == counted(ledger, org_id)


@pytest.mark.parametrize(("word", "is_read"), [("checkout", False), ("7", True)])
def test_a_word_is_looked_for_in_rows_only_if_a_version_has_it(
    ledger: Ledger, org_id: OrgId, word: str, is_read: bool
) -> None:
    ledger.write(record_deployments, a_deployment(org_id=org_id, service="checkout", version="1.7"))
    ledger.write(record_deployments, a_deployment(org_id=org_id, service="search", version="2.0"))
    work_off(ledger)
    asked: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    found = ledger.read(
        facts_asked_about,
        Question(org_id=org_id, from_at=MIDNIGHT, until_at=MIDNIGHT + NS_PER_DAY, where=parse(word)),
    )

    assert 1 == len(found.frame)
    assert is_read == any("FROM deployments " in " ".join(one.split()) for one in asked)


def test_building_all_anew_comes_to_the_same(ledger: Ledger, org_id: OrgId) -> None:
    facts = [a_deployment(finished_at=NOON + day * NS_PER_DAY, tags=(f"day:{day}",)) for day in range(5)]
    for fact in facts:
        ledger.write(record_deployments, fact)
    work_off(ledger)
    before = _frames(ledger, org_id)

    days = rebuild_segments(ledger, org_id, lambda _done, _total: None)

    assert 5 == days
    assert before == _frames(ledger, org_id)
    assert set() == marked(ledger, org_id)


def test_what_stands_for_a_text_stays_and_is_no_other_organisations(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    ledger.write(record_deployments, a_deployment(service="a"))
    ledger.write(record_deployments, a_deployment(service="b", org_id=other_org_id))
    work_off(ledger)
    ledger.write(record_deployments, a_deployment(service="c"))

    assert [1, 0, 1] == [counted(ledger, org_id, f"service:{name}") for name in "abc"]
    work_off(ledger)
    assert [1, 0, 1] == [counted(ledger, org_id, f"service:{name}") for name in "abc"]
    assert [0, 1, 0] == [counted(ledger, other_org_id, f"service:{name}") for name in "abc"]


def test_a_key_of_tags_with_too_many_values_is_answered_from_rows(
    ledger: Ledger, org_id: OrgId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "MOST_VALUES", 2)
    for number in range(4):
        ledger.write(record_deployments, a_deployment(tags=(f"build:{number}", "region:eu")))
    work_off(ledger)

    found = {query: counted(ledger, org_id, query) for query in ("build:1", "region:eu", "tags:build*")}

    assert {"build:1": 1, "region:eu": 4, "tags:build*": 4} == found


def test_a_flood_of_facts_is_built_when_it_has_passed(ledger: Ledger, org_id: OrgId) -> None:
    # Without commit and version there is no outcome to be found, which would have it built sooner.
    nothing = {"commit_sha": "", "repository_id": "", "version": ""}
    ledger.write(record_deployments, a_deployment(received_at=NOON, **nothing))

    assert 1 == do_work(ledger, NOON + NS_PER_S)
    assert 0 == do_work(ledger, NOON + NS_PER_S)
    assert 1 == do_work(ledger, NOON + 3 * NS_PER_S)


def _frames(ledger: Ledger, org_id: OrgId) -> Any:
    scope = Scope(org_id=org_id, noun=Noun.DEPLOYMENTS, from_at=MIDNIGHT, until_at=MIDNIGHT + 9 * NS_PER_DAY)
    found = ledger.read(shelf.window, scope)
    return found.frame.to_dict(as_series=False), {name: dict(texts) for name, texts in found.texts.items()}
