"""A page in a real browser, and what is wrong with it. Not here: which servers there are to look at."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from fairlead.intake.sessions import COOKIE

AXE = Path(__file__).parent.parent / "clients" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {"wide": (1280, 800), "narrow": (390, 800)}

_AT_REST = """() => document.readyState === "complete"
  && [...document.querySelectorAll(".plot[data-chart]")].every((one) => one.dataset.drawn)
  && [...document.querySelectorAll(".facets-body")].every((one) => one.dataset.ready)"""


@dataclass
class Window:
    """A page in a browser of somebody, and everything it complained about or asked for elsewhere."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Go to a page of the server, and wait until it is at rest."""
        self.page.goto(f"{self.address}{path}")
        rest(self.page)
        return self.page


def opened(browser: Browser, session: str, address: str, width: str, theme: str) -> Window:
    """Open a window for somebody; without a session for a stranger."""
    w, h = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": w, "height": h},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="Europe/Berlin",
        permissions=["clipboard-read", "clipboard-write"],
    )
    if session:
        context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    window = Window(context.new_page(), address)
    window.page.set_default_timeout(20_000)
    window.page.on(
        "console",
        lambda said: window.complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    host = urlsplit(address).netloc
    window.page.on(
        "request",
        lambda asked: (
            window.elsewhere.append(asked.url) if urlsplit(asked.url).netloc not in ("", host) else None
        ),
    )
    return window


def rest(page: Page) -> None:
    """Wait until all of a page is there: what it came with, its charts, and counts that are fetched."""
    page.wait_for_function(_AT_REST)


def turn_dark(page: Page) -> None:
    """Let the browser be dark, and wait until a page has drawn its charts anew."""
    page.evaluate("for (const one of document.querySelectorAll('.plot')) delete one.dataset.drawn")
    page.emulate_media(color_scheme="dark")
    rest(page)


def flaws(page: Page) -> list[str]:
    """What axe finds that is serious."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes']][:3]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width
