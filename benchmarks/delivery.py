"""A believable organisation of any size: services, versions, tags, and what became of deployments.

The same number of deployments is always the same deployments, and a database keeps them for the
next run. They are written through the door that requests take. Not here: any measuring.
"""

import random
import time
from collections.abc import Iterator
from itertools import islice
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, func, select

from fairlead.domain.access import Organisation, OrgId, organisation_id
from fairlead.domain.deployments import Deployment, DeploymentId, DeploymentType, Outcome, RemediationType
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.store import access, deployments, schema, tables
from fairlead.store.engine import POSTGRESQL, open_engine, reading, writing

DAY_NS: Final = 86_400 * NS_PER_S
DAYS: Final = 120
END: Final = from_rfc3339("2025-06-30T00:00:00Z")
START: Final = END - DAYS * DAY_NS

SERVICES: Final = (
    *("checkout", "checkout-api", "cart", "search", "ranking", "catalog", "payments-gateway"),
    *("ledger", "notifications", "accounts", "web", "mobile-api", "warehouse", "legacy-billing"),
)
RETIRED: Final = "legacy-billing"
"""Deployed in the first half of the time only."""
STEADY: Final = "accounts"
"""Its deployments never fail."""
TEAMS: Final = ("payments", "discovery", "platform", "storefront")
ENVS: Final = {"prod": 40, "staging": 35, "dev": 25}
REGIONS: Final = ("eu", "us", "ap", "sa")
LANGUAGES: Final = ("go", "python", "java", "rust")
RARE_TAG: Final = "ticket:4711"

_RARE_EVERY: Final = 25_000
_BATCH: Final = 512
_BATCHES_A_COMMIT: Final = 40


def team_of(service: str) -> str:
    return TEAMS[SERVICES.index(service) % len(TEAMS)]


def tier_of(service: str) -> str:
    return f"tier:{SERVICES.index(service) % 3 + 1}"


def language_of(service: str) -> str:
    return f"language:{LANGUAGES[SERVICES.index(service) // 4]}"


def loaded(url: str, count: int) -> tuple[Engine, OrgId]:
    """Return the opened database and the organisation that has that many deployments in it."""
    engine = open_engine(url)
    schema.migrate(engine)
    name = f"list-search-{count}"
    org_id = organisation_id(name)
    with reading(engine) as transaction:
        mine = tables.deployments.c.org_id == org_id
        there = transaction.execute(select(func.count()).where(mine)).scalar_one()
    if there != count:
        load(engine, name, deliveries(org_id, count))
        _let_some_fail(engine, org_id, count)
        settle(engine)
    return engine, org_id


def load(engine: Engine, name: str, facts: Iterator[Deployment]) -> None:
    """Make an organisation that has those deployments."""
    org_id = organisation_id(name)
    with writing(engine) as transaction:
        access.put_organisation(
            transaction, Organisation(org_id=org_id, name=name, rate_limit="", created_at=START)
        )
    began_s, done = time.perf_counter(), 0
    while batches := [batch for _ in range(_BATCHES_A_COMMIT) if (batch := list(islice(facts, _BATCH)))]:
        with writing(engine) as transaction:
            for batch in batches:
                deployments.put(transaction, batch)
        done += sum(len(batch) for batch in batches)
        print(f"  {done:>9,} deployments, {done / (time.perf_counter() - began_s):,.0f}/s", flush=True)


def settle(engine: Engine) -> None:
    """Do what autovacuum does by itself within the next minute."""
    if engine.name == POSTGRESQL:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def deliveries(org_id: OrgId, count: int, start: int = START, days: int = DAYS) -> Iterator[Deployment]:
    """Yield the deployments of an organisation, oldest first."""
    chance, releases = random.Random(count), _Releases(random.Random(1))
    envs, weights = list(ENVS), list(ENVS.values())
    for number in range(count):
        finished_at = start + number * days * DAY_NS // count + chance.randrange(NS_PER_S)
        service = SERVICES[min(int(chance.expovariate(0.2)), len(SERVICES) - 2)]
        if number < count // 2 and chance.random() < 0.03:
            service = RETIRED
        [env] = chance.choices(envs, weights)
        repository = f"github.com/acme/{service}"
        tags = [f"region:{chance.choice(REGIONS)}", tier_of(service), language_of(service)]
        yield Deployment(
            org_id=org_id,
            id=DeploymentId(str(UUID(int=chance.getrandbits(128), version=4))),
            named_by_caller=False,
            service=service,
            env=env,
            team=team_of(service),
            version=releases.next(service, env),
            repository_id=repository,
            commit_sha=f"{chance.getrandbits(160):040x}",
            started_at=finished_at - int(chance.expovariate(1 / 240) * NS_PER_S),
            finished_at=finished_at,
            tags=(*tags, RARE_TAG) if number % _RARE_EVERY == 7 else tuple(tags),
            received_at=finished_at + NS_PER_S,
            fact=f'{{"service":"{service}","env":"{env}","git":{{"repository_url":"https://{repository}"}}}}',
        )


def _let_some_fail(engine: Engine, org_id: OrgId, count: int) -> None:
    """Give one deployment in twenty a failure, half of these a remediation."""
    chance = random.Random(2)
    failed = Outcome(change_failure=True)
    repaired = Outcome(
        change_failure=True,
        remediation_id="repaired-by-this",
        remediation_type=RemediationType.ROLLBACK,
        recovery_time_ns=1800 * NS_PER_S,
    )
    back = Outcome(deployment_type=DeploymentType.ROLLBACK)
    outcomes: dict[str, Outcome] = {}
    for number, fact in enumerate(deliveries(org_id, count), start=1):
        if fact.service != STEADY and chance.random() < 0.05:
            outcomes[fact.id] = chance.choice((failed, repaired, back))
        if number % 100_000 == 0 or number == count:
            with writing(engine) as transaction:
                deployments.put_outcomes(transaction, org_id, outcomes)
            outcomes.clear()
            print(f"  {number:>9,} looked at for failures", flush=True)


class _Releases:
    """Hands out versions: each service counts up, and a version goes through all environments."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._counts = dict.fromkeys(SERVICES, 0)
        self._running: dict[tuple[str, str], str] = {}

    def next(self, service: str, env: str) -> str:
        running = self._running
        if (service, "dev") not in running or (env == "dev" and self._chance.random() < 0.4):
            running[service, "dev"] = self._new(service)
        if (service, env) not in running or (env != "dev" and self._chance.random() < 0.3):
            running[service, env] = running[service, "dev"]
        return running[service, env]

    def _new(self, service: str) -> str:
        self._counts[service] += 1
        number = self._counts[service]
        if service == "ranking":
            return f"2025.{number // 100 + 1:03}.{number % 100}"
        candidate = f"-rc{number % 3 + 1}" if number % 20 == 0 else ""
        return f"{1 + number // 4_000}.{number // 50 % 80}.{number % 50}{candidate}"
