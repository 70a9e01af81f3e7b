"""One database, several processes: the workers of one server, and servers side by side."""

import re
from functools import partial
from itertools import islice

import psutil

from benchmarks.load import Load
from benchmarks.posting import posts
from tests.databases import PostgreSQL
from tests.programs import Program, Server
from tests.running import a_key, running
from tests.waiting import became, last_so_s

POSTED = re.compile(
    r'^fairlead_http_requests_total\{[^}]*route="/api/v2/dora/deployment"[^}]*\} (\S+)$', re.MULTILINE
)


def posts_counted(server: Server) -> float:
    """Return how many posted deployments the server's own metrics tell of."""
    return sum(float(count) for count in POSTED.findall(server.get("/metrics").text))


def is_shared(server: Server) -> bool:
    """Tell whether connections end in more than one process."""
    with Load("127.0.0.1", server.port):
        workers = psutil.Process(server.process.pid).children(recursive=True)
        return 1 < sum(any(_is_served(one) for one in worker.net_connections()) for worker in workers)


def _is_served(connection: "psutil._ntuples.pconn") -> bool:
    return bool(connection.status == psutil.CONN_ESTABLISHED)


def is_accepted(server: Server, key: dict[str, str]) -> bool:
    return 403 != server.get("/api/v1/validate", headers=key).status_code


def test_two_workers_take_facts_together_and_count_them_as_one_server(program_on: Program) -> None:
    with running(program_on, "--workers", "2") as server:
        assert became(lambda: is_shared(server.server), within_s=30)

        with Load("127.0.0.1", server.server.port) as load:
            answers = load.run(islice(posts(server.api_key, "shared"), 900), seconds=60)

        assert 900 == len(answers.bodies)
        assert 900 == len(server.deployments("version:shared-*"))
        # Whichever of them answers.
        assert {900.0} == {posts_counted(server.server) for _ in range(6)}


def test_a_key_revoked_beside_one_server_is_refused_by_another_within_a_second(
    postgresql: PostgreSQL, program: Program, worker_id: str
) -> None:
    name = f"revoked_{worker_id}"
    url = postgresql.create(name)
    program = Program(program.home, FAIRLEAD_DATABASE=url)
    program.here("db", "migrate")
    made = a_key(program)
    key = {"DD-API-KEY": made["key"]}
    with program.server("serve") as one, program.server("serve") as other:
        assert {200} == {server.get("/api/v1/validate", headers=key).status_code for server in (one, other)}

        program.here("keys", "revoke", made["id"])

        for server in (one, other):
            assert last_so_s(partial(is_accepted, server, key)) <= 1
    postgresql.drop(name)
