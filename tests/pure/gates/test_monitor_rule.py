from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.domain.evaluations import Evidence, MonitorEvidence
from fairlead.domain.monitors import MonitorId, Watched
from fairlead.gates.findings import Finding, Outcome, Watching
from fairlead.gates.monitor_rule import find
from tests.gate_factories import a_mute, a_span, a_watch, after, chosen, watched

OK = watched(a_span())


def outcome(*observed: Watched, at_s: float = 60, **watch: Any) -> str:
    """Return what the rule finds, or when it looks again in seconds after its beginning."""
    found = find(a_watch(**watch), observed, after(at_s))
    if isinstance(found, Watching):
        return f"again at {(found.look_again_at - after(0)) // 10**9}"
    return found.outcome.value


def test_it_does_not_look_before_it_begins() -> None:
    assert "again at 30" == outcome(watched(a_span("alert")), since_s=30, at_s=29)


def test_it_watches_to_its_end_and_passes() -> None:
    assert "again at 60" == outcome(OK, at_s=59)
    assert "pass" == outcome(OK, at_s=60)


def test_without_a_duration_one_look_decides() -> None:
    assert "pass" == outcome(OK, duration_s=0, at_s=0)
    assert "fail" == outcome(watched(a_span("alert", -5)), duration_s=0, at_s=0)


def test_it_fails_as_soon_as_a_monitor_alerts() -> None:
    assert "fail" == outcome(watched(a_span("ok", -9, 10), a_span("alert", 10)), at_s=10)


def test_it_sees_an_alert_that_came_and_went_between_two_looks() -> None:
    flapping = watched(a_span("ok", -9, 10), a_span("alert", 10, 10.001), a_span("ok", 10.001))

    assert "fail" == outcome(flapping)


def test_it_sees_nothing_outside_its_span() -> None:
    before = watched(a_span("alert", -9, 0), a_span("ok", 0))
    late = watched(a_span("ok", -9, 60.001), a_span("alert", 60.001))

    assert "pass" == outcome(before)
    assert "pass" == outcome(late, at_s=600)


def test_what_it_finds_does_not_depend_on_when_it_is_asked_after_its_end() -> None:
    observed = [watched(a_span("ok", -9, 59), a_span("alert", 59, 61), a_span("ok", 61))]

    findings = {repr(find(a_watch(), observed, after(at_s))) for at_s in (60, 61, 3600)}

    assert 1 == len(findings)


def test_a_warning_is_no_violation() -> None:
    assert "pass" == outcome(watched(a_span("warn")))


@pytest.mark.parametrize(("told", "expected"), [(None, "fail"), (True, "fail"), (False, "pass")])
def test_no_data_fails_unless_told_otherwise(told: bool | None, expected: str) -> None:
    assert expected == outcome(watched(a_span("no_data")), fail_on_no_data=told)


def test_no_monitor_for_a_query_fails_at_the_first_look() -> None:
    assert "fail" == outcome(at_s=0)
    assert "fail" == outcome(watched(a_span(), tags=("service:other",)), at_s=0)


@pytest.mark.parametrize(("told", "expected"), [(None, "pass"), (False, "pass"), (True, "fail")])
def test_monitors_without_a_matching_group_fail_only_if_told_so(told: bool | None, expected: str) -> None:
    grouped = watched(a_span("alert", group="pod:1"))

    assert expected == outcome(grouped, query='service:shop group:"pod:2"', fail_on_no_groups_found=told)
    assert expected == outcome(grouped, monitor_ids=(chosen(1, "pod:2"),), fail_on_no_groups_found=told)


def test_fifty_monitors_are_watched_and_fifty_one_are_too_many() -> None:
    many = [watched(a_span(monitor_id=id), id=id) for id in range(1, 52)]

    assert "pass" == outcome(*many[:50])
    assert "fail" == outcome(*many)


def test_a_group_narrows_what_is_looked_at() -> None:
    grouped = watched(a_span("alert", group="env:stage,pod:1"), a_span("ok", group="env:prod,pod:2"))

    assert "fail" == outcome(grouped)
    assert "pass" == outcome(grouped, query='service:shop group:"env:prod"')
    assert "fail" == outcome(grouped, query='service:shop group:"env:stage"')
    assert "pass" == outcome(grouped, monitor_ids=(chosen(1, "env:prod,pod:2"),))
    assert "fail" == outcome(grouped, monitor_ids=(chosen(1),))


def test_muted_monitors_are_never_matched() -> None:
    muted = watched(a_span("alert"), mutes=(a_mute(-10),))

    assert "pass" == outcome(OK, replace_id(muted))
    assert "fail" == outcome(muted), "with no other monitor none matches"


def replace_id(one: Watched) -> Watched:
    return replace(one, monitor=replace(one.monitor, id=MonitorId(2)))


def test_an_alert_after_the_mute_counts() -> None:
    assert "fail" == outcome(watched(a_span("alert"), mutes=(a_mute(-10, 30),)))
    assert "pass" == outcome(watched(a_span("alert", -10, 30), a_span("ok", 30), mutes=(a_mute(-10, 30),)))


def test_a_mute_of_one_group_leaves_the_others() -> None:
    spans = (a_span("alert", group="env:prod,pod:1"), a_span("ok", group="env:prod,pod:2"))

    assert "pass" == outcome(watched(*spans, mutes=(a_mute(-10, group="pod:1"),)))
    assert "fail" == outcome(watched(*spans, mutes=(a_mute(-10, group="pod:2"),)))


def test_a_monitor_that_does_not_exist_fails_the_rule_by_name() -> None:
    found = find(a_watch(monitor_ids=(chosen(99),)), [OK], after(0))

    assert Finding(outcome=Outcome.FAIL, reason="There is no monitor 99") == found


def test_a_query_that_cannot_be_read_fails_the_rule_and_says_where() -> None:
    found = find(a_watch(query="service:shop AND"), [OK], after(0))

    assert isinstance(found, Finding)
    assert Outcome.FAIL is found.outcome
    assert "at position 16" in found.reason


def test_a_monitor_deleted_while_it_was_watched_is_still_seen() -> None:
    gone = watched(a_span("alert", 10, 20), deleted_at=after(20))

    assert "fail" == outcome(gone)
    assert "fail" == outcome(watched(a_span(), deleted_at=after(0))), "none is left"


def test_the_finding_names_the_monitor_its_state_and_since_when() -> None:
    alert = a_span("alert", 10, group="pod:1", reason="0.07 > 0.05")

    found = find(a_watch(), [watched(a_span("ok", -9, 10), alert, name="Errors")], after(60))

    seen = MonitorEvidence(
        monitor_id=1, name="Errors", state="alert", group="pod:1", from_at=after(10), reason="0.07 > 0.05"
    )
    told = '"Errors" (monitor 1) for pod:1 since 2025-03-12T12:00:10Z (0.07 > 0.05)'
    reason = f"One or more monitors in ALERT state: {told}"
    assert Finding(outcome=Outcome.FAIL, reason=reason, evidence=Evidence(monitors=(seen,))) == found


def test_a_reason_names_few_of_many() -> None:
    many = [watched(a_span("alert", monitor_id=id), id=id) for id in range(1, 9)]

    found = find(a_watch(), many, after(60))

    assert isinstance(found, Finding)
    assert found.reason.endswith("; and 3 more")
    assert 8 == len(found.evidence.monitors)


def test_what_passes_has_its_evidence_too() -> None:
    found = find(a_watch(), [OK], after(60))

    assert isinstance(found, Finding)
    assert ["ok"] == [seen.state for seen in found.evidence.monitors]
