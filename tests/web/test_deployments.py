import csv
import io
import json
import time
from typing import Any

import pytest

from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import STAGES, LinkSummary
from fairlead.store import audit, deployments
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment, a_sha
from tests.measured import World, a_linked_commit, record
from tests.web.conftest import Site

PATH = "/deployments"
NO_STAGES = (None,) * len(STAGES)


def told(site: Site, number: int = 1, **changes: Any) -> list[str]:
    """Tell of deployments that ended a minute apart, the last a minute ago; return ids, newest first."""
    now = time.time_ns()
    ids = [changes.pop("id", f"d-{number:03}")] if number == 1 else [f"d-{one:03}" for one in range(number)]
    for place, deployment_id in enumerate(ids):
        at = changes.get("finished_at", now - (place + 1) * 60 * NS_PER_S)
        fact = a_deployment(**{"org_id": site.org_id, "id": deployment_id, "finished_at": at} | changes)
        site.ledger.write(record_deployments, fact)
    return ids


def shown(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('data-id="')[1:]]


def test_the_list_shows_what_a_search_finds_newest_first(site: Site) -> None:
    told(site, 3)
    told(site, id="other", service="cart")

    assert ["d-000", "d-001", "d-002"] == shown(site.vic.page(PATH, query="service:checkout"))
    assert ["other"] == shown(site.vic.page(PATH, query="service:c* -service:checkout"))


def test_an_older_page_begins_where_the_newer_one_ends(site: Site) -> None:
    at = time.time_ns() - 3600 * NS_PER_S
    ids = told(site, 120, finished_at=at)
    page = site.vic.page(PATH)
    seen = shown(page)
    while 'rel="next"' in page:
        older = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        page = site.vic.page(older.replace("&amp;", "&"))
        seen += shown(page)

    assert sorted(ids, reverse=True) == seen


@pytest.mark.parametrize(
    ("query", "marked", "said"),
    [
        ("service:(a", "(", "This &#34;(&#34; is never closed."),
        ("service:a +b", "+", "marks nothing here"),
        ("service:", "␣", "The query ends where a value must follow."),
    ],
)
def test_a_mistake_is_marked_where_it_is(site: Site, query: str, marked: str, said: str) -> None:
    page = site.vic.page(PATH, query=query)

    assert f"<mark>{marked}</mark>" in page
    assert said in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"range": "8d"}, "The range must be one of"),
        ({"from": "yesterday"}, "A day looks like 2025-03-12"),
        ({"from": "2025-03-02", "to": "2025-03-01"}, "The first day must not come after the last one"),
        ({"from": "0001-01-01"}, "A day lies between 2000 and 2099"),
        ({"after": "nowhere"}, "This is no place to go on from"),
    ],
)
def test_an_address_that_says_nothing_readable_is_refused(
    site: Site, params: dict[str, str], said: str
) -> None:
    answer = site.vic.get(PATH, **params)

    assert 400 == answer.status_code
    assert said in answer.text


def test_days_are_those_of_the_time_zone_of_the_page(site: Site) -> None:
    # Half past midnight in Berlin, on the day after the one it still is in London.
    told(site, finished_at=1_741_735_800 * NS_PER_S)
    day = {"from": "2025-03-12", "to": "2025-03-12"}

    assert ["d-001"] == shown(site.vic.page(PATH, tz="Europe/Berlin", **day))
    assert [] == shown(site.vic.page(PATH, tz="Europe/London", **day))


def test_an_empty_list_says_what_to_do(site: Site) -> None:
    assert "Connect a pipeline" in site.vic.page(PATH)
    assert "No deployment matches" in site.vic.page(PATH, query="service:nothing")


def test_counts_lead_into_the_search_and_out_of_it_again(site: Site) -> None:
    told(site, 3)
    told(site, id="other", service="cart")

    everything = site.vic.page("/parts/deployments/facets")
    assert '<strong class="number">4</strong> found' in everything
    assert 'href="/deployments?query=service%3Acart"' in everything
    narrowed = site.vic.page("/parts/deployments/facets", query="env:prod service:cart")
    assert 'href="/deployments?query=env%3Aprod" aria-current="true"' in narrowed


def test_rows_that_are_the_same_are_not_sent_again(site: Site) -> None:
    told(site, 2)
    first = site.vic.get("/parts/deployments/rows")
    again = {"If-None-Match": first.headers["etag"]}

    same = site.vic.send("GET", "/parts/deployments/rows", headers=again)
    told(site, id="new", finished_at=time.time_ns())
    fresh = site.vic.send("GET", "/parts/deployments/rows", headers=again)

    assert ["d-000", "d-001"] == shown(first.text)
    assert 304 == same.status_code
    assert ["new", "d-000", "d-001"] == shown(fresh.text)


def test_what_is_exported_is_what_is_shown(site: Site) -> None:
    told(site, 55)
    told(site, id="formula", service="=1+1", finished_at=time.time_ns())

    as_shown = shown(site.vic.page(PATH, query="env:prod"))
    table = list(csv.DictReader(io.StringIO(site.vic.page("/export/deployments/csv", query="env:prod"))))
    same = json.loads(site.vic.page("/export/deployments/json", query="env:prod"))
    everything = json.loads(site.vic.page("/export/deployments/json", query="env:prod", all="yes"))

    assert as_shown == [row["id"] for row in table] == [row["id"] for row in same]
    assert (50, 56) == (len(same), len(everything))
    assert ("'=1+1", "=1+1") == (table[0]["service"], same[0]["service"])
    assert ("", None) == (table[0]["lead_time_s"], same[0]["lead_time_s"])


def test_the_search_bar_is_told_how_to_go_on(site: Site) -> None:
    told(site, service="check out")
    told(site, id="other", service="cart", tags=("region:eu-west-1",))

    def labels(query: str) -> list[str]:
        found = site.vic.get("/completion", noun="deployments", query=query).json()["suggestions"]
        return [one["label"] for one in found]

    assert "service" == labels("ser")[0]
    assert ["region"] == labels("env:prod -regi")
    assert ["cart", "check out"] == labels("service:c")
    assert ["eu-west-1"] == labels("region:eu")
    assert ["true", "false"] == labels("(service:cart change_failure:")
    assert [] == labels("service:elsewhere")


def test_the_search_bar_knows_what_deployments_brought(site: Site) -> None:
    shas = [a_sha(number) for number in range(4)]
    brought = [
        a_linked_commit(sha, None, NO_STAGES, number) for sha, number in zip(shas, (7, 17, 171), strict=False)
    ]
    fact = a_deployment(org_id=site.org_id, id="d-1", finished_at=time.time_ns())
    commits = {"d-1": [*brought, a_linked_commit(shas[3], None, None, 18)]}
    link = LinkSummary(number_of_commits=3)
    record(site.ledger, World(deployments=[KnownDeployment(fact=fact, link=link)], commits=commits))

    def labels(query: str) -> list[str]:
        found = site.vic.get("/completion", noun="deployments", query=query).json()["suggestions"]
        return [one["label"] for one in found]

    assert ["commits", "commits.sha", "number_of_commits"] == labels("commits")
    assert sorted(shas[:3]) == labels("commits:")
    assert [[sha] for sha in shas[:3]] == [labels(f"commits:{sha[:7].upper()}") for sha in shas[:3]]
    assert [] == labels(f"commits:{shas[3]}")
    assert ["171", "17", "7"] == labels("pull_requests:")
    assert ["17", "171"] == labels("-pull_requests:1")
    assert [[], []] == [labels("pull_requests:18"), labels("pull_requests:x")]


def test_a_value_with_a_blank_is_completed_in_quotes(site: Site) -> None:
    told(site, service="check out")

    [found] = site.vic.get("/completion", query="env:prod service:ch", cursor="19").json()["suggestions"]

    assert ('"check out"', 17, 19) == (found["text"], found["start"], found["end"])


def test_one_deployment_shows_its_fact_and_why_numbers_are_missing(site: Site) -> None:
    told(site, id="a/b c", fact='{"service":"checkout"}', commit_sha="", repository_id="")

    page = site.vic.page("/deployments/a%2Fb%20c")

    assert "It was reported without a commit." in page
    assert "&#34;service&#34;: &#34;checkout&#34;" in page
    assert "region:eu-west-1" in page


def test_a_decision_is_kept_with_the_name_of_whoever_made_it(site: Site) -> None:
    told(site, id="bad", finished_at=time.time_ns() - 3600 * NS_PER_S)
    told(site, id="good", finished_at=time.time_ns() - 1800 * NS_PER_S)

    answer = site.mia.post(
        "/deployments/bad", verdict="failed", remediation_id="good", remediation_type="rollforward"
    )

    assert "/deployments/bad?done=decided" == answer.headers["location"]
    bad = site.ledger.read(deployments.get, site.org_id, "bad")
    assert bad is not None
    assert (True, "good", 1800) == (
        bad.outcome.change_failure,
        bad.outcome.remediation_id,
        round((bad.outcome.recovery_time_ns or 0) / NS_PER_S),
    )
    assert "30 min" in site.vic.page("/deployments/bad")
    [noted] = site.ledger.read(audit.latest, site.org_id, limit=5)
    assert ("mia@example.com", "decided about deployment", "bad", "failed, rollforward by good") == (
        noted.actor,
        noted.action,
        noted.subject,
        noted.detail,
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Say whether it failed or is stable."),
        ({"verdict": "failed", "remediation_type": "prayer"}, "A repair is a rollback or a rollforward."),
        (
            {"verdict": "failed", "remediation_id": "d-002"},
            "Say whether that was a rollback or a rollforward.",
        ),
        (
            {"verdict": "failed", "remediation_id": "d-001", "remediation_type": "rollback"},
            "names the deployment that it should repair",
        ),
    ],
)
def test_a_decision_that_cannot_be_kept_is_said_to_be_so(
    site: Site, fields: dict[str, str], said: str
) -> None:
    told(site)

    answer = site.mia.post("/deployments/d-001", **fields)

    assert 400 == answer.status_code
    assert said in answer.text
    assert [] == site.ledger.read(audit.latest, site.org_id, limit=5)


def test_a_viewer_decides_nothing(site: Site) -> None:
    told(site)

    assert 403 == site.vic.post("/deployments/d-001", verdict="failed").status_code
    assert "Decide</button>" not in site.vic.page("/deployments/d-001")


def test_nothing_of_another_organisation_is_shown_or_changed(site: Site) -> None:
    told(site, id="secret", service="secret-service")

    for path in (PATH, "/parts/deployments/rows", "/parts/deployments/facets", "/export/deployments/json"):
        assert "secret" not in site.zoe.page(path)
    assert [] == site.zoe.get("/completion", query="service:secret").json()["suggestions"]
    assert 404 == site.zoe.get("/deployments/secret").status_code
    assert 404 == site.zoe.post("/deployments/secret", verdict="failed").status_code


@pytest.mark.parametrize(
    "path", [PATH, "/deployments/x", "/parts/deployments/rows", "/parts/deployments/facets"]
)
def test_a_name_that_looks_like_a_script_is_shown_as_text(site: Site, path: str) -> None:
    script = "<script>alert(1)</script>"
    texts: dict[str, Any] = {"service": script, "env": script, "team": script, "version": script}
    told(site, 1, id="x", tags=(f"a:{script}",), fact=json.dumps({"name": script}), **texts)

    page = site.vic.page(path)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_deployment_says_what_it_repaired(site: Site) -> None:
    now = time.time_ns()
    for id, ago_s in (("bad", 7200), ("worse", 5400), ("good", 3600)):
        fact = a_deployment(org_id=site.org_id, id=id, version=id, finished_at=now - ago_s * NS_PER_S)
        site.ledger.write(record_deployments, fact)
    for id in ("bad", "worse"):
        site.mia.post(
            f"/deployments/{id}", verdict="failed", remediation_id="good", remediation_type="rollforward"
        )
    site.mia.post("/deployments/worse", verdict="failed")

    assert 'It repaired <a href="/deployments/bad">checkout bad</a>.' in site.vic.page("/deployments/good")
    assert "It repaired" not in site.vic.page("/deployments/worse")
