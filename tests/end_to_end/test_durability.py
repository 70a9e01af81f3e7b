"""What was answered is kept, however the server ends: asked to, or killed under load."""

import json
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from sqlalchemy import select

from benchmarks.load import Answers, Load
from benchmarks.posting import posts
from fairlead.store.engine import open_engine, reading
from fairlead.store.tables import deployments
from tests.programs import Program, Server
from tests.running import a_key

KILLS = {"sqlite": 10, "postgresql": 3}
LONGEST_S = 30.0


def breaking(requests: Iterator[bytes], after: int, end: Callable[[], None]) -> Iterator[bytes]:
    """Yield `requests`, and end the server in the midst of them."""
    yield from islice(requests, after)
    end()
    yield from requests


def under_load(server: Server, requests: Iterator[bytes], after: int, how: signal.Signals) -> Answers:
    """Post over many connections until the signal, sent `after` that many requests, has ended them all."""
    broken = breaking(requests, after, lambda: server.process.send_signal(how))
    with Load("127.0.0.1", server.port) as load:
        return load.run(broken, LONGEST_S, outlives_server=True)


def ids(answers: Answers) -> list[str]:
    return [json.loads(body)["data"]["id"] for body in answers.bodies]


def stored(database: str) -> dict[str, str]:
    """Return the version of each deployment in a database, by id."""
    engine = open_engine(database)
    with reading(engine) as transaction:
        rows = transaction.execute(select(deployments.c.id, deployments.c.version)).all()
    engine.dispose()
    return {row.id: row.version for row in rows}


def test_killed_again_and_again_under_load_a_server_loses_nothing_it_answered(
    program_on: Program, database: str, engine_kind: str
) -> None:
    chance = random.Random(4711)
    key = a_key(program_on)["key"]
    answered: list[str] = []

    for number in range(KILLS[engine_kind]):
        with program_on.server("serve") as server:
            moment = chance.randint(200, 1500)
            answers = under_load(server, posts(key, f"life-{number}"), moment, signal.SIGKILL)
        assert answers.lost > 0
        answered += ids(answers)

    kept = stored(database)
    assert len(answered) == len(set(answered))
    assert set() == set(answered) - kept.keys()
    assert [] == [version for version, times in Counter(kept.values()).items() if times > 1]


def test_a_server_that_is_asked_to_stop_under_load_answers_what_it_took_and_takes_no_more(
    program_on: Program, database: str
) -> None:
    key = a_key(program_on)["key"]
    with program_on.server("serve") as server:
        answers = under_load(server, posts(key, "only"), 1000, signal.SIGTERM)

        assert 0 == server.process.wait(timeout=LONGEST_S)
        assert "Traceback" not in server.log
    assert len(answers.bodies) >= 1000 - 64
    assert set(ids(answers)) == stored(database).keys()
