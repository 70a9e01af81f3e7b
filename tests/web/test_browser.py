"""The pages in a browser: Chromium as the system has it, with a keyboard, at two widths, light and dark."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import TimeoutError as GaveUp

from fairlead.domain.instants import NS_PER_S
from fairlead.search.parse import parse
from fairlead.store import failures, gates
from fairlead.usecases.link_failures import links_of_failure
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.web.conftest import PASSWORD, House, Site
from tests.web.furnished import let_pass
from tests.web.windows import Window, flaws, opened, overflow, rest, turn_dark

PAGES = (
    "/",
    "/?by=team&range=30d",
    "/?query=service:nothing",
    "/deployments",
    "/deployments?query=service:(",
    "/deployments?query=service:nothing",
    "/deployments/FAILED",
    "/failures",
    "/failures/FAILURE",
    "/gates",
    "/gates/new",
    "/gates/GATE",
    "/gates/GATE/rules/new?kind=monitor",
    "/gates/GATE/rules/new?kind=faulty_deployment_detection",
    "/gates/GATE/rules/RULE",
    "/gates/GATE/backtest",
    "/gates/evaluations/DECIDED",
    "/services",
    "/services?by=team",
    "/services/one?name=checkout",
    "/connect",
    "/connect/keys",
    "/connect/webhooks",
    "/settings/rules",
    "/settings/members",
    "/settings/audit",
    "/deployments/nothing-here",
    "/nothing-here",
)


def named(site: House, path: str) -> str:
    """Put ids of the sample into an address."""
    page = failures.Page(where=parse("severity:High"), limit=1)
    failure = site.ledger.read(failures.find, site.org_id, page)[0].id
    failed = site.ledger.read(links_of_failure, site.org_id, failure)[0].deployment.id
    rule = site.ledger.read(gates.rules_of, site.org_id, site.things.gate)[0].id
    for name, id in (
        ("FAILED", failed),
        ("RULE", rule),
        ("FAILURE", failure),
        ("GATE", site.things.gate),
        ("DECIDED", site.things.decided),
    ):
        path = path.replace(name, id)
    return path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_at_both_widths_light_and_dark(
    browser: Browser, furnished_site: House, path: str
) -> None:
    window = opened(browser, furnished_site.ada.session, furnished_site.served.address, "wide", "light")
    page = window.go(named(furnished_site, path))
    expected = [] if "nothing-here" not in path else ["404"]
    try:
        assert 1 == page.locator("h1").count()
        assert [] == flaws(page)
        assert overflow(page) <= 0
        page.set_viewport_size({"width": 390, "height": 800})
        assert overflow(page) <= 0
        turn_dark(page)
        page.reload()
        rest(page)
        assert [] == flaws(page)
        assert overflow(page) <= 0
        assert [] == [text for text in window.complaints if not any(code in text for code in expected)]
        assert [] == window.elsewhere
    finally:
        page.context.close()


def test_somebody_signs_in_with_the_keyboard_alone(browser: Browser, furnished_site: House) -> None:
    window = opened(browser, "", furnished_site.served.address, "narrow", "dark")
    page = window.go("/failures")
    assert [] == flaws(page)

    if page.get_by_label("Organisation").count():
        page.get_by_label("Organisation").focus()
        page.keyboard.type(furnished_site.organisation)
        page.keyboard.press("Tab")
    else:
        page.get_by_label("E-mail").focus()
    page.keyboard.type("vic@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/failures")
    expect(page.get_by_role("heading", name="Failures")).to_be_visible()
    assert [] == window.complaints
    page.context.close()


def test_a_link_makes_a_member_in_the_browser(browser: Browser, empty_site: Site) -> None:
    window = opened(browser, "", empty_site.served.address, "wide", "dark")
    page = window.go(empty_site.link())
    assert [] == flaws(page)

    page.get_by_label("Your name").fill("Ben")
    page.get_by_label("E-mail address").fill("ben@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Come in").click()

    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.context.close()


def test_the_search_is_completed_and_sent_with_the_keyboard(ada: Window) -> None:
    page = ada.go("/deployments")

    page.keyboard.press("/")
    page.keyboard.type("servi")
    offered = page.get_by_role("listbox").get_by_role("option")
    expect(offered.first).to_have_text("service")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(offered.filter(has_text="checkout")).to_be_visible()
    page.keyboard.type("check")
    expect(offered).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("query=service%3Acheckout"))
    services = set(page.locator("#rows tbody .c-service").all_text_contents())
    assert {"checkout"} == {text.strip() for text in services}


def test_whoever_types_faster_than_suggestions_come_may_take_an_older_one(ada: Window) -> None:
    page = ada.go("/deployments")
    search = page.get_by_role("combobox", name="Search deployments")
    search.press_sequentially("serv")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_have_text("service")
    # Suggestions for what is typed from now on do not come.
    page.route("**/completion?*", lambda _asked: None)

    search.press_sequentially("i")
    search.press("ArrowDown")
    search.press("Enter")

    expect(search).to_have_value("service:")


def test_a_mistake_is_shown_while_it_is_written(ada: Window) -> None:
    page = ada.go("/deployments")

    page.get_by_role("combobox", name="Search deployments").fill("service:a +b")

    expect(page.locator("#search-complaint mark")).to_have_text("+")
    expect(page.locator("#search-complaint")).to_contain_text("marks nothing here")


def test_counts_narrow_the_list_down(ada: Window) -> None:
    page = ada.go("/deployments")

    page.locator(".facet").filter(has_text="Environment").get_by_role("link", name="staging").click()

    page.wait_for_url(re.compile("query=env%3Astaging"))
    assert {"staging"} == set(page.locator("#rows tbody .c-env").all_text_contents())


def test_rows_are_walked_and_opened_with_the_keyboard(ada: Window) -> None:
    page = ada.go("/deployments?query=env:prod")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator("#rows tbody tr").first.get_attribute("data-id")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/deployments/{first}")


def test_a_deployment_that_arrives_shows_up_by_itself(ada: Window, furnished_site: House) -> None:
    page = ada.go("/deployments")
    with page.expect_response(re.compile("/parts/deployments/rows")):
        pass

    fact = a_deployment(
        org_id=furnished_site.org_id,
        id="brand-new",
        service="brand-new",
        finished_at=time.time_ns() - NS_PER_S,
    )
    furnished_site.ledger.write(record_deployments, fact)

    expect(page.locator('#rows tr[data-id="brand-new"]')).to_be_visible()


def test_what_is_shown_can_be_taken_along(ada: Window) -> None:
    page = ada.go("/deployments?query=env:prod")
    shown = [row.get_attribute("data-id") for row in page.locator("#rows tbody tr").all()]

    page.get_by_text("Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").first.click()

    taken = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert shown == [row["id"] for row in taken]


def test_a_person_decides_with_the_keyboard_and_sees_why(ada: Window, furnished_site: House) -> None:
    page = ada.go(named(furnished_site, "/deployments/FAILED"))

    page.get_by_label("It is stable").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Decide").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your decision is kept.")).to_be_visible()
    why = page.locator(".tile").filter(has_text="Change failure").locator("summary")
    why.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("by hand")).to_be_visible()


@pytest.mark.parametrize("path", ["/deployments/FAILED", "/failures/FAILURE"])
def test_what_is_to_be_decided_is_in_sight_on_a_telephone(
    ada: Window, furnished_site: House, path: str
) -> None:
    ada.page.set_viewport_size({"width": 390, "height": 800})
    page = ada.go(named(furnished_site, path))

    for button in page.locator(".ties button").all():
        box = button.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    assert page.locator(".ties button").count() > 1


def test_a_failure_is_decided_where_it_is_looked_at(ada: Window, furnished_site: House) -> None:
    page = ada.go("/failures?query=severity:High")
    page.locator("tbody .row-link").first.click()
    page.wait_for_url(re.compile("/failures/[^?/]+$"))
    rest(page)

    page.get_by_role("button", name="Did not").first.click()

    expect(page.get_by_text("Your decision is kept.")).to_be_visible()
    expect(page.get_by_text("did not cause it")).to_be_visible()
    assert "/failures/" in page.url


def test_charts_are_drawn_and_lead_to_the_deployments_behind_a_point(ada: Window) -> None:
    page = ada.go("/?range=30d")
    plot = page.locator('[data-chart="frequency"][data-drawn]')
    expect(plot.locator("canvas")).to_be_visible()
    expect(page.locator(".plot[data-drawn] canvas")).to_have_count(page.locator(".plot").count())

    box = plot.locator("canvas").bounding_box()
    assert box is not None
    for place in range(30):
        # Wherever a day has deployments there is a bar above the axis. What it leads to is asked for at
        # once, however long it takes to come: who clicked again would click on that page.
        try:
            with page.expect_request(re.compile(r"/deployments\?"), timeout=1_000):
                page.mouse.click(
                    box["x"] + box["width"] * (0.2 + place * 0.025), box["y"] + box["height"] * 0.72
                )
        except GaveUp:
            continue
        break

    page.wait_for_url(re.compile(r"/deployments\?.*from="))
    expect(page.locator("#rows tbody tr")).not_to_have_count(0)


def test_a_page_is_painted_before_its_charts_are_begun(ada: Window) -> None:
    page = ada.go("/")
    page.wait_for_selector("[data-drawn=yes]")

    begins = """(of) => performance.getEntries().find((one) => one.name.includes(of)).startTime"""
    painted, begun = (page.evaluate(begins, of) for of in ("first-contentful-paint", "/vega"))

    assert painted <= begun


def test_the_overview_is_grouped_and_every_choice_stands_in_its_address(ada: Window) -> None:
    page = ada.go("/")

    page.locator("select[name=by]").select_option("service")
    page.locator("select[name=interval]").select_option("month")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile("by=service"))
    expect(page.get_by_role("heading", name="By service")).to_be_visible()
    assert "interval=month" in page.url
    page.get_by_label("Time range").select_option("365d")
    page.wait_for_url(re.compile("range=365d"))
    assert "by=service" in page.url
    page.locator(".groups .row-link").first.click()
    page.wait_for_url(re.compile("query=service"))


def test_days_of_ones_own_are_chosen(ada: Window) -> None:
    page = ada.go("/deployments")

    page.get_by_label("Time range").select_option(label="Days…")
    page.get_by_label("First day").fill("2025-01-01")
    page.get_by_label("Last day").fill("2025-01-31")
    page.get_by_role("button", name="Search").click()

    page.wait_for_url(re.compile("from=2025-01-01&to=2025-01-31"))
    expect(page.get_by_role("heading", name="No deployment in 2025-01-01 to 2025-01-31")).to_be_visible()


def test_light_and_dark_and_the_time_zone_are_a_choice(ada: Window) -> None:
    page = ada.go("/failures")

    page.locator(".me summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".me summary").click()
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    with page.expect_navigation():
        page.get_by_role("button", name="Use").click()

    page.locator("tbody .row-link").first.click()
    expect(page.locator(".head")).to_contain_text("JST")


def test_an_evaluation_is_followed_while_it_runs(ada: Window, furnished_site: House) -> None:
    page = ada.go(f"/gates/evaluations/{furnished_site.things.running}")
    expect(page.locator("h1")).to_contain_text("in progress")

    let_pass(furnished_site.ledger, furnished_site.org_id, furnished_site.things.running)

    expect(page.locator("h1 .pill")).to_have_text("pass")


def test_whoever_follows_the_page_sees_their_first_event_turn_green(newcomer: tuple[Window, Site]) -> None:
    window, site = newcomer
    page = window.go("/")
    page.get_by_role("link", name="Connect a pipeline").click()
    expect(page.get_by_text("Waiting for your first event…")).to_be_visible()
    page.get_by_label("What it is for").fill("laptop")
    page.get_by_role("button", name="Make an API key").click()
    page.locator("#snippet-curl").locator("..").get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "DD-API-KEY: flapi_" in copied
    assert site.served.address in copied

    fact = a_deployment(org_id=site.org_id, id="first", service="mine", finished_at=time.time_ns() - NS_PER_S)
    site.ledger.write(record_deployments, fact)

    expect(page.get_by_text("You are connected.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^mine")).click()
    page.wait_for_url("**/deployments/first")


def test_keys_webhooks_and_members_are_seen_to(newcomer: tuple[Window, Site]) -> None:
    window, _ = newcomer
    page = window.go("/connect/keys")
    page.get_by_label("What it is for").fill("badge")
    page.get_by_label("Access token").check()
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#new-key")).to_contain_text("fltok_")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke badge").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()

    window.go("/connect/webhooks")
    page.get_by_label("Who delivers").select_option("gitlab")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Set it up at GitLab")).to_be_visible()

    window.go("/settings/members")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#new-link")).to_contain_text("/welcome/flink_")
    page.get_by_label("Role of Vic").select_option("member")
    page.get_by_role("button", name="Change the role of Vic").click()
    expect(page.get_by_text("The role is changed")).to_be_visible()
    window.go("/settings/audit")
    expect(page.get_by_text("changed role")).to_be_visible()


def test_rules_are_tried_on_the_past_before_they_are_saved(ada: Window) -> None:
    page = ada.go("/settings/rules")

    page.get_by_label("A version that is put back").uncheck()
    page.get_by_role("button", name="Preview on the past").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.get_by_label("Repairs that name").fill("no variable")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("exactly one of $pr_title")
    # Chromium reports the refusal itself.
    assert all("400" in text for text in ada.complaints)
    ada.complaints.clear()
    page.get_by_label("Repairs that name").fill('Revert "$pr_title"')
    page.get_by_label("A version that is put back").check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("The rules are saved.")).to_be_visible()


def test_the_session_ends_where_somebody_signs_out(newcomer: tuple[Window, Site]) -> None:
    page = newcomer[0].go("/deployments")

    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
