"""How fast all metrics of a window are measured, in process and over HTTP.

    python -m benchmarks.measuring [--engine postgresql] [--rows 400000 5000000]

Two yardsticks of the same run stand beside each figure: DuckDB in this process over the same facts, and
(where the rows are loaded, up to `--most-rows`) one statement as a person would write it. Ends with 1
if a promise is not kept. Not here: the facts (`measured_facts.py`).
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import duckdb
import httpx
import polars as pl
from msgspec.structs import replace
from sqlalchemy import Engine, text

from benchmarks.measured_facts import DAY_NS, END, SERVICES, days, loaded
from fairlead.domain.access import SECRET_BYTES, KeyKind, OrgId
from fairlead.domain.instants import NS_PER_MS
from fairlead.domain.links import STAGES
from fairlead.metrics.periods import Interval
from fairlead.search.parse import parse
from fairlead.store.engine import reading
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_key import KeyWanted, create_keys
from fairlead.usecases.measure_delivery import Question, measure_delivery
from tests.databases import a_postgresql
from tests.servers import served

PROMISES_MS: Final = {
    (400_000, 90): 30.0,
    (4_000_000, 90): 100.0,
    (5_000_000, 90): 100.0,
    (5_000_000, 365): 300.0,
}
"""By deployments in the year and days of the window; 5 million a year are 1.2 million in 90 days."""
PROMISED_RATIO: Final = 1.5
VISIBLE_MS: Final = 1_000.0
WINDOWS: Final = (1, 7, 30, 90, 365)
METRICS: Final = "/api/fairlead/v1/metrics"
_QUANTILES: Final = "[0.5, 0.75, 0.9, 0.95]"

_STAGES: Final = ", ".join(f"median({stage}), count({stage})" for stage in STAGES)
DUCKDB: Final = f"""
    SELECT week, count(*), sum(change_failure::int), count(change_failure), sum((deployment_type > 0)::int),
        count(change_lead_time), avg(change_lead_time), quantile_cont(change_lead_time, {_QUANTILES}),
        count(recovery_time), avg(recovery_time), quantile_cont(recovery_time, {_QUANTILES}), {_STAGES},
        {", ".join(f"count(*) FILTER (coverage = {n})" for n in range(11))}
    FROM (SELECT *, (finished_at - {{monday}}) // {7 * DAY_NS} AS week FROM facts
          WHERE finished_at >= {{start}} AND finished_at < {{end}} {{where}})
    GROUP BY GROUPING SETS ((week), ())"""  # noqa: S608 — figures of our own
_asked: Final = itertools.count()
STATEMENT: Final = f"""
    WITH w AS (
      SELECT (finished_at - :monday) / {7 * DAY_NS} AS week, change_failure, change_lead_time_ns AS lead,
        row_number() OVER (PARTITION BY (finished_at - :monday) / {7 * DAY_NS},
          change_lead_time_ns IS NULL ORDER BY change_lead_time_ns) AS place,
        count(change_lead_time_ns) OVER (PARTITION BY (finished_at - :monday) / {7 * DAY_NS}) AS known
      FROM deployments WHERE org_id = :org AND finished_at >= :start AND finished_at < :end)
    SELECT week, count(*), sum(CASE WHEN change_failure THEN 1 ELSE 0 END),
      avg(CASE WHEN lead IS NOT NULL AND place IN ((known + 1) / 2, (known + 2) / 2) THEN lead END)
    FROM w GROUP BY week"""  # noqa: S608 — figures of our own


def main() -> int:
    """Load, measure and compare."""
    options = _options()
    kept = True
    with ExitStack() as stack:
        url = _database(options, stack)
        for count in options.rows:
            kept &= _of_size(url, count, options)
    return 0 if kept else 1


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is measured."""

    engine: Engine
    org_id: OrgId
    duck: Any
    count: int
    runs: int
    has_rows: bool


def _of_size(url: str, count: int, options: argparse.Namespace) -> bool:
    began_s = time.perf_counter()
    has_rows = count <= options.most_rows
    engine, org_id = loaded(url, count, rows=has_rows)
    print(f"\n{count:,} deployments in a year, {engine.name}; segments {_size_mb(engine):.0f} MB", end="")
    print(f" (ready after {time.perf_counter() - began_s:.0f} s)", flush=True)
    one = _Setting(engine, org_id, _duckdb(count), count, options.runs, has_rows)
    print(f"{'window':>9} {'in it':>11} {'cold':>8} {'warm':>8} {'DuckDB':>8} {'ratio':>6} {'SQL':>9}   (ms)")
    # Every one of them is measured, also after one that is not kept.
    kept = [_window(one, days_back) for days_back in WINDOWS]
    _others(one)
    kept.append(_over_http(url, one))
    engine.dispose()
    return all(kept)


def _window(one: _Setting, days_back: int) -> bool:
    question = _question(one.org_id, days_back)
    began = time.perf_counter()
    answer = _ask(one.engine, question)
    cold = (time.perf_counter() - began) * 1000
    inside = answer.groups[0].summary.deployments
    warm = _took(lambda: _ask(one.engine, question), one.runs)
    asked = _of_duckdb(question)
    beside = _took(lambda: one.duck.execute(asked).fetchall(), one.runs)
    by_hand = f"{_took(lambda: _run(one, question), 1):,.1f}" if one.has_rows else "-"
    promised = PROMISES_MS.get((one.count, days_back))
    is_kept = promised is None or (warm <= promised and warm / beside <= PROMISED_RATIO)
    said = "" if promised is None else f"  promised {promised:.0f}: {'kept' if is_kept else 'NOT KEPT'}"
    times = f"{cold:>8.1f} {warm:>8.1f} {beside:>8.1f} {warm / beside:>6.2f} {by_hand:>9}"
    print(f"{days_back:>7} d {inside:>11,} {times}{said}", flush=True)
    return is_kept


def _others(one: _Setting) -> None:
    """Print what searches and groups cost over 90 days."""
    for name, query, keys, where in (
        ("service and env", "service:service-7 env:prod", (), "AND service = 7 AND env = 1"),
        ("tag", "region:eu", (), "AND tags % 2 = 1"),
        (f"by service ({SERVICES})", "", ("service",), ""),
        ("by team and env", "env:prod", ("team", "env"), ""),
    ):
        question = _question(one.org_id, 90, query, keys)
        took = _took(partial(_ask, one.engine, question), 3)
        beside = ""
        if not keys:
            asked = _of_duckdb(question, where)
            beside = f"DuckDB {_took(partial(_fetched, one.duck, asked), 3):.1f}"
        print(f"   90 d, {name:<24} {took:>8.1f} ms  {beside}", flush=True)


def _over_http(url: str, one: _Setting) -> bool:
    """Measure the same through the whole server, and how long a fact takes to be counted."""
    ledger = Ledger(url)
    api, app = (ledger.write(create_keys, _key(one.org_id, kind)).text for kind in (KeyKind.API, KeyKind.APP))
    ledger.close()
    headers = {"DD-API-KEY": api, "DD-APPLICATION-KEY": app}
    with tempfile.TemporaryDirectory() as folder, served(url, data_dir=folder) as running:
        for days_back in (90, 365):
            took = _took(partial(_measured, running.http, days_back, headers), one.runs)
            print(f"  {days_back:>4} d over HTTP {took:>8.1f} ms", flush=True)
        visible = max(_visible_ms(running.http, headers, number) for number in range(5))
    print(f"  a fact posted to its number visible: at most {visible:.0f} ms (promised {VISIBLE_MS:.0f})")
    return visible <= VISIBLE_MS


def _measured(http: httpx.Client, days_back: int, headers: dict[str, str]) -> Any:
    until_ms = END // NS_PER_MS - next(_asked)
    span = f"from={(END - days_back * DAY_NS) // NS_PER_MS}&to={until_ms}"
    return _got(http, f"{METRICS}?{span}&interval=week", headers)


def _got(http: httpx.Client, path: str, headers: dict[str, str]) -> Any:
    return http.get(path, headers=headers).raise_for_status().json()


def _fetched(duck: Any, asked: str) -> Any:
    return duck.execute(asked).fetchall()


def _visible_ms(http: httpx.Client, headers: dict[str, str], number: int) -> float:
    service = f"posted-{os.urandom(4).hex()}-{number}"
    at = time.time_ns()
    told = {"service": service, "started_at": at - 10**9, "finished_at": at, "env": "prod"}
    path = f"{METRICS}?query=service:{service}&interval=none"
    began = time.perf_counter()
    body = {"data": {"attributes": told}}
    http.post("/api/v2/dora/deployment", json=body, headers=headers).raise_for_status()
    while _got(http, path, headers)["groups"][0]["summary"]["deployments"] != 1:
        pass
    return (time.perf_counter() - began) * 1000


def _question(org_id: OrgId, days_back: int, query: str = "", keys: tuple[str, ...] = ()) -> Question:
    return Question(
        org_id=org_id,
        from_at=END - days_back * DAY_NS,
        until_at=END,
        where=parse(query),
        interval=Interval.WEEK,
        group_by=keys,
    )


def _ask(engine: Engine, question: Question) -> Any:
    # An instant less each time: an answer that is remembered costs nothing, and this is about the others.
    until_at = question.until_at - next(_asked)
    with reading(engine) as transaction:
        return measure_delivery(transaction, replace(question, until_at=until_at))


def _run(one: _Setting, question: Question) -> None:
    values = {"org": one.org_id, "start": question.from_at, "end": question.until_at}
    with reading(one.engine) as transaction:
        transaction.execute(text(STATEMENT), values | {"monday": _monday(question)}).all()


def _duckdb(count: int) -> Any:
    """Return DuckDB with the same facts in tables of its own."""
    duck = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.parquet"
        pl.concat(frame for _, frame in days(count)).write_parquet(file)
        duck.execute(f"CREATE TABLE facts AS SELECT * FROM read_parquet('{file}')")  # noqa: S608 — our own file
    return duck


def _of_duckdb(question: Question, where: str = "") -> str:
    return DUCKDB.format(monday=_monday(question), start=question.from_at, end=question.until_at, where=where)


def _monday(question: Question) -> int:
    day = question.from_at // DAY_NS
    return (day - (day + 3) % 7) * DAY_NS


def _took(what: Callable[[], Any], runs: int) -> float:
    """Return the median in milliseconds."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        what()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _size_mb(engine: Engine) -> float:
    with reading(engine) as transaction:
        found = transaction.execute(text("SELECT sum(length(block)) FROM day_segments")).scalar()
    return (found or 0) / 1e6


def _key(org_id: OrgId, kind: KeyKind) -> KeyWanted:
    secret, chance = os.urandom(SECRET_BYTES), os.urandom(10)
    return KeyWanted(org_id=org_id, kind=kind, name="bench", secret=secret, chance=chance, at=time.time_ns())


def _database(options: argparse.Namespace, stack: ExitStack) -> str:
    if options.engine == "postgresql":
        server = stack.enter_context(a_postgresql("measuring"))
        return server.create("measuring")
    folder = Path(options.folder or stack.enter_context(tempfile.TemporaryDirectory()))
    return f"sqlite:///{folder / 'measuring.db'}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.measuring",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", nargs="+", type=int, default=[10_000, 400_000, 5_000_000])
    parser.add_argument("--most-rows", type=int, default=400_000, help="load rows too up to this many")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", help="keep the database here for the next run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
