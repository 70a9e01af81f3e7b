import html
import os
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from fairlead.domain.access import KeyKind
from fairlead.store import access, audit, hooks
from fairlead.usecases.find_monitors import find_monitors
from tests.monitoring_programs import an_alertmanager
from tests.waiting import became
from tests.web.conftest import Site

KEYS = "/connect/keys"
WEBHOOKS = "/connect/webhooks"
PATIENCE_S = 60
DELIVERED = Path(__file__).parent.parent / "dialects" / "github" / "payloads" / "ping.json"


def text_at(page: str, name: str) -> str:
    """What stands on the page in the element of that id."""
    found = re.search(rf'id="{name}"[^>]*>(.*?)</(?:pre|code)>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def runs(script: str, **variables: str) -> None:
    ended = subprocess.run(
        ["sh", "-e", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"]} | variables,
    )
    assert 0 == ended.returncode, (script, ended.stdout, ended.stderr)


def test_whoever_follows_the_page_sees_their_first_deployment(site: Site) -> None:
    waiting = site.ada.page("/connect")
    assert "Waiting for your first event" in waiting
    assert "" == site.vic.get("/parts/connect/pulse").json()["mark"]

    made = site.ada.post("/connect", name="my laptop").text
    runs(text_at(made, "snippet-curl"))

    told = site.vic.get("/parts/connect/pulse").json()
    assert "my-service 1.0.0 to prod, ended " in told["text"]
    assert "my-service" in site.vic.page(told["address"])
    assert "The last that arrived" in site.vic.page("/connect")


PIPELINE = {
    "GITHUB_REF_NAME": "v1",
    "GITHUB_SHA": "66adc9350f2cc9b250b69abddab733dd55e1a588",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "shopist/checkout",
    "CI_PROJECT_NAME": "my-service",
    "CI_COMMIT_SHORT_SHA": "66adc935",
    "CI_COMMIT_SHA": "66adc9350f2cc9b250b69abddab733dd55e1a588",
    "CI_PROJECT_URL": "https://gitlab.com/shopist/checkout",
    "BUILD_NUMBER": "17",
    "GIT_COMMIT": "66adc9350f2cc9b250b69abddab733dd55e1a588",
    "GIT_URL": "https://github.com/shopist/checkout.git",
}


def script_of(name: str, text: str) -> str:
    if name == "github":
        return str(yaml.safe_load(text)[0]["run"])
    if name == "gitlab":
        return "\n".join(yaml.safe_load(text)["tell-fairlead"]["script"])
    script = text.partition("sh '''")[2].partition("'''")[0]
    # What Groovy makes of a text in three quotes.
    return script.replace("\\\\", "\\")


@pytest.mark.parametrize("name", ["github", "gitlab", "jenkins"])
def test_what_a_pipeline_is_to_run_tells_of_a_deployment(site: Site, name: str) -> None:
    key = text_at(site.ada.post("/connect", name="ci").text, "new-key")
    script = script_of(name, text_at(site.ada.page("/connect"), f"snippet-{name}"))

    runs(script, FAIRLEAD_API_KEY=key, **PIPELINE)

    told = site.vic.get("/parts/connect/pulse").json()
    assert "my-service" in told["text"]
    assert "66adc9350f2c" in site.vic.page(told["address"])


def states_in(site: Site) -> dict[str, str]:
    """Return the state of each monitor by its query."""
    found = site.ledger.read(find_monitors, site.org_id, "", time.time_ns())
    return {one.monitor.query: str(one.state) for one in found}


def test_alertmanager_tells_of_alerts_as_the_page_says(site: Site, tmp_path: Path) -> None:
    made = site.ada.post(WEBHOOKS, vendor="alertmanager").text
    [hook] = site.ledger.read(hooks.hooks_of, site.org_id)
    secret = text_at(made, f"secret-{hook.id}")
    shown = text_at(site.ada.page("/connect"), "snippet-alertmanager")
    config = shown.replace("ID-OF-THE-WEBHOOK", hook.id).replace("SECRET-OF-THE-WEBHOOK", secret)
    alert: dict[str, Any] = {"labels": {"alertname": "QueueFull", "service": "shop", "severity": "page"}}

    with an_alertmanager(tmp_path, config) as running:
        alerts = f"{running.address}/api/v2/alerts"
        assert 200 == httpx.post(alerts, json=[alert]).status_code
        assert became(lambda: {"alertmanager:QueueFull": "alert"} == states_in(site), PATIENCE_S)
        over = alert | {"endsAt": datetime.now(UTC).isoformat()}
        assert 200 == httpx.post(alerts, json=[over]).status_code
        assert became(lambda: {"alertmanager:QueueFull": "ok"} == states_in(site), PATIENCE_S)


def test_what_to_copy_carries_the_address_of_this_server(site: Site) -> None:
    page = site.vic.page("/connect")

    for name in ("curl", "datadog-ci", "github", "gitlab", "jenkins", "opentelemetry", "alertmanager"):
        assert site.served.address in text_at(page, f"snippet-{name}")


def test_a_key_is_shown_once_and_opens_nothing_after_it_is_revoked(site: Site) -> None:
    made = site.ada.post(KEYS, name="ci", kind="api").text
    key = text_at(made, "new-key")
    [kept] = site.ledger.read(access.keys_of, site.org_id)

    assert key not in site.ada.page(KEYS)
    assert ("ci", KeyKind.API) == (kept.name, kept.kind)
    assert 303 == site.ada.post(f"{KEYS}/revoke", id=kept.id, name="ci").status_code
    [gone] = site.ledger.read(access.keys_of, site.org_id)
    assert gone.revoked_at is not None
    actions = [(one.action, one.subject) for one in site.ledger.read(audit.latest, site.org_id, limit=5)]
    assert [("revoked key", "ci"), ("made key", "ci")] == actions


def test_a_key_has_the_permissions_that_were_chosen(site: Site) -> None:
    site.ada.post(KEYS, name="badge", kind="access-token", permission=["dora_metrics_read"])

    [kept] = site.ledger.read(access.keys_of, site.org_id)
    assert {"dora_metrics_read"} == kept.permissions


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " ", "kind": "api"}, "A key needs a name that says what it is for."),
        ({"name": "x", "kind": "master"}, "Choose what the key is for."),
        ({"name": "x", "kind": "app", "permission": "everything"}, "There is no such permission."),
    ],
)
def test_a_key_that_cannot_be_made_is_said_to_be_so(site: Site, fields: dict[str, str], said: str) -> None:
    answer = site.ada.post(KEYS, **fields)

    assert 400 == answer.status_code
    assert said in answer.text


def test_a_webhook_takes_what_is_delivered_with_its_secret_and_reads_it_again(site: Site) -> None:
    made = site.ada.post(WEBHOOKS, vendor="gitlab", deploys="Deploy=checkout:prod").text
    [hook] = site.ledger.read(hooks.hooks_of, site.org_id)
    address, secret = text_at(made, f"address-{hook.id}"), text_at(made, f"secret-{hook.id}")
    body = (DELIVERED.parent.parent.parent / "gitlab" / "payloads" / "issue.json").read_bytes()
    headers = {"X-Gitlab-Token": secret, "X-Gitlab-Event": "Issue Hook", "Content-Type": "application/json"}

    delivered = site.served.http.post(address, content=body, headers=headers)
    page = site.ada.page(WEBHOOKS)
    again = site.ada.post(f"{WEBHOOKS}/replay", id=hook.id)

    assert 200 == delivered.status_code, delivered.text
    assert "1 deliveries, the last" in page
    assert "deploys checkout to prod" in page
    assert 303 == again.status_code


@pytest.mark.parametrize(("vendor", "deploys"), [("carrier-pigeon", ""), ("github", "nonsense")])
def test_a_webhook_that_cannot_be_made_is_said_to_be_so(site: Site, vendor: str, deploys: str) -> None:
    assert 400 == site.ada.post(WEBHOOKS, vendor=vendor, deploys=deploys).status_code
    assert [] == site.ledger.read(hooks.hooks_of, site.org_id)


def test_keys_and_webhooks_are_for_administrators_of_the_organisation(site: Site) -> None:
    site.ada.post(KEYS, name="secret name", kind="api")
    site.ada.post(WEBHOOKS, vendor="github")
    [key] = site.ledger.read(access.keys_of, site.org_id)
    [hook] = site.ledger.read(hooks.hooks_of, site.org_id)

    for path in (KEYS, WEBHOOKS, "/settings/members", "/settings/audit"):
        assert 403 == site.mia.get(path).status_code
    for path in (KEYS, WEBHOOKS, "/connect"):
        assert 403 == site.mia.post(path, name="x", kind="api", vendor="github").status_code
    assert "secret name" not in site.zoe.page(KEYS)
    assert hook.id not in site.zoe.page(WEBHOOKS)
    assert 404 == site.zoe.post(f"{KEYS}/revoke", id=key.id).status_code
    assert 404 == site.zoe.post(f"{WEBHOOKS}/replay", id=hook.id).status_code


def test_a_name_that_looks_like_a_script_is_shown_as_text(site: Site) -> None:
    site.ada.post(KEYS, name="<script>alert(1)</script>", kind="api")
    site.ada.post(WEBHOOKS, vendor="github", deploys="<script>=<script>:prod")

    for path in (KEYS, WEBHOOKS, "/settings/audit"):
        assert "<script>alert" not in site.ada.page(path)
        assert "<script>=" not in site.ada.page(path)
