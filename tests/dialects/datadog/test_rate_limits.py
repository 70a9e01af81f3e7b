from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from fairlead.store.ledger import Ledger
from tests.casts import Cast, Person, a_cast
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, VALIDATE, a_deployment, a_list
from tests.redis_servers import a_redis
from tests.servers import Served, served

NAMES = ("limit", "period", "remaining", "reset", "name")


@pytest.fixture
def own_database(sqlite_template: Path, tmp_path: Path) -> str:
    """A database for servers with settings of their own; counting has nothing to do with the engine."""
    path = tmp_path / "fairlead.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def own_ledger(own_database: str) -> Iterator[Ledger]:
    """The database opened by the tests themselves."""
    ledger = Ledger(own_database)
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that counts for several nodes."""
    with a_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


def told(answer: httpx.Response) -> dict[str, str]:
    """Return the headers about rates by the last part of their names."""
    headers = {name: answer.headers.get(f"x-ratelimit-{name}") for name in NAMES}
    return {name: value for name, value in headers.items() if value is not None}


def statuses(person: Person, number: int) -> list[int]:
    return [person.get(VALIDATE).status_code for _ in range(number)]


def test_nothing_is_limited_unless_it_is_said(cast: Cast) -> None:
    answers = [cast.robot.get(VALIDATE) for _ in range(50)]

    assert {200} == {answer.status_code for answer in answers}
    assert {} == told(answers[-1])


def test_a_key_may_make_as_many_requests_as_are_allowed(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="3/hour") as server:
        cast = a_cast(server.http, own_ledger)
        answers = [cast.robot.get(VALIDATE) for _ in range(5)]
        elsewhere = cast.zoe.get(VALIDATE)

    assert [200, 200, 200, 429, 429] == [answer.status_code for answer in answers]
    assert ["2", "1", "0", "0", "0"] == [told(answer)["remaining"] for answer in answers]
    assert {"errors": ["Too Many Requests"]} == answers[-1].json()
    assert 200 == elsewhere.status_code


def test_the_headers_are_the_recorded_ones(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="10/minute") as server:
        seen = told(a_cast(server.http, own_ledger).robot.get(VALIDATE))

    assert {"limit": "10", "period": "60", "remaining": "9", "name": "key"} == {
        name: value for name, value in seen.items() if name != "reset"
    }
    assert 1 <= int(seen["reset"]) <= 60


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (DEPLOYMENT, a_deployment(), 200),
        (DEPLOYMENT, {}, 400),
        (DEPLOYMENTS, a_list(), 200),
        (DEPLOYMENTS, {}, 400),
    ],
)
def test_every_answer_to_a_known_caller_says_what_is_left(
    own_database: str, own_ledger: Ledger, path: str, body: Any, status: int
) -> None:
    with served(own_database, rate_limit="1/hour") as server:
        cast = a_cast(server.http, own_ledger)
        first, second = cast.ada.post(path, body), cast.ada.post(path, body)

    assert (status, "0") == (first.status_code, told(first)["remaining"])
    assert (429, "application/vnd.api+json") == (second.status_code, second.headers["content-type"])
    assert set(NAMES) == set(told(second))


def test_a_refused_request_changes_nothing(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="1/hour") as server:
        cast = a_cast(server.http, own_ledger)
        cast.robot.post(DEPLOYMENT, a_deployment(id="first"))
        cast.robot.post(DEPLOYMENT, a_deployment(id="second"))
        listed = cast.ada.post(DEPLOYMENTS, a_list()).json()["data"]

    assert ["first"] == [one["id"] for one in listed]


def test_strangers_use_up_nothing(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="1/hour", rate_limit_organisation="1/hour") as server:
        cast = a_cast(server.http, own_ledger)
        strangers = {cast.eve.get(VALIDATE).status_code for _ in range(5)}

        assert ({403}, [200, 429]) == (strangers, statuses(cast.robot, 2))


def test_the_keys_of_an_organisation_share_its_limit(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit_organisation="4/hour") as server:
        cast = a_cast(server.http, own_ledger)
        other, _, _ = cast.newcomer()

        assert [200, 200, 200] == [*statuses(cast.robot, 1), *statuses(other, 1), *statuses(cast.ada, 1)]
        assert [200, 429] == statuses(cast.robot, 2)
        refused = other.get(VALIDATE)
        assert (429, "organisation") == (refused.status_code, told(refused)["name"])
        assert [200] == statuses(cast.zoe, 1)


def test_a_key_that_is_used_up_leaves_the_rest_to_the_others(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="2/hour", rate_limit_organisation="4/hour") as server:
        cast = a_cast(server.http, own_ledger)
        other, _, _ = cast.newcomer()

        assert [200, 200, 429, 429, 429] == statuses(cast.robot, 5)
        assert [200, 200] == statuses(other, 2)


def test_the_scarcer_of_the_two_limits_is_told(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="2/hour", rate_limit_organisation="100/hour") as server:
        assert "key" == told(a_cast(server.http, own_ledger).robot.get(VALIDATE))["name"]
    with served(own_database, rate_limit="100/hour", rate_limit_organisation="2/hour") as server:
        assert "organisation" == told(a_cast(server.http, own_ledger).robot.get(VALIDATE))["name"]


def test_an_organisation_s_own_limit_counts_more_than_the_server_s(
    own_database: str, own_ledger: Ledger
) -> None:
    with served(own_database, rate_limit_organisation="1/hour") as server:
        generous = a_cast(server.http, own_ledger, rate_limit="3/hour")

        assert [200, 200, 200, 429] == statuses(generous.robot, 4)


def test_one_organisation_may_be_limited_alone(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database) as server:
        limited = a_cast(server.http, own_ledger, rate_limit="1/hour")
        free = a_cast(server.http, own_ledger)

        assert [200, 429] == statuses(limited.robot, 2)
        assert [200, 200] == statuses(free.robot, 2)


def test_an_application_key_is_counted_by_itself(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database, rate_limit="1/hour") as server:
        cast = a_cast(server.http, own_ledger)

        assert [200, 429] == [cast.ada.post(DEPLOYMENTS, a_list()).status_code for _ in range(2)]
        assert [200, 429] == statuses(cast.robot, 2)
        assert [200, 429] == [cast.tom.post(DEPLOYMENTS, a_list()).status_code for _ in range(2)]


def test_a_limit_set_while_a_server_runs_holds_within_a_second(own_database: str, own_ledger: Ledger) -> None:
    with served(own_database) as server:
        cast = a_cast(server.http, own_ledger)
        assert [200, 200] == statuses(cast.robot, 2)
        own_ledger.write(_limit, (cast.robot.org_id, "1/hour"))
        # Nothing is remembered about somebody who has not called for a while; a newcomer is such.
        newcomer, _, _ = cast.newcomer()

        assert [200, 429] == statuses(newcomer, 2)


def _limit(transaction: Any, facts: Any) -> list[None]:
    from fairlead.store import access  # noqa: PLC0415 — there is no verb that takes an id.

    for org_id, rate in facts:
        access.put_rate_limit(transaction, org_id, rate)
    return [None for _ in facts]


def nodes(stack: ExitStack, database: str, number: int, **settings: str) -> list[Served]:
    return [stack.enter_context(served(database, **settings)) for _ in range(number)]


@pytest.mark.parametrize("scheme", ["redis", "valkey"])
def test_nodes_that_share_a_counter_share_the_limit(
    own_database: str, own_ledger: Ledger, redis: str, scheme: str
) -> None:
    with ExitStack() as stack:
        storage = redis.replace("redis", scheme, 1)
        one, other = nodes(stack, own_database, 2, rate_limit="4/hour", rate_limit_storage=storage)
        here = a_cast(one.http, own_ledger).robot
        there = Person(other.http, here.headers, here.org_id)

        answers = [person.get(VALIDATE) for person in (here, there, here, there, here, there)]

    assert [200, 200, 200, 200, 429, 429] == [answer.status_code for answer in answers]
    assert ["3", "2", "1", "0", "0", "0"] == [told(answer)["remaining"] for answer in answers]
    assert all(1 <= int(told(answer)["reset"]) <= 3600 for answer in answers)


def test_nodes_that_share_nothing_count_for_themselves(own_database: str, own_ledger: Ledger) -> None:
    with ExitStack() as stack:
        one, other = nodes(stack, own_database, 2, rate_limit="1/hour")
        here = a_cast(one.http, own_ledger).robot
        there = Person(other.http, here.headers, here.org_id)

        assert [200, 429] == statuses(here, 2)
        assert [200, 429] == statuses(there, 2)


def test_a_counter_that_is_gone_stops_nobody(own_database: str, own_ledger: Ledger, tmp_path: Path) -> None:
    with ExitStack() as stack, a_redis(tmp_path) as storage:
        (server,) = nodes(stack, own_database, 1, rate_limit="1/hour", rate_limit_storage=storage)
        robot = a_cast(server.http, own_ledger).robot
        assert [200, 429] == statuses(robot, 2)

        with Redis.from_url(storage) as connection:
            connection.shutdown(nosave=True)
        answers = [robot.get(VALIDATE) for _ in range(3)]

    assert {200} == {answer.status_code for answer in answers}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 5
    assert {} == told(answers[-1])
