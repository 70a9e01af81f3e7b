from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.web.conftest import Site

PATH = "/api/fairlead/v1/deployments/d-1"
COMMITS = "/api/fairlead/v1/repositories/github.com%2Fshopist%2Fcheckout/commits"


def test_a_signed_in_browser_may_ask_our_own_api(site: Site) -> None:
    site.ledger.write(record_deployments, a_deployment(org_id=site.org_id, id="d-1"))

    assert "checkout" == site.vic.get(PATH).json()["service"]
    assert 404 == site.zoe.get(PATH).status_code
    assert 401 == site.stranger.get(PATH).status_code


def test_what_a_role_does_not_allow_is_refused_there_too(site: Site) -> None:
    told: dict[str, list[str]] = {"commits": []}

    assert 403 == site.vic.send("POST", COMMITS, json=told).status_code
    assert 403 != site.mia.send("POST", COMMITS, json=told).status_code


def test_a_page_of_another_server_cannot_make_a_browser_change_something(site: Site) -> None:
    foreign = {"Origin": "https://evil.example"}

    assert 403 == site.ada.send("POST", COMMITS, json={"commits": []}, headers=foreign).status_code


def test_a_wrong_key_is_not_mended_by_a_session(site: Site) -> None:
    site.ledger.write(record_deployments, a_deployment(org_id=site.org_id, id="d-1"))

    answer = site.ada.send("GET", PATH, headers={"Authorization": "Bearer nobody's"})

    assert 401 == answer.status_code
