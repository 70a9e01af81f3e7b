"""Makes the pictures of every page in `docs/screenshots/`: `make screenshots`.

Each page at 1280 pixels, light; those that look most unlike themselves also at 390 pixels, dark.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from fairlead.domain.access import Organisation, organisation_id
from fairlead.domain.members import Role
from fairlead.intake.sessions import COOKIE
from fairlead.search.parse import parse
from fairlead.store import failures, gates, schema
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_organisation import create_organisations
from fairlead.usecases.do_work import do_work
from fairlead.usecases.find_deployments import Page as Wanted
from fairlead.usecases.find_deployments import find_deployments
from tests.servers import served
from tests.web.conftest import Visitor, a_visitor
from tests.web.furnished import furnish

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST_BYTES = 300_000
WIDE, NARROW = (1280, 860), (390, 844)
NAME = "shopist"
_LINKED_WITHIN_S = 120


def main() -> None:
    """Make all pictures; fails where one is too large."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/fairlead.db"
        ledger = Ledger(database)
        schema.migrate(ledger.engine)
        org_id = organisation_id(NAME)
        ledger.write(
            create_organisations, Organisation(org_id=org_id, name=NAME, rate_limit="", created_at=1)
        )
        things = furnish(ledger, org_id, time.time_ns())
        failed = ledger.read(
            find_deployments, org_id, Wanted(where=parse("change_failure:true number_of_commits:*"), limit=1)
        )
        failure = ledger.read(failures.find, org_id, failures.Page(where=parse("severity:High"), limit=1))
        rule = ledger.read(gates.rules_of, org_id, things.gate)[0]
        with served(database, data_dir=folder) as running, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            ada = a_visitor(running, ledger, org_id, "ada", Role.ADMIN)

            until_s = time.monotonic() + _LINKED_WITHIN_S
            while time.monotonic() < until_s and do_work(ledger, time.time_ns()):
                pass
            latest = ledger.read(
                find_deployments, org_id, Wanted(where=parse("env:prod number_of_pull_requests:>0"), limit=1)
            )
            one = (failed or latest)[0].fact.id
            pages = {
                "overview": "/?query=env:prod",
                "overview-by-team": "/?query=env:prod&by=team",
                "deployments": "/deployments?query=env:prod",
                "deployment": f"/deployments/{latest[0].fact.id if latest else one}",
                "failures": "/failures?range=30d",
                "failure": f"/failures/{failure[0].id}",
                "gates": "/gates",
                "gate": f"/gates/{things.gate}",
                "gate-new": "/gates/new",
                "gate-rule": f"/gates/{things.gate}/rules/{rule.id}",
                "backtest": f"/gates/{things.gate}/backtest",
                "evaluation": f"/gates/evaluations/{things.decided}",
                "services": "/services?query=env:prod",
                "service": "/services/one?name=notifications",
                "teams": "/services?by=team&query=env:prod",
                "connect": "/connect",
                "keys": "/connect/keys",
                "webhooks": "/connect/webhooks",
                "rules": "/settings/rules",
                "members": "/settings/members",
                "audit": "/settings/audit",
                "sign-in": "/sign-in",
            }
            for name, path in pages.items():
                where = f"{running.address}{path}"
                _picture(browser, where, None if name == "sign-in" else ada, name, WIDE)
                if name in {"overview", "deployments", "deployment", "failure", "gate-rule", "evaluation"}:
                    _picture(browser, where, ada, f"{name}-narrow", NARROW)
            browser.close()
        ledger.close()
    too_large = [one.name for one in FOLDER.glob("*.png") if one.stat().st_size > LARGEST_BYTES]
    if too_large:
        sys.exit(f"larger than {LARGEST_BYTES} bytes: {', '.join(too_large)}")


def _picture(
    browser: Browser, address: str, visitor: Visitor | None, name: str, size: tuple[int, int]
) -> None:
    """Take the picture `name` of the page at `address`."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if size == NARROW else "light"
    )
    if visitor is not None:
        context.add_cookies([{"name": COOKIE, "value": visitor.session, "url": address}])
    page: Page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if page.locator(".plot").count():
        page.locator(".plot[data-drawn]").last.wait_for()
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
