import json
import time
from typing import Any

import pytest

from fairlead.domain.access import SECRET_BYTES, KeyKind, OrgId, Permission
from fairlead.domain.instants import NS_PER_S
from fairlead.usecases.create_key import KeyWanted, create_keys
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.web.conftest import Site

DAY_NS = 86_400 * NS_PER_S
METRICS = (
    "deployment_frequency",
    "change_lead_time",
    "change_failure_rate",
    "recovery_time",
    "rework_rate",
    "time_to_restore",
)


def told(site: Site, number: int, **changes: Any) -> None:
    now = time.time_ns()
    for place in range(number):
        fact = a_deployment(
            **{"org_id": site.org_id, "finished_at": now - place * DAY_NS - NS_PER_S, "commit_sha": ""}
            | changes,
        )
        site.ledger.write(record_deployments, fact)


def token(site: Site, *permissions: Permission, org_id: OrgId | None = None) -> str:
    wanted = KeyWanted(
        org_id=org_id or site.org_id,
        kind=KeyKind.ACCESS_TOKEN,
        name="badge",
        permissions=frozenset(permissions),
        secret=time.time_ns().to_bytes(SECRET_BYTES, "big"),
        chance=time.time_ns().to_bytes(10, "big"),
        at=time.time_ns(),
    )
    made: str = site.ledger.write(create_keys, wanted).text
    return made


def test_an_empty_overview_says_what_to_do(site: Site) -> None:
    assert "Connect a pipeline" in site.vic.page("/")
    assert "No deployment fits this search" in site.vic.page("/", query="service:x")


def test_tiles_say_each_metric_and_lead_to_the_deployments_behind_it(site: Site) -> None:
    told(site, 3)
    told(site, 1, id="bad")
    site.mia.post("/deployments/bad", verdict="failed")

    page = site.vic.page("/", query="env:prod", range="30d")

    assert all(f'id="tile-{name}"' in page for name in METRICS)
    assert "1 of 4 failed" in page
    assert "25 %" in page
    assert 'href="/deployments?query=env%3Aprod+change_failure%3Atrue&amp;range=30d"' in page
    assert "lead_time_reason%3Ano_git" in page
    assert "100 % no git" in page


def test_what_the_charts_are_made_of_is_in_the_page(site: Site) -> None:
    told(site, 3)

    page = site.vic.page("/", range="7d")
    text = page.partition('id="charts"')[2].partition(">")[2].partition("</script>")[0]
    values = json.loads(text)["frequency"]["data"]["values"]

    assert 3 == sum(value["value"] for value in values)
    assert values[-1]["address"].startswith("/deployments?from=")


def test_groups_are_compared_and_lead_further(site: Site) -> None:
    told(site, 2)
    told(site, 1, service="cart")

    page = site.vic.page("/", by="service")

    assert "By service" in page
    assert 'href="/?query=service%3Acart"' in page
    assert site.vic.page("/", by="region").count("eu-west-1") > 0


def test_the_keys_of_tags_are_offered_to_group_by(site: Site) -> None:
    told(site, 1, tags=("tier:1", "urgent", "a b:c", "service:x"))
    told(site, 1, tags=("stage:eu",), service="cart")

    page = site.vic.page("/")

    offered = page.partition('<optgroup label="Tags">')[2].partition("</optgroup>")[0]
    assert "<option>stage</option><option>tier</option><option>urgent</option>" == offered
    assert "<option selected>tier</option>" in site.vic.page("/", by="tier")
    assert "tier" not in site.zoe.page("/")


def test_a_key_of_very_many_values_is_not_offered_and_hides_no_other(site: Site) -> None:
    for start in range(0, 240, 60):
        told(site, 1, tags=tuple(f"build:{n}" for n in range(start, start + 60)), id=f"d-{start}")
    told(site, 1, tags=("aisle:1", "zone:b"))

    page = site.vic.page("/")

    assert '<optgroup label="Tags"><option>aisle</option><option>zone</option></optgroup>' in page


@pytest.mark.parametrize(
    "params",
    [{"interval": "hour"}, {"range": "1y"}, {"by": "x" * 300}, {"interval": "day", "from": "2001-01-01"}],
)
def test_what_cannot_be_asked_is_refused(site: Site, params: dict[str, str]) -> None:
    assert 400 == site.vic.get("/", **params).status_code


def test_a_mistake_in_the_search_is_marked(site: Site) -> None:
    assert "<mark>(</mark>" in site.vic.page("/", query="(a")


def test_nothing_in_the_page_can_end_the_element_that_holds_the_data(site: Site) -> None:
    told(site, 1, service="</script><script>alert(1)</script>")

    page = site.vic.page("/", by="service")

    assert "<script>alert" not in page
    assert "\\u003cscript" in page


def test_a_chart_can_be_had_as_a_picture(site: Site) -> None:
    told(site, 3)

    answer = site.vic.get("/charts/frequency.png", range="30d")

    assert (200, "image/png") == (answer.status_code, answer.headers["content-type"])
    assert answer.content.startswith(b"\x89PNG")
    assert 404 == site.vic.get("/charts/nothing.png").status_code
    assert 303 == site.stranger.get("/charts/frequency.png").status_code


def test_the_chart_library_is_served_from_here(site: Site) -> None:
    told(site, 1)
    address = site.vic.page("/").partition('data-library="')[2].partition('"')[0]

    answer = site.stranger.get(address)

    assert "vegaEmbed" in answer.text
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) > 500_000
    assert 404 == site.stranger.get("/charts/0.0.1/vega.js").status_code


@pytest.mark.parametrize("metric", METRICS)
def test_a_badge_says_a_metric_to_whoever_has_a_token_that_may_read(site: Site, metric: str) -> None:
    told(site, 2)
    may_read = token(site, Permission.DORA_METRICS_READ)

    answer = site.stranger.get(f"/badge/{metric}.svg", query="service:checkout", token=may_read)

    assert (200, "image/svg+xml") == (answer.status_code, answer.headers["content-type"])
    assert metric.replace("_", " ") in answer.text


def test_a_badge_counts_what_its_search_finds(site: Site) -> None:
    told(site, 2)

    def said(query: str) -> str:
        text = site.vic.get("/badge/deployment_frequency.svg", query=query, range="7d").text
        return text.partition("<title>")[2].partition("</title>")[0]

    assert "deployment frequency: 2 a week" == said("service:checkout")
    assert "deployment frequency: —" == said("service:cart")


def test_a_badge_is_refused_to_everybody_else(site: Site) -> None:
    path = "/badge/change_lead_time.svg"
    may_not_read = token(site, Permission.INSIGHTS_WRITE)

    assert 303 == site.stranger.get(path).status_code
    assert 403 == site.stranger.get(path, token="fltok_nobody").status_code
    assert 403 == site.stranger.get(path, token=may_not_read).status_code
    assert 404 == site.vic.get("/badge/happiness.svg").status_code
    assert 400 == site.vic.get(path, query="(").status_code
    assert 400 == site.vic.get(path, range="1y").status_code


def test_numbers_of_another_organisation_are_never_shown(site: Site) -> None:
    told(site, 2, service="secret")

    assert "secret" not in site.zoe.page("/", by="service")
    theirs = token(site, Permission.DORA_METRICS_READ, org_id=site.zoe.member.org_id)
    text = site.stranger.get("/badge/deployment_frequency.svg", token=theirs).text
    assert "deployment frequency: —" in text
