"""Gates and rules made, changed and deleted in Chromium with the keyboard alone."""

import re

from playwright.sync_api import Locator, Page, expect

from fairlead.store import audit, gates
from tests.web.conftest import House, Site
from tests.web.windows import Window, flaws, overflow


def pressed(page: Page, what: Locator, key: str = "Enter") -> None:
    """Come to something with the keyboard, and press a key."""
    what.focus()
    page.keyboard.press(key)


def field(page: Page, label: str) -> Locator:
    """Return the field whose label begins so; a hint may follow."""
    return page.get_by_role("textbox", name=re.compile(f"^{label}"))


def typed(page: Page, label: str, text: str) -> None:
    field(page, label).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_gate_with_both_kinds_of_rule_is_made_on_a_telephone(newcomer: tuple[Window, Site]) -> None:
    window, site = newcomer
    page = window.go("/gates")
    pressed(page, page.get_by_role("link", name="New gate"))
    typed(page, "Service", "shop")
    typed(page, "Environment", "prod")
    pressed(page, page.get_by_label("Dry run"), "Space")
    pressed(page, page.get_by_role("button", name="Make it"))
    expect(page.get_by_text("The gate is made.")).to_be_visible()
    pressed(page, page.get_by_role("link", name="Add a monitor rule"))
    typed(page, "Name", "Alerts")
    typed(page, "Monitors found by a search", "service:(")
    page.keyboard.press("Enter")
    # Where something is wrong the page says so there, and the cursor is there already.
    expect(field(page, "Monitors found by a search")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("cannot be read")
    assert ([], 0) == (flaws(page), max(0, overflow(page)))
    assert all("400" in text for text in window.complaints)
    window.complaints.clear()
    page.keyboard.press("Control+A")
    page.keyboard.type("service:shop")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The rule is added.")).to_be_visible()
    pressed(page, page.get_by_role("link", name="Add faulty deployment detection"))
    typed(page, "Name", "Errors")
    typed(page, "Only these resources", "GET /pay")
    pressed(page, page.get_by_role("button", name="Add it"))

    expect(page.get_by_text("only GET /pay")).to_be_visible()
    expect(page.get_by_text("monitors that match service:shop")).to_be_visible()
    assert ([], 0) == (flaws(page), max(0, overflow(page)))
    assert 3 == len(site.ledger.read(audit.latest, site.org_id, limit=9))


def test_a_gate_and_its_rules_are_changed_and_deleted(ada: Window, furnished_site: House) -> None:
    gate = furnished_site.ledger.read(gates.get, furnished_site.org_id, furnished_site.things.gate)
    assert gate is not None
    page = ada.go("/gates/new")
    typed(page, "Service", gate.service)
    typed(page, "Environment", gate.env)
    typed(page, "Identifier", gate.identifier)
    page.keyboard.press("Enter")
    expect(field(page, "Identifier")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("already")
    assert all("409" in text for text in ada.complaints)
    ada.complaints.clear()
    typed(page, "Identifier", "short-lived")
    page.keyboard.press("Enter")
    pressed(page, page.get_by_role("link", name="Add a monitor rule"))
    typed(page, "Name", "Alerts")
    typed(page, "Or monitors by their numbers", "12")
    pressed(page, page.get_by_role("button", name="Add it"))
    pressed(page, page.get_by_role("link", name="Alerts"))
    typed(page, "Watch for, in seconds", "600")
    page.keyboard.press("Enter")
    expect(page.get_by_text("monitors 12; for 10 min")).to_be_visible()
    pressed(page, page.get_by_label("Dry run"), "Space")
    pressed(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("The gate is changed")).to_be_visible()
    pressed(page, page.get_by_role("link", name="Alerts"))

    page.on("dialog", lambda dialog: dialog.accept())
    pressed(page, page.get_by_role("button", name="Delete this rule"))
    expect(page.get_by_text("The rule is deleted.")).to_be_visible()
    pressed(page, page.get_by_role("button", name="Delete this gate"))

    page.wait_for_url(re.compile("/gates\\?done=deleted"))
    expect(page.get_by_text("The gate is deleted.")).to_be_visible()
    expect(page.get_by_text("short-lived")).to_have_count(0)
