"""Gates and their rules made, changed and deleted on the pages: what arrives, and who may."""

import os
import re

import pytest
from msgspec.structs import replace

from fairlead.domain.gates import Gate, GateId, MonitorChoice, Rule, RuleId, RuleKind, RuleOptions
from fairlead.domain.members import form_token
from fairlead.store import audit, gates
from fairlead.store.gates import GatesPage
from fairlead.usecases.create_rules import create_rules
from fairlead.web.forms import masked
from tests.web.conftest import Site

GATE = {"service": "shop", "env": "prod"}
MONITORS = {"kind": "monitor", "name": "Alerts", "query": "service:shop"}
DETECTION = {"kind": "faulty_deployment_detection", "name": "Errors"}


def gates_of(site: Site) -> list[Gate]:
    return site.ledger.read(gates.find, site.org_id, GatesPage(limit=10))


def rules_of(site: Site, gate: GateId) -> list[Rule]:
    return site.ledger.read(gates.rules_of, site.org_id, gate)


def a_gate(site: Site) -> GateId:
    assert 303 == site.mia.post("/gates", **GATE).status_code
    return gates_of(site)[0].id


def said_last(site: Site) -> tuple[str, str, str, str]:
    [entry] = site.ledger.read(audit.latest, site.org_id, limit=1)
    return entry.actor, entry.action, entry.subject, entry.detail


def complaints(page: str) -> dict[str, str]:
    """Return what a page complains about, by field; each complaint belongs to the field it stands at."""
    found = dict(re.findall(r'<span class="complaint" id="(\w+)-complaint"[^>]*>(.*?)</span>', page))
    for name in found:
        assert re.search(rf'name="{name}"[^>]*aria-invalid="true" aria-describedby="{name}-complaint"', page)
    return found


def test_a_member_makes_a_gate(site: Site) -> None:
    answer = site.mia.post("/gates", **GATE, identifier="canary", dry_run="yes")

    [gate] = gates_of(site)
    assert f"/gates/{gate.id}?done=made" == answer.headers["location"]
    assert ("shop", "prod", "canary", True) == (gate.service, gate.env, gate.identifier, gate.dry_run)
    assert ("mia@example.com", "Mia") == (gate.created_by.id, gate.created_by.name)
    assert ("mia@example.com", "made gate", "shop to prod (canary)", "dry run") == said_last(site)
    assert "The gate is made." in site.mia.page(f"/gates/{gate.id}", done="made")


def test_a_gate_that_cannot_be_is_refused_at_the_field_and_nothing_told_is_lost(site: Site) -> None:
    a_gate(site)

    again = site.mia.post("/gates", **GATE)
    without = site.mia.post("/gates", service="<b>", env=" ")

    assert (409, {"identifier"}) == (again.status_code, set(complaints(again.text)))
    assert 'name="service" value="shop"' in again.text
    assert (400, {"env": "Attribute &#34;env&#34; is required."}) == (
        without.status_code,
        complaints(without.text),
    )
    assert 'value="&lt;b&gt;"' in without.text
    assert 1 == len(gates_of(site))


def test_dry_run_is_what_changes_of_a_gate(site: Site) -> None:
    gate = a_gate(site)

    answer = site.mia.post(f"/gates/{gate}", dry_run="yes", service="other")

    assert f"/gates/{gate}?done=changed" == answer.headers["location"]
    assert ("shop", True) == (gates_of(site)[0].service, gates_of(site)[0].dry_run)
    assert ("mia@example.com", "changed gate", "shop to prod", "dry run") == said_last(site)
    site.mia.post(f"/gates/{gate}")
    assert not gates_of(site)[0].dry_run


def test_a_gate_is_deleted_with_its_rules(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **DETECTION)

    answer = site.mia.post(f"/gates/{gate}/delete")

    assert "/gates?done=deleted" == answer.headers["location"]
    assert ([], []) == (gates_of(site), rules_of(site, gate))
    assert ("deleted gate", "shop to prod", gate) == said_last(site)[1:]
    assert "The gate is deleted." in site.mia.page("/gates", done="deleted")


def test_every_option_of_a_monitor_rule_arrives_and_is_shown_again(site: Site) -> None:
    gate = a_gate(site)
    told = MONITORS | {"query": "", "monitor_ids": "12\n34 env:prod,host:a\n 34 env:prod,host:b \n"}
    told |= {"duration": "300", "warmup": "60", "fail_on_no_groups_found": "yes", "dry_run": "yes"}

    answer = site.mia.post(f"/gates/{gate}/rules", **told)

    assert f"/gates/{gate}?done=rule-made" == answer.headers["location"]
    [rule] = rules_of(site, gate)
    choices = (MonitorChoice(12), MonitorChoice(34, ("env:prod,host:a", "env:prod,host:b")))
    expected = RuleOptions(
        monitor_ids=choices,
        duration_s=300,
        warmup_s=60,
        fail_on_no_data=False,
        fail_on_no_groups_found=True,
    )
    assert (RuleKind.MONITOR, expected, True) == (rule.kind, rule.options, rule.dry_run)
    shown = site.mia.page(f"/gates/{gate}/rules/{rule.id}")
    assert "12\n34 env:prod,host:a\n34 env:prod,host:b</textarea>" in shown
    assert 'name="warmup" inputmode="numeric" value="60"' in shown
    assert 'name="fail_on_no_data" value="yes">' in shown
    assert 'name="fail_on_no_groups_found" value="yes" checked>' in shown


def test_every_option_of_faulty_deployment_detection_arrives(site: Site) -> None:
    gate = a_gate(site)

    site.mia.post(f"/gates/{gate}/rules", **DETECTION, duration="600", allowed_resources="GET /pay\n\n/cart")
    site.mia.post(f"/gates/{gate}/rules", **DETECTION, excluded_resources="/health")

    first, second = rules_of(site, gate)
    assert RuleKind.FAULTY_DEPLOYMENT == first.kind == second.kind
    assert RuleOptions(duration_s=600, allowed_resources=("GET /pay", "/cart")) == first.options
    assert RuleOptions(excluded_resources=("/health",)) == second.options


def test_a_rule_is_changed_and_keeps_its_kind(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **MONITORS, duration="300")
    [rule] = rules_of(site, gate)

    told = DETECTION | {"name": "Quiet", "query": "team:shop", "fail_on_no_data": "yes"}
    answer = site.mia.post(f"/gates/{gate}/rules/{rule.id}", **told)

    assert f"/gates/{gate}?done=rule-changed" == answer.headers["location"]
    [changed] = rules_of(site, gate)
    expected = RuleOptions(query="team:shop", fail_on_no_data=True, fail_on_no_groups_found=False)
    assert (rule.id, "Quiet", RuleKind.MONITOR, expected) == (
        changed.id,
        changed.name,
        changed.kind,
        changed.options,
    )
    said = "Quiet: monitors that match team:shop; failing without data"
    assert ("mia@example.com", "changed rule", "shop to prod", said) == said_last(site)


def test_a_rule_is_deleted(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **MONITORS)
    [rule] = rules_of(site, gate)

    answer = site.mia.post(f"/gates/{gate}/rules/{rule.id}/delete")

    assert f"/gates/{gate}?done=rule-deleted" == answer.headers["location"]
    assert [] == rules_of(site, gate)
    assert ("deleted rule", "shop to prod", "Alerts") == said_last(site)[1:]


@pytest.mark.parametrize(
    ("told", "field", "said"),
    [
        (MONITORS | {"name": " "}, "name", "is required"),
        (MONITORS | {"query": ""}, "query", "Say which monitors"),
        (MONITORS | {"query": "service:("}, "query", "cannot be read"),
        (MONITORS | {"monitor_ids": "12"}, "monitor_ids", "not both"),
        (MONITORS | {"query": "", "monitor_ids": "shop"}, "monitor_ids", "begins with the number"),
        (MONITORS | {"query": "", "monitor_ids": "0"}, "monitor_ids", "must be the number of a monitor"),
        (MONITORS | {"query": "", "monitor_ids": "1\n1 a:b"}, "monitor_ids", "whole or by some"),
        (MONITORS | {"duration": "an hour"}, "duration", "whole number of seconds"),
        (MONITORS | {"duration": "7201"}, "duration", "between 0 and 7200"),
        (MONITORS | {"warmup": "-1"}, "warmup", "whole number of seconds"),
        (DETECTION | {"duration": "7201"}, "duration", "between 0 and 7200"),
        (
            DETECTION | {"allowed_resources": "/a", "excluded_resources": "/b"},
            "excluded_resources",
            "not both",
        ),
    ],
)
def test_what_is_wrong_with_a_rule_is_said_at_the_field(
    site: Site, told: dict[str, str], field: str, said: str
) -> None:
    gate = a_gate(site)

    answer = site.mia.post(f"/gates/{gate}/rules", **told)

    assert 400 == answer.status_code
    [(place, complaint)] = complaints(answer.text).items()
    assert field == place
    assert said in complaint
    assert [] == rules_of(site, gate)


def test_what_is_wrong_with_a_change_is_said_at_the_field_and_changes_nothing(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **MONITORS)
    [rule] = rules_of(site, gate)

    answer = site.mia.post(f"/gates/{gate}/rules/{rule.id}", **MONITORS, warmup="soon")

    assert (400, {"warmup"}) == (answer.status_code, set(complaints(answer.text)))
    assert 'value="soon"' in answer.text
    assert [rule] == rules_of(site, gate)


def test_a_viewer_looks_and_changes_nothing(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **MONITORS)
    [rule] = rules_of(site, gate)
    forms = ("/gates/new", f"/gates/{gate}/rules/new?kind=monitor", f"/gates/{gate}/rules/{rule.id}")
    actions = ("/gates", f"/gates/{gate}", f"/gates/{gate}/delete", f"/gates/{gate}/rules")
    rule_actions = (f"/gates/{gate}/rules/{rule.id}", f"/gates/{gate}/rules/{rule.id}/delete")

    assert {403} == {site.vic.get(path).status_code for path in forms}
    assert {403} == {site.vic.post(path, **MONITORS, **GATE).status_code for path in actions + rule_actions}
    for path in ("/gates", f"/gates/{gate}"):
        page = site.vic.page(path)
        assert "/gates/new" not in page
        assert "/rules/" not in page
        assert "/delete" not in page
    assert [rule] == rules_of(site, gate)
    assert "made rule" == said_last(site)[1]


def test_another_organisation_has_no_such_gate(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **MONITORS)
    [rule] = rules_of(site, gate)
    paths = (f"/gates/{gate}", f"/gates/{gate}/delete", f"/gates/{gate}/rules")
    rule_paths = (f"/gates/{gate}/rules/{rule.id}", f"/gates/{gate}/rules/{rule.id}/delete")

    assert {404} == {site.zoe.post(path, **MONITORS).status_code for path in paths + rule_paths}
    assert 404 == site.zoe.get(f"/gates/{gate}/rules/{rule.id}").status_code
    assert [rule] == rules_of(site, gate)


def test_forms_of_gates_are_taken_from_pages_of_this_server_only(site: Site) -> None:
    gate = a_gate(site)
    told = MONITORS | {"form_token": masked(form_token(site.mia.session), os.urandom(32))}
    paths = ("/gates", f"/gates/{gate}", f"/gates/{gate}/delete", f"/gates/{gate}/rules")

    for path in paths:
        foreign = site.mia.send("POST", path, data=told, headers={"Origin": "https://evil.example"})
        assert 403 == foreign.status_code
        assert 403 == site.mia.submit(path, MONITORS).status_code
    assert (1, []) == (len(gates_of(site)), rules_of(site, gate))


def test_a_kind_of_rule_that_does_not_exist_is_not_found(site: Site) -> None:
    gate = a_gate(site)

    assert 404 == site.mia.get(f"/gates/{gate}/rules/new", kind="mood").status_code
    assert 404 == site.mia.post(f"/gates/{gate}/rules", name="A").status_code


def test_a_gate_with_as_many_rules_as_it_may_have_says_so(site: Site) -> None:
    gate = a_gate(site)
    site.mia.post(f"/gates/{gate}/rules", **DETECTION)
    [rule] = rules_of(site, gate)
    for number in range(99):
        site.ledger.write(create_rules, replace(rule, id=RuleId(f"rule-{number}")))

    answer = site.mia.post(f"/gates/{gate}/rules", **DETECTION)

    assert 400 == answer.status_code
    assert "A gate has at most 100 rules." in answer.text
