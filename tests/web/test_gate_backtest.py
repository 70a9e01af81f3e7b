import time
from uuid import uuid4

from fairlead.domain.gates import GateId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.sample_gates import sample_gates
from fairlead.usecases.load_sample_gates import load_sample_gates
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.web.conftest import Site


def a_gate(site: Site) -> GateId:
    sample = sample_gates(site.org_id, time.time_ns())
    site.ledger.write(load_sample_gates, sample)
    return sample.gate.id


def test_a_gate_is_tried_on_what_was_deployed(site: Site) -> None:
    gate = a_gate(site)
    ended = time.time_ns() - 3_600 * NS_PER_S
    site.ledger.write(
        record_deployments,
        a_deployment(
            org_id=site.org_id, id="d/1", service="checkout", env="prod", version="9.9", finished_at=ended
        ),
    )

    page = site.vic.page(f"/gates/{gate}/backtest", last="50")

    assert "the last 50 deployments of checkout to prod" in page
    assert 'href="/deployments/d%2F1">9.9</a>' in page
    assert f'href="/gates/{gate}/backtest"' in site.vic.page(f"/gates/{gate}")


def test_where_nothing_was_deployed_it_says_so(site: Site) -> None:
    assert "Nothing to try it on" in site.vic.page(f"/gates/{a_gate(site)}/backtest")


def test_another_organisations_gate_is_not_there(site: Site) -> None:
    assert 404 == site.zoe.get(f"/gates/{a_gate(site)}/backtest").status_code
    assert 404 == site.vic.get(f"/gates/{uuid4()}/backtest").status_code
