import time
from typing import Any

from fairlead.domain.flag_changes import WholeFlag
from fairlead.domain.flag_events import Member
from fairlead.domain.flags import Environment, Flag, Project
from fairlead.domain.instants import NS_PER_S
from fairlead.usecases.change_flags import NewFlag, create_flags
from fairlead.usecases.keep_projects import ProjectFound, create_projects
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.web.conftest import Site

DAY_NS = 86_400 * NS_PER_S


def told(site: Site, **changes: Any) -> None:
    mine = {"org_id": site.org_id, "finished_at": time.time_ns() - DAY_NS, "commit_sha": ""}
    site.ledger.write(record_deployments, a_deployment(**(mine | changes)))


def test_services_stand_side_by_side_with_their_owners_and_gaps(site: Site) -> None:
    told(site, service="shop", team="red")
    told(site, service="shop", team="red")
    told(site, service="cart", team="blue")

    page = site.vic.page("/services")

    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    assert ['href="/services/one?name=shop">shop', 'href="/services/one?name=cart">cart'] == [
        row.partition('row-link" ')[2].partition("</a>")[0] for row in rows
    ]
    assert "<td>red</td>" in rows[0]
    assert '<td class="right">2</td>' in rows[0]
    assert '<a href="/services/one?name=shop#missing">1 thing</a>' in rows[0]


def test_teams_stand_side_by_side_and_lead_to_their_overview(site: Site) -> None:
    told(site, service="shop", team="red team")

    page = site.vic.page("/services", by="team", query="env:prod")

    assert 'href="/?query=env%3Aprod+team%3A%22red+team%22">red team</a>' in page
    assert "Owner" not in page


def test_a_search_narrows_them_down_and_a_mistake_is_shown(site: Site) -> None:
    told(site, service="shop", env="prod")
    told(site, service="cart", env="dev")

    assert ">cart</a>" not in site.vic.page("/services", query="env:prod")
    assert "This search cannot be read" in site.vic.page("/services", query="(")


def test_one_service_says_how_it_delivers_and_what_repairs_each_gap(site: Site) -> None:
    told(site, service="shop", team="red")

    page = site.vic.page("/services/one", name="shop")

    assert "Owned by <a href" in page
    assert "Change lead time</strong>: 1 of 1 deployments, told without a commit" in page
    assert "datadog-ci dora deployment --service shop" in page
    assert "The catalogue does not know this service" in page
    assert 'href="/deployments?query=service%3Ashop+change_failure%3Atrue"' in page


def test_a_flag_that_nothing_has_moved_for_long_is_stale(site: Site) -> None:
    long_ago = time.time_ns() - 100 * DAY_NS
    when: dict[str, Any] = {"created_at": long_ago, "updated_at": long_ago}
    mine: dict[str, Any] = {"org_id": site.org_id, "project_key": "web"}
    project = Project(org_id=site.org_id, key="web", name="Web", **when)
    production = Environment(**mine, key="production", name="Production", **when)
    site.ledger.write(create_projects, ProjectFound(project=project, environments=(production,)))
    for key, temporary in (("old-checkout", True), ("kill-switch", False)):
        flag = Flag(**mine, key=key, name=key, temporary=temporary, **when)
        site.ledger.write(create_flags, NewFlag(whole=WholeFlag(flag=flag, settings={}), by=Member()))

    page = site.vic.page("/services")

    assert "<strong>old-checkout</strong>" in page
    assert "no repository that was scanned" in page
    assert "kill-switch" not in page


def test_nothing_yet_says_what_to_do(site: Site) -> None:
    assert "Connect a pipeline" in site.vic.page("/services")
    assert "No flag is stale" in site.vic.page("/services")


def test_another_organisations_services_are_not_there(site: Site) -> None:
    told(site, service="shop")

    assert 404 == site.zoe.get("/services/one", name="shop").status_code
    assert ">shop</a>" not in site.zoe.page("/services")


def test_names_are_shown_as_text(site: Site) -> None:
    told(site, service="<script>alert(1)</script>", team="<b>x</b>")

    for page in (
        site.vic.page("/services"),
        site.vic.page("/services/one", name="<script>alert(1)</script>"),
    ):
        assert "<script>alert" not in page
        assert "<b>x</b>" not in page
