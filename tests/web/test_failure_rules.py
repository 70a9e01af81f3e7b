import pytest

from fairlead.domain.failure_rules import Aspect, LinkedRule, StaticRule
from fairlead.store import audit, failure_rules
from tests.web.conftest import Site

PATH = "/settings/rules"
RULES = {
    "rollbacks": "yes",
    "linked": 'Revert "$pr_title"\n# Fixes $pr_number',
    "static": "pr_label: hotfix",
    "window_minutes": "30",
}


def test_rules_are_saved_and_shown_as_they_were_written(site: Site) -> None:
    answer = site.ada.post(PATH, action="save", **RULES)

    assert f"{PATH}?done=saved" == answer.headers["location"]
    kept = site.ledger.read(failure_rules.get, site.org_id)
    assert (LinkedRule('Revert "$pr_title"'), LinkedRule("Fixes $pr_number", enabled=False)) == kept.linked
    assert (StaticRule(Aspect.PR_LABEL, "hotfix"),) == kept.static
    assert (True, False, 1_800_000_000_000) == (
        kept.rollbacks,
        kept.rollbacks_of_rollbacks,
        kept.failure_window_ns,
    )
    assert "# Fixes $pr_number" in site.vic.page(PATH)
    assert "changed rules" == site.ledger.read(audit.latest, site.org_id, limit=1)[0].action


def test_a_preview_saves_nothing_and_is_for_everybody(site: Site) -> None:
    answer = site.vic.post(PATH, action="preview", **RULES)

    assert 200 == answer.status_code
    assert "What would change" in answer.text
    assert 60 == site.ledger.read(failure_rules.get, site.org_id).failure_window_ns // 60_000_000_000


def test_only_administrators_save(site: Site) -> None:
    assert 403 == site.mia.post(PATH, action="save", **RULES).status_code


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"linked": "no variable"}, "A linked rule needs exactly one of"),
        ({"static": "mood: bad"}, "A line begins with one of"),
        ({"static": "pr_title: ("}, "pattern"),
        ({"window_minutes": "an hour"}, "The window is a whole number of minutes"),
        ({"window_minutes": "0"}, "failure_window_s"),
    ],
)
def test_rules_that_cannot_hold_are_said_to_be_so(site: Site, changes: dict[str, str], said: str) -> None:
    answer = site.ada.post(PATH, action="save", **RULES | changes)

    assert 400 == answer.status_code
    assert said in answer.text


def test_levels_are_read_by_the_year_that_an_administrator_chose(site: Site) -> None:
    site.ada.post(PATH, action="save", **RULES)

    answer = site.ada.post(f"{PATH}/levels", year="2021")

    assert f"{PATH}?done=levels" == answer.headers["location"]
    page = site.ada.page(PATH)
    assert "<option selected>2021</option>" in page
    assert "State of DevOps Report 2021" in page
    # What was saved beside it stays, both ways.
    assert "# Fixes $pr_number" in page
    site.ada.post(PATH, action="save", **RULES)
    assert "State of DevOps Report 2021" in site.vic.page(PATH)
    assert "State of DevOps Report 2024" in site.zoe.page(PATH)
    changed = site.ledger.read(audit.latest, site.org_id, limit=2)[1]
    assert ("ada@example.com", "changed levels", "2021") == (changed.actor, changed.action, changed.detail)


def test_a_year_is_chosen_by_administrators_among_those_with_levels(site: Site) -> None:
    assert 403 == site.mia.post(f"{PATH}/levels", year="2021").status_code
    assert "Use it" not in site.mia.page(PATH)
    assert 400 == site.ada.post(f"{PATH}/levels", year="2025").status_code
    assert "State of DevOps Report 2024" in site.ada.page(PATH)
