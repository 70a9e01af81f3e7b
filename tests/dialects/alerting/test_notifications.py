"""What notifications of Alertmanager and Grafana become: states of monitors, each with its span."""

from collections.abc import Callable
from typing import Any

import pytest

from fairlead.domain.hooks import Vendor
from fairlead.domain.instants import from_rfc3339
from fairlead.usecases.find_monitors import find_spans
from tests.alerting_tools import Tool, a_notification, an_alert, basic

ToolMaker = Callable[[Vendor], Tool]
BOTH = pytest.mark.parametrize("vendor", [Vendor.ALERTMANAGER, Vendor.GRAFANA])


def spans(tool: Tool) -> list[tuple[str, str, str]]:
    """Return states with their beginnings, of the one monitor there is."""
    [known] = tool.monitors()
    found = tool.ledger.read(find_spans, tool.hook.org_id, known.monitor.id, 0)
    return [(one.group, one.state.value, one.reason) for one in found]


@BOTH
def test_an_alert_makes_a_monitor_with_its_labels_as_tags_and_group(tool: ToolMaker, vendor: Vendor) -> None:
    mine = tool(vendor)

    answer = mine.deliver(a_notification(an_alert(labels={"pod": "web-1", "team": "payments"})))

    assert (200, "recorded") == (answer.status_code, answer.json()["status"])
    [known] = mine.monitors("service:shop env:prod team:payments status:alert")
    assert ("HighErrorRate", f"{vendor.value}:HighErrorRate") == (known.monitor.name, known.monitor.query)
    [span] = known.spans
    assert ("pod:web-1,route:/pay", "7 % of requests fail") == (span.group, span.reason)
    assert from_rfc3339("2026-01-01T10:00:00.5Z") == span.from_at
    assert vendor.value == span.source.value


@BOTH
def test_an_alert_that_is_resolved_is_well_from_its_end_on(tool: ToolMaker, vendor: Vendor) -> None:
    mine = tool(vendor)
    mine.deliver(a_notification(an_alert()))

    mine.deliver(a_notification(an_alert("resolved")))

    assert [("route:/pay", "alert", "7 % of requests fail"), ("route:/pay", "ok", "resolved")] == spans(mine)


def test_the_order_of_notifications_does_not_matter(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    for status in ("resolved", "firing", "resolved", "firing"):
        mine.deliver(a_notification(an_alert(status)))

    assert ["alert", "ok"] == [state for _, state, _ in spans(mine)]


def test_alerts_about_other_services_are_other_monitors(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    mine.deliver(a_notification(an_alert(), an_alert(labels={"service": "search"})))

    assert 2 == len(mine.monitors())
    assert 1 == len(mine.monitors("service:search"))


@pytest.mark.parametrize(
    ("severity", "state"), [("critical", "alert"), ("page", "alert"), ("warning", "warn"), ("info", "warn")]
)
def test_mild_severities_only_warn(tool: ToolMaker, severity: str, state: str) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    mine.deliver(a_notification(an_alert(labels={"severity": severity})))

    assert [state] == list(mine.states().values())


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"alertname": "DatasourceNoData", "rulename": "HighErrorRate"}},
        {"annotations": {"grafana_state_reason": "NoData"}},
    ],
)
def test_grafana_without_data_is_no_data(tool: ToolMaker, changes: Any) -> None:
    mine = tool(Vendor.GRAFANA)

    mine.deliver(a_notification(an_alert(**changes)))

    [known] = mine.monitors()
    assert ("HighErrorRate", "no_data") == (known.monitor.name, known.state.value)


def test_a_repeat_changes_nothing(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)
    mine.deliver(a_notification(an_alert()))

    assert "duplicate" == mine.deliver(a_notification(an_alert())).json()["status"]
    assert 1 == len(spans(mine))


def test_alerts_that_have_begun_in_the_future_begin_now(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    mine.deliver(a_notification(an_alert(startsAt="2098-01-01T00:00:00Z")))

    [known] = mine.monitors()
    assert known.spans[0].from_at < from_rfc3339("2090-01-01T00:00:00Z")


def test_a_secret_may_be_shown_as_a_password(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    assert 200 == mine.deliver(a_notification(an_alert()), Authorization=basic(mine.hook.secret)).status_code


@pytest.mark.parametrize(
    ("vendor", "headers"),
    [
        (Vendor.ALERTMANAGER, {"Authorization": ""}),
        (Vendor.ALERTMANAGER, {"Authorization": "Bearer wrong"}),
        (Vendor.ALERTMANAGER, {"Authorization": basic("wrong")}),
        (Vendor.ALERTMANAGER, {"Authorization": "Basic !!!"}),
        (Vendor.GRAFANA, {"X_Grafana_Alerting_Signature": "0" * 64}),
        (Vendor.GRAFANA, {"X_Grafana_Alerting_Signature": "nonsense"}),
        (Vendor.GRAFANA, {"X_Grafana_Alerting_Signature": ""}),
    ],
)
def test_whoever_does_not_know_the_secret_is_refused(tool: ToolMaker, vendor: Vendor, headers: Any) -> None:
    mine = tool(vendor)

    assert 401 == mine.deliver(a_notification(an_alert()), **headers).status_code
    assert [] == mine.monitors()


def test_a_hook_of_another_vendor_is_no_hook(tool: ToolMaker) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    answer = mine.http.post(
        f"/hooks/grafana/{mine.hook.id}", headers={"Authorization": f"Bearer {mine.hook.secret}"}
    )

    assert 401 == answer.status_code


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"alerts": [{}]},
        {"alerts": [an_alert(startsAt="soon")]},
        {"alerts": [an_alert(labels={"a": "\x00"})]},
        {"alerts": [an_alert(labels={"a": "x" * 2000})]},
        {"alerts": "none"},
        [],
    ],
)
def test_what_is_no_notification_is_refused_and_nothing_is_kept(tool: ToolMaker, told: Any) -> None:
    mine = tool(Vendor.ALERTMANAGER)

    assert 400 == mine.deliver(told).status_code
    assert [] == mine.monitors()


def test_grafana_may_sign_the_time_too(tool: ToolMaker) -> None:
    import hashlib  # noqa: PLC0415 — the one test that signs by itself.
    import hmac  # noqa: PLC0415 — as above.
    import json  # noqa: PLC0415 — as above.

    mine = tool(Vendor.GRAFANA)
    told = a_notification(an_alert())
    signed = b"1767225600:" + json.dumps(told).encode()
    signature = hmac.new(mine.hook.secret.encode(), signed, hashlib.sha256).hexdigest()

    answer = mine.deliver(
        told,
        X_Grafana_Alerting_Signature=signature,
        X_Grafana_Alerting_Signature_Timestamp="1767225600",
    )

    assert 200 == answer.status_code
