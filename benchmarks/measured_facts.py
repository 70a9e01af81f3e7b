"""A year of deployments of any number, as columns and as rows: what metrics are measured over.

The same number is always the same facts. Their segments are kept by the code that keeps all segments;
rows, where a yardstick needs them, go straight into the table. Not here: any measuring.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl
from sqlalchemy import Engine, func, select

from fairlead.domain.access import Organisation, OrgId, organisation_id
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.links import STAGES
from fairlead.domain.measured import COVERAGE, TYPES, Noun
from fairlead.store import access, schema, segments, tables
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction, open_engine, reading, writing
from fairlead.store.lexicon import Lexicon
from fairlead.store.segments import Built, Day

DAY_NS: Final = 86_400 * 10**9
DAYS: Final = 365
END: Final = from_rfc3339("2026-01-01T00:00:00Z")
START: Final = END - DAYS * DAY_NS
SERVICES: Final = 60
_TEXTS: Final = ("service", "env", "team", "repository_id", "source", "tags")
_HOUR_NS: Final = 3_600 * 10**9
_AT_ONCE: Final = 20_000


def loaded(url: str, count: int, *, rows: bool) -> tuple[Engine, OrgId]:
    """Return the opened database and the organisation that has that many deployments in a year."""
    engine = open_engine(url)
    schema.migrate(engine)
    name = f"measured-{count}"
    org_id = organisation_id(name)
    with reading(engine) as transaction:
        kept = tables.day_segments.c
        there = transaction.execute(select(func.sum(kept.rows)).where(kept.org_id == org_id)).scalar()
    if there != count:
        _load(engine, name, count, rows=rows)
    return engine, org_id


def days(count: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield each day since 1970 with its deployments, `count` in all."""
    for number in range(DAYS):
        here = count * (number + 1) // DAYS - count * number // DAYS
        yield (
            START // DAY_NS + number,
            _day(START + number * DAY_NS, here, np.random.default_rng([count, number])),
        )


def _day(midnight: int, count: int, chance: Any) -> pl.DataFrame:
    service = chance.integers(1, SERVICES + 1, count, dtype=np.uint32)
    has_lead = chance.random(count) < 0.8
    reviewed = has_lead & (chance.random(count) < 0.75)
    failed = chance.random(count) < 0.06
    lasting = {name: _spans(chance, count, reviewed) for name in STAGES[:3]}
    lasting |= {name: _spans(chance, count, has_lead) for name in STAGES[3:]}
    return pl.DataFrame(
        {
            "finished_at": np.sort(midnight + chance.integers(0, DAY_NS // 10**6, count) * 10**6),
            "service": service,
            "env": chance.choice(np.array([1, 2, 3], dtype=np.uint32), count, p=[0.4, 0.35, 0.25]),
            "team": service % 8 + 1,
            "repository_id": service,
            "source": np.ones(count, dtype=np.uint32),
            "tags": service % 12 + 1,
            "deployment_type": np.where(chance.random(count) < 0.05, 1, 0).astype(np.uint8),
            "change_failure": pl.Series(failed).set(pl.Series(chance.random(count) < 0.02), None),
            "coverage": np.where(has_lead, 0, COVERAGE.index("commit_unknown")).astype(np.uint8),
            "change_lead_time": _spans(chance, count, has_lead),
            **lasting,
            "recovery_time": _spans(chance, count, failed),
        }
    ).with_columns(pl.col(name).cast(pl.UInt32) for name in _TEXTS)


def _spans(chance: Any, count: int, there: Any) -> pl.Series:
    spans = pl.Series((chance.lognormal(1.5, 1.2, count) * _HOUR_NS).astype(np.int64) // 10**6 * 10**6)
    return spans.set(pl.Series(~there), None)


def lexicon() -> Lexicon:
    """Return what the codes of the columns stand for."""
    made = Lexicon()
    texts = {
        "service": [f"service-{n}" for n in range(1, SERVICES + 1)],
        "env": ["prod", "staging", "dev"],
        "team": [f"team-{n}" for n in range(1, 9)],
        "repository_id": [f"github.com/acme/service-{n}" for n in range(1, SERVICES + 1)],
        "source": ["api"],
        "tags": [f'["region:{"eu" if n % 2 else "us"}","tier:{n % 3}","shard:{n}"]' for n in range(1, 13)],
    }
    for column, known in texts.items():
        made.teach(column, {text: code for code, text in enumerate(known, 1)})
    return made


def _load(engine: Engine, name: str, count: int, *, rows: bool) -> None:
    org_id = organisation_id(name)
    known = lexicon()
    with writing(engine) as transaction:
        access.put_organisation(
            transaction, Organisation(org_id=org_id, name=name, rate_limit="", created_at=START)
        )
    for day, frame in days(count):
        with writing(engine) as transaction:
            place = Day(org_id, Noun.DEPLOYMENTS, day)
            built = Built(day=place, revision=None, frame=frame, lexicon=known, left_out=())
            segments.keep(transaction, [built])
            if rows:
                _put_rows(transaction, org_id, frame, known)


_COLUMNS: Final = (
    *("org_id", "id", "service", "env", "team", "repository_id", "source", "tags"),
    *("started_at", "finished_at", "received_at", "kind", "commit_sha", "deployment_type", "change_failure"),
    *("lead_time_reason", "number_of_commits", "change_lead_time_ns", "recovery_time_ns"),
    *(f"{stage}_ns" for stage in STAGES),
)
_rows: Final = BulkInsert(tables.deployments, _COLUMNS, replaces=True)


def _put_rows(transaction: Transaction, org_id: OrgId, frame: pl.DataFrame, known: Lexicon) -> None:
    texts = {
        name: known.texts(name) for name in ("service", "env", "team", "repository_id", "source", "tags")
    }
    made = [
        (
            *(org_id, f"d-{row['finished_at']}-{number}"),
            *(texts[name][row[name]] for name in texts),
            *(row["finished_at"] - 300 * 10**9, row["finished_at"], row["finished_at"], 0, "a" * 40),
            *(TYPES[row["deployment_type"]].value, row["change_failure"], COVERAGE[row["coverage"]]),
            *(None if row["coverage"] else 3, row["change_lead_time"], row["recovery_time"]),
            *(row[stage] for stage in STAGES),
        )
        for number, row in enumerate(frame.iter_rows(named=True))
    ]
    for start in range(0, len(made), _AT_ONCE):
        _rows.run(transaction, made[start : start + _AT_ONCE])
