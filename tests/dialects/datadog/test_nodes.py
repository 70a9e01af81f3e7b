"""Several nodes on one PostgreSQL: what is told to two of them at once is told to Fairlead once."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fairlead.store import schema
from fairlead.store.engine import open_engine
from fairlead.store.ledger import Ledger
from tests.casts import Cast, Person, a_cast
from tests.databases import PostgreSQL
from tests.datadog_requests import (
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    MINUTE_NS,
    NOON,
    a_deployment,
    a_failure,
    a_list,
    a_patch,
)
from tests.servers import served

ROUNDS = 25
Send = Callable[[], httpx.Response]


@pytest.fixture(scope="module")
def nodes(postgresql: PostgreSQL) -> Iterator[tuple[Cast, Person, Person]]:
    """A cast, and Ada as she calls one node and the other."""
    name = f"nodes_{uuid4().hex}"
    url = postgresql.create(name)
    engine = open_engine(url)
    schema.migrate(engine)
    engine.dispose()
    ledger = Ledger(url)
    with served(url) as one, served(url) as other:
        cast = a_cast(one.http, ledger)
        yield cast, cast.ada, Person(other.http, cast.ada.headers, cast.ada.org_id)
    ledger.close()
    postgresql.drop(name)


def at_once(*sends: Send) -> list[httpx.Response]:
    """Send everything at the same moment."""
    together = threading.Barrier(len(sends))

    def send(one: Send) -> httpx.Response:
        together.wait()
        return one()

    with ThreadPoolExecutor(len(sends)) as senders:
        return list(senders.map(send, sends))


def found(person: Person, path: str, kind: str, query: str) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = person.post(path, a_list(kind, query=query, limit=1000)).json()["data"]
    return objects


@pytest.mark.parametrize("id", [None, "named"])
def test_the_two_parts_of_a_failure_become_one(nodes: tuple[Cast, Person, Person], id: str | None) -> None:
    _, one, other = nodes
    for number in range(ROUNDS):
        env = f"{id}-{number}"
        start = a_failure(env=env, finished_at=None)
        end = a_failure(env=env, id=id and env)

        answers = at_once(partial(one.post, FAILURE, start), partial(other.post, FAILURE, end))

        assert [200, 200] == [answer.status_code for answer in answers]
        (only,) = found(one, FAILURES, "failures", f"env:{env}")
        assert NOON + 30 * MINUTE_NS == only["attributes"]["finished_at"]
        assert id is None or env == only["id"]


def posts(people: Iterable[Person], bodies: Iterable[Any]) -> list[Send]:
    """Return the posting of each body by the next of `people`."""
    return [partial(who.post, DEPLOYMENT, body) for who, body in zip(people, bodies, strict=False)]


def test_the_same_id_is_one_deployment_found_by_what_it_says(nodes: tuple[Cast, Person, Person]) -> None:
    _, *people = nodes
    for number in range(ROUNDS):
        tags = [f"told:{number}-{n}" for n in range(6)]
        bodies = [a_deployment(id=f"same-{number}", custom_tags=[tag]) for tag in tags]

        answers = at_once(*posts(itertools.cycle(people), bodies))

        assert {200} == {answer.status_code for answer in answers}
        kept = people[0].get(f"{DEPLOYMENTS}/same-{number}").json()["data"]["attributes"]["custom_tags"]
        assert kept == [tag for tag in tags if found(people[0], DEPLOYMENTS, "deployments", tag)]


def test_the_same_content_is_one_deployment(nodes: tuple[Cast, Person, Person]) -> None:
    _, *people = nodes
    for number in range(ROUNDS):
        service = f"content-{number}"

        answers = at_once(*posts(people * 2, [a_deployment(service=service)] * 4))

        assert {200} == {answer.status_code for answer in answers}
        assert 1 == len({answer.json()["data"]["id"] for answer in answers})
        assert 1 == len(found(people[0], DEPLOYMENTS, "deployments", f"service:{service}"))


def test_many_ids_in_any_order_lose_nothing(nodes: tuple[Cast, Person, Person]) -> None:
    _, one, other = nodes

    def send(number: int) -> int:
        person, place = (one, number // 2) if number % 2 else (other, 400 - number // 2)
        return person.post(DEPLOYMENT, a_deployment(id=f"many-{place % 40}", service="many")).status_code

    with ThreadPoolExecutor(32) as senders:
        statuses = set(senders.map(send, range(400)))

    assert {200} == statuses
    assert 40 == len(found(one, DEPLOYMENTS, "deployments", "service:many"))


def test_of_two_decisions_one_holds(nodes: tuple[Cast, Person, Person]) -> None:
    _, one, other = nodes
    one.post(DEPLOYMENT, a_deployment(id="decided"))
    for _ in range(ROUNDS):
        answers = at_once(
            lambda: one.patch(f"{DEPLOYMENTS}/decided", a_patch(change_failure=True)),
            lambda: other.patch(f"{DEPLOYMENTS}/decided", a_patch(change_failure=False)),
        )

        assert [202, 202] == [answer.status_code for answer in answers]


def test_a_key_revoked_anywhere_is_refused_everywhere(nodes: tuple[Cast, Person, Person]) -> None:
    cast, one, other = nodes
    person, api, _ = cast.newcomer()
    there = Person(other.http, person.headers, person.org_id)
    assert [200, 200] == [who.get("/api/v1/validate").status_code for who in (person, there)]
    cast.revoke(api)

    deadline = threading.Event()
    tries = 0
    while tries < 50 and 403 != there.get("/api/v1/validate").status_code:
        deadline.wait(0.02)
        tries += 1

    assert tries < 50
    assert one.org_id == other.org_id
