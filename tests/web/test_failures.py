import json
import time
from typing import Any

from fairlead.domain.failure_links import LinkState
from fairlead.domain.instants import NS_PER_S
from fairlead.store import audit
from fairlead.usecases.link_failures import links_of_failure
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.factories import a_deployment, a_failure
from tests.web.conftest import Site


def broke(site: Site, failure_id: str, **changes: Any) -> None:
    began = changes.pop("started_at", time.time_ns() - 7200 * NS_PER_S)
    site.ledger.write(
        record_failures, a_failure(org_id=site.org_id, id=failure_id, started_at=began, **changes)
    )


def test_the_list_shows_what_a_search_finds(site: Site) -> None:
    broke(site, "f-1", name="Queue grows", severity="High", finished_at=None)
    broke(site, "f-2", name="Requests time out", severity="Low", services=("cart",))

    page = site.vic.page("/failures", query="severity:High")

    assert "Queue grows" in page
    assert '<span class="pill bad">open</span>' in page
    assert "Requests time out" not in page


def test_what_is_exported_is_what_is_shown(site: Site) -> None:
    broke(site, "f-1")
    broke(site, "f-2", services=("cart",))

    [row] = json.loads(site.vic.page("/export/failures/json", query="service:cart"))

    assert ("f-2", "cart", 1800.0) == (row["id"], row["services"], row["duration_s"])
    assert "f-2," in site.vic.page("/export/failures/csv", query="service:cart")


def test_whether_a_deployment_caused_a_failure_is_decided_where_it_is_looked_at(site: Site) -> None:
    broke(site, "f/1")
    ended = time.time_ns() - 7500 * NS_PER_S
    site.ledger.write(record_deployments, a_deployment(org_id=site.org_id, id="d", finished_at=ended))
    before = site.vic.page("/failures/f%2F1")
    assert "5 min before" in before
    assert ">undecided</span>" in before
    assert "Caused it" not in before

    answer = site.mia.post("/failures/f%2F1", deployment="d", state="caused")

    assert "/failures/f%2F1?done=decided" == answer.headers["location"]
    [link] = site.ledger.read(links_of_failure, site.org_id, "f/1")
    assert LinkState.CAUSED is link.state
    assert '>caused it</span> <span class="muted small">by mia@example.com' in site.vic.page(
        "/failures/f%2F1"
    )
    [entry] = site.ledger.read(audit.latest, site.org_id, limit=1)
    assert ("mia@example.com", "decided about failure", "f/1") == (entry.actor, entry.action, entry.subject)


def test_a_failure_tied_to_a_deployment_is_decided_on_the_deployments_page(site: Site) -> None:
    broke(site, "f/1", name="Queue grows")
    ended = time.time_ns() - 7500 * NS_PER_S
    site.ledger.write(record_deployments, a_deployment(org_id=site.org_id, id="d", finished_at=ended))
    before = site.vic.page("/deployments/d")
    assert '<a class="row-link" href="/failures/f%2F1">Queue grows</a>' in before
    assert "5 min after" in before
    assert ">undecided</span>" in before
    assert "Did not" not in before

    back = "/deployments/d?done=decided"
    answer = site.mia.post("/failures/f%2F1", deployment="d", state="not_caused", back=back)

    assert back == answer.headers["location"]
    assert '>did not cause it</span> <span class="muted small">by mia@example.com' in site.mia.page(back)


def test_a_decision_about_a_failure_leads_back_to_this_server_only(site: Site) -> None:
    broke(site, "f-1")
    site.ledger.write(record_deployments, a_deployment(org_id=site.org_id, id="d"))

    answer = site.mia.post("/failures/f-1", deployment="d", state="caused", back="//evil.example/")

    assert "/" == answer.headers["location"]


def test_who_only_looks_decides_nothing_about_failures(site: Site) -> None:
    broke(site, "f-1")

    assert 403 == site.vic.post("/failures/f-1", deployment="d", state="caused").status_code
    assert 400 == site.mia.post("/failures/f-1", deployment="d", state="surely").status_code
    assert 404 == site.mia.post("/failures/f-1", deployment="nobody", state="caused").status_code
    assert 404 == site.zoe.post("/failures/f-1", deployment="d", state="caused").status_code


def test_nothing_of_another_organisation_is_shown(site: Site) -> None:
    broke(site, "secret", name="secret")

    assert "secret" not in site.zoe.page("/failures")
    assert "secret" not in site.zoe.page("/export/failures/json")
    assert 404 == site.zoe.get("/failures/secret").status_code


def test_a_name_that_looks_like_a_script_is_shown_as_text(site: Site) -> None:
    broke(site, "x", name="<script>alert(1)</script>", severity="<script>")

    for path in ("/failures", "/failures/x"):
        page = site.vic.page(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_an_empty_list_says_what_to_do(site: Site) -> None:
    assert "Connect an alerting tool" in site.vic.page("/failures")
    assert "No failure matches" in site.vic.page("/failures", query="severity:none")
