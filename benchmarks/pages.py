"""How fast pages are, looked at in the system's Chromium, over a million deployments of a year.

    python -m benchmarks.pages [--engine postgresql] [--rows 1000000]

Each page is opened right after the server has started ("first"), and then again and again. The
yardstick beside every first paint is the server's own answer, to its first byte, and beside every
interaction what the server's processes worked, as other programs may run meanwhile; what a page weighs is
what travels to a browser that has seen nothing, without the chart library, which it keeps for ever.
Ends with 1 if a promise is not kept. Not here: the deployments (`pages_loaded.py`).
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.pages_loaded import loaded
from fairlead.domain.members import Role
from fairlead.intake.sessions import COOKIE
from fairlead.search.tree import Everything
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_deployments import Page as Wanted
from fairlead.usecases.find_deployments import find_deployments
from tests.databases import a_postgresql
from tests.programs import Program, Server
from tests.web.conftest import a_session

PAINT_MS: Final = 1_000.0
INTERACTION_MS: Final = 300.0
WEIGHT_KB: Final = 500.0
PATIENCE_MS: Final = 60_000
"""What is not there by then does not come."""
_LOOK: Final = """async (patience) => {
  const frame = () => new Promise(requestAnimationFrame);
  const all = (what) => [...document.querySelectorAll(what)];
  const paint = () => performance.getEntriesByName('first-contentful-paint')[0];
  const parts = {
    paint: () => paint() && document.readyState === 'complete',
    charts: () => all('.plot[data-chart]').every((one) => one.dataset.drawn),
    facets: () => all('.facets-body').every((one) => one.dataset.ready),
  };
  for (const [name, isThere] of Object.entries(parts))
    while (!isThere()) {
      if (performance.now() > patience) throw new Error(`no ${name} on ${location.href}`);
      await frame();
    }
  const complete = performance.now();
  const shown = performance.getEntriesByType('navigation')[0];
  const others = performance.getEntriesByType('resource').filter((one) => !one.name.includes('/vega'));
  const bytes = [shown, ...others].reduce((sum, one) => sum + one.transferSize, 0);
  return {
    answer: shown.responseStart - shown.requestStart, paint: paint().startTime, kb: bytes / 1000, complete,
    since: performance.timeOrigin + paint().startTime - Number(sessionStorage.getItem('began')),
  };
}"""
"""Waits until all of a page is there."""
_NOW: Final = "sessionStorage.setItem('began', performance.timeOrigin + performance.now())"


@dataclass
class Figures:
    """What was measured of one page, in milliseconds and kilobytes."""

    first_answer: float = 0
    first_paint: float = 0
    kb: float = 0
    answers: list[float] = field(default_factory=list)
    paints: list[float] = field(default_factory=list)
    completes: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class House:
    """An organisation, and the way to start a server for it and to look at it."""

    program: Program
    browser: Browser
    session: str
    runs: int

    @contextmanager
    def window(self, server: Server) -> Iterator[Page]:
        """Open a window of a browser that has seen nothing yet."""
        context: BrowserContext = self.browser.new_context(viewport={"width": 1280, "height": 860})
        context.add_cookies([{"name": COOKIE, "value": self.session, "url": server.address}])
        try:
            yield context.new_page()
        finally:
            context.close()


def main() -> int:
    """Load, look and compare."""
    options = _options()
    print(
        f"{options.engine}, {options.rows:,} deployments in a year, {options.runs} runs of each", flush=True
    )
    with ExitStack() as stack:
        house, one = _house(options, stack)
        pages = {
            "overview": "/",
            "deployments": "/deployments",
            "one deployment": f"/deployments/{one}",
            "services": "/services",
        }
        print(
            f"{'(ms)':<36}{'first answer':>13}{'paint':>8}{'answer':>8}{'paint':>8}{'all there':>11}{'kB':>7}"
        )
        kept = [_tell_look(name, _look(house, path)) for name, path in pages.items()]
        with house.program.server("serve") as server:
            server.get("/readyz").raise_for_status()
            heads = f"{'first':>13}{'median':>8}{'max':>8}{'CPU first':>10}{'CPU':>8}"
            print(f"{'action, to the paint of its result':<36}{heads}")
            kept += [_tell_act(name, _act(house, server, *what)) for name, what in _actions().items()]
    print(
        f"promised, also at first: painted within {PAINT_MS:.0f} ms, acted within {INTERACTION_MS:.0f} ms,"
        f" {WEIGHT_KB:.0f} kB: {'kept' if all(kept) else 'NOT KEPT'}"
    )
    return 0 if all(kept) else 1


def _look(house: House, path: str) -> Figures:
    """Open a page right after the start of a server, and then some more times."""
    found = Figures()
    with house.program.server("serve") as server:
        server.get("/readyz").raise_for_status()
        with house.window(server) as page:
            first = _opened(page, f"{server.address}{path}")
            found.first_answer, found.first_paint, found.kb = first["answer"], first["paint"], first["kb"]
            for _ in range(house.runs):
                again = _opened(page, f"{server.address}{path}")
                found.answers.append(again["answer"])
                found.paints.append(again["paint"])
                found.completes.append(again["complete"])
    return found


def _opened(page: Page, address: str) -> dict[str, float]:
    page.goto(address, wait_until="commit")
    return _painted(page)


def _painted(page: Page) -> dict[str, float]:
    """Return the figures of the page that is being opened, once all of it is there."""
    figures: dict[str, float] = page.evaluate(_LOOK, PATIENCE_MS)
    return figures


Action = tuple[str, str, bool]
"""The page, what a person does there as a script, and whether that leads to another page."""


def _actions() -> dict[str, Action]:
    submit = "document.querySelector('form[data-completes]').requestSubmit()"
    choose = "(name, value) => { document.querySelector(`select[name=${name}]`).value = value; }"
    return {
        "overview: another range": ("/", f"({choose})('range', '30d'); {submit}", True),
        "overview: a year": ("/", f"({choose})('range', '365d'); {submit}", True),
        "overview: by service": ("/", f"({choose})('by', 'service'); {submit}", True),
        "overview: search": ("/", f"{_typed('env:prod service:checkout')}; {submit}", True),
        "overview: search, by team, a year": (
            "/?range=365d",
            f"{_typed('region:eu')}; ({choose})('by', 'team'); {submit}",
            True,
        ),
        "deployments: search": ("/deployments", f"{_typed('service:ledger env:prod')}; {submit}", True),
        "deployments: search a word": ("/deployments", f"{_typed('ranking')}; {submit}", True),
        "deployments: a facet": ("/deployments", "document.querySelector('.facet a').click()", True),
        "deployments: page on": (
            "/deployments",
            "document.querySelector('.pages a[rel=next]').click()",
            True,
        ),
        "deployments: open one": ("/deployments", "document.querySelector('#rows tbody a').click()", True),
        "deployments: completion": ("/deployments", _typed("service:che"), False),
        "services: teams": ("/services", "document.querySelector('.tabs a:last-child').click()", True),
        "services: search": ("/services", f"{_typed('env:prod')}; {submit}", True),
        "services: open one": ("/services", "document.querySelector('td .row-link').click()", True),
    }


def _typed(text: str) -> str:
    return (
        "(() => { const bar = document.querySelector('input[name=query]'); bar.focus();"
        f" bar.value = '{text}'; bar.dispatchEvent(new Event('input')); }})()"
    )


class Acted(NamedTuple):
    """What was measured of an interaction, in milliseconds; the first is what nobody has asked for yet."""

    took: list[float]
    """From what a person does to the first paint of what comes of it."""
    server_cpu: list[float]
    """What the processes of the server worked meanwhile, and until all of it was there."""


def _act(house: House, server: Server, path: str, script: str, leads_on: bool) -> Acted:  # noqa: FBT001 — of a table
    found = Acted([], [])
    with house.window(server) as page:
        for _ in range(house.runs + 1):
            _opened(page, f"{server.address}{path}")
            before = _cpu_ms(server)
            if leads_on:
                with page.expect_navigation(wait_until="commit"):
                    page.evaluate(f"() => {{ {_NOW}; {script}; }}")
                found.took.append(_painted(page)["since"])
            else:
                page.evaluate(f"() => {{ {_NOW}; {script}; }}")
                page.wait_for_selector("#completions li", state="visible")
                found.took.append(page.evaluate(f"performance.timeOrigin + performance.now() - {_BEGAN}"))
            found.server_cpu.append(_cpu_ms(server) - before)
    return found


def _cpu_ms(server: Server) -> float:
    one = psutil.Process(server.process.pid)
    times = [process.cpu_times() for process in (one, *one.children(recursive=True))]
    return 1000 * sum(spent.user + spent.system for spent in times)


_BEGAN: Final = "Number(sessionStorage.getItem('began'))"


def _tell_look(name: str, one: Figures) -> bool:
    paint, everything = median(one.paints), median(one.completes)
    first = f"{one.first_answer:>13.0f}{one.first_paint:>8.0f}"
    print(
        f"{name:<36}{first}{median(one.answers):>8.0f}{paint:>8.0f}{everything:>11.0f}{one.kb:>7.0f}",
        flush=True,
    )
    return max(one.first_paint, paint) < PAINT_MS and one.kb < WEIGHT_KB


def _tell_act(name: str, acted: Acted) -> bool:
    first, *others = acted.took
    first_cpu, *other_cpu = acted.server_cpu
    is_kept = max(first, median(others)) < INTERACTION_MS
    told = (
        f"{first:>13.0f}{median(others):>8.0f}{max(others):>8.0f}{first_cpu:>10.0f}{median(other_cpu):>8.0f}"
    )
    print(f"{name:<36}{told}{'' if is_kept else '   NOT KEPT'}", flush=True)
    return is_kept


def _house(options: argparse.Namespace, stack: ExitStack) -> tuple[House, str]:
    url = _database(options, stack)
    org_id = loaded(url, options.rows)
    ledger = Ledger(url)
    _, session = a_session(ledger, org_id, f"ada-{os.urandom(3).hex()}", Role.ADMIN)
    [one] = ledger.read(find_deployments, org_id, Wanted(where=Everything(), limit=1))
    ledger.close()
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-bench-")))
    playwright = stack.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    stack.callback(browser.close)
    program = Program(home, FAIRLEAD_DATABASE=url)
    return House(program, browser, session, options.runs), one.fact.id


def _database(options: argparse.Namespace, stack: ExitStack) -> str:
    if options.database:
        return str(options.database)
    if options.engine == "postgresql":
        return stack.enter_context(a_postgresql("pages")).create(f"pages_{int(time.time())}")
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    return f"sqlite:///{folder}/pages.db"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--database", help="a database to use, and to leave to the next run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
