"""Delivery metrics for Prometheus: what a scrape reads, for whom, and that nothing unknown is 0."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fairlead.domain.deployments import KnownDeployment, Outcome
from fairlead.domain.instants import NS_PER_S
from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.factories import a_deployment
from tests.measured import World, record
from tests.monitoring_programs import a_prometheus
from tests.servers import Served, served
from tests.waiting import became

PATH = "/metrics/delivery"
HOUR_NS = 3_600 * NS_PER_S
Sample = tuple[str, tuple[tuple[str, str], ...]]


@pytest.fixture(scope="session")
def exposing_server(shared_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that exposes delivery metrics."""
    place = str(tmp_path_factory.mktemp("data"))
    with served(shared_database, data_dir=place, expose_delivery=True) as running:
        yield running


@pytest.fixture
def exposing(exposing_server: Served, shared_ledger: Ledger) -> Cast:
    """Somebody whose three deployments of an hour ago are exposed."""
    cast = a_cast(exposing_server.http, shared_ledger)
    failed = Outcome(change_failure=True, recovery_time_ns=2 * HOUR_NS)
    told = [("shop", failed), ("shop", Outcome(change_failure=False)), ("cart", Outcome())]
    mine: dict[str, Any] = {"org_id": cast.ada.org_id, "finished_at": time.time_ns() - HOUR_NS}
    ones = [
        KnownDeployment(fact=a_deployment(service=service, commit_sha="", **mine), outcome=outcome)
        for service, outcome in told
    ]
    record(shared_ledger, World(deployments=ones, commits={}))
    return cast


def samples(cast: Cast, query: str = "") -> dict[Sample, float]:
    """Return what a scrape reads, as Prometheus's own library understands it."""
    answer = cast.ada.get(f"{PATH}{query}")
    assert 200 == answer.status_code, answer.text
    return {
        (sample.name.removeprefix("fairlead_delivery_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_every_service_has_a_gauge_for_what_is_known_of_it(exposing: Cast) -> None:
    shop, cart = (("service", "shop"),), (("service", "cart"),)

    assert {
        ("deployments", shop): 2,
        ("deployments", cart): 1,
        ("deployments_per_day", shop): pytest.approx(2 / 30),
        ("deployments_per_day", cart): pytest.approx(1 / 30),
        ("change_failure_ratio", shop): 0.5,
        ("change_failure_ratio", cart): 0,
        ("recovery_time_median_seconds", shop): 7_200,
        ("rework_ratio", shop): 0,
        ("rework_ratio", cart): 0,
        ("deployments_with_lead_time", shop): 0,
        ("deployments_with_lead_time", cart): 0,
    } == samples(exposing)


def test_a_scrape_may_choose_what_and_by_which_labels(exposing: Cast) -> None:
    found = samples(exposing, "?query=service:cart&group_by=env&days=1")

    assert 1 == found["deployments", (("env", "prod"),)]
    assert {(("env", "prod"),)} == {labels for _, labels in found}


@pytest.mark.parametrize("query", ["days=0", "days=x", "query=%28", "group_by=a,a"])
def test_a_scrape_that_cannot_be_answered_is_refused(exposing: Cast, query: str) -> None:
    assert 400 == exposing.ada.get(f"{PATH}?{query}").status_code


def test_a_scrape_needs_a_key_and_sees_its_own_organisation(exposing: Cast) -> None:
    assert 401 == exposing.nobody.get(PATH).status_code
    assert 401 == exposing.robot.get(PATH).status_code
    assert "shop" not in exposing.zoe.get(PATH).text


def test_nothing_is_exposed_unless_asked_for(cast: Cast) -> None:
    refused = cast.ada.get(PATH)

    assert 404 == refused.status_code
    assert "FAIRLEAD_EXPOSE_DELIVERY" in refused.text


def test_prometheus_itself_scrapes_it(exposing: Cast, tmp_path: Path) -> None:
    host = str(exposing.ada.http.base_url.netloc, "ascii")
    token = exposing.tom.headers["Authorization"]
    job = (
        f"{{job_name: delivery, metrics_path: {PATH}, static_configs: [{{targets: ['{host}']}}], "
        f"authorization: {{type: Bearer, credentials: '{token.removeprefix('Bearer ')}'}}}}"
    )
    with a_prometheus(tmp_path / "prometheus", targets=[], jobs=[job]) as prometheus:

        def ratio() -> Any:
            told = {"query": 'fairlead_delivery_change_failure_ratio{service="shop"}'}
            answer = httpx.get(f"{prometheus.address}/api/v1/query", params=told, trust_env=False)
            return [float(one["value"][1]) for one in answer.json()["data"]["result"]]

        assert became(lambda: ratio() == [0.5], 30)
