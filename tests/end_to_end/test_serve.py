import json
import shlex
import signal
import socket
import ssl
import time
from contextlib import closing
from http.client import HTTPConnection

import pytest
import trustme

from tests.programs import Program, Server
from tests.running import a_key
from tests.waiting import became, last_so_s

# However busy the machine is with other tests.
PATIENCE_S = 90
DEPLOYMENT = {
    "data": {
        "attributes": {
            "id": "d-1",
            "service": "checkout",
            "env": "prod",
            "started_at": 1_741_780_000_000_000_000,
            "finished_at": 1_741_780_060_000_000_000,
        }
    }
}


def keys_of(program: Program) -> dict[str, str]:
    """The headers of somebody who may do everything."""
    return {"DD-API-KEY": a_key(program)["key"], "DD-APPLICATION-KEY": a_key(program, "app")["key"]}


def is_accepted(server: Server, key: str) -> bool:
    answer = server.get("/api/v1/validate", headers={"DD-API-KEY": key})
    assert answer.status_code in {200, 403}
    return answer.status_code == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_a_server_and_all_its_processes_and_nothing_is_left_behind(
    program: Program, how: signal.Signals, workers: str
) -> None:
    with program.server("serve", "--workers", workers) as server:
        assert 200 == server.get("/healthz").status_code

        code, _ = server.stop(how)

        assert 0 == code
        assert became(server.is_gone, within_s=10)
        assert "Traceback" not in server.log
        assert ("2 processes take turns" in server.log) == (workers == "2")
        assert {".local", "server.log"} == {path.name for path in program.home.iterdir()}


def test_the_first_start_says_how_to_make_a_key_and_the_next_one_does_not(program: Program) -> None:
    with program.server("serve", "--data-dir", str(program.home / "my data")) as server:
        [told] = server.lines_until("It has no key yet.")
        command = shlex.split(told.partition("Make one: ")[2])
        key = program.run(*command[1:]).splitlines()[0]
        assert is_accepted(server, key)
        server.stop()

    with program.server("serve", "--data-dir", str(program.home / "my data")) as server:
        # What follows is about people: nothing about keys comes before it.
        assert 1 == len(server.lines_until("Nobody can sign in yet."))


def test_a_variable_says_what_an_option_would(program: Program) -> None:
    with program.server("serve", FAIRLEAD_HOST="localhost", FAIRLEAD_WORKERS="2") as server:
        assert server.address.startswith("http://localhost:")
        assert 200 == server.get("/healthz").status_code
        server.stop()
        assert "2 processes take turns" in server.log


def test_a_key_works_from_the_moment_it_is_made_until_a_second_after_it_is_revoked(
    program_on: Program,
) -> None:
    with program_on.server("serve") as server:
        made = a_key(program_on)
        assert is_accepted(server, made["key"])

        program_on.here("keys", "revoke", made["id"])

        assert last_so_s(lambda: is_accepted(server, made["key"])) <= 1


def test_an_answered_deployment_survives_a_sudden_end(program_on: Program) -> None:
    headers = keys_of(program_on)
    with program_on.server("serve") as server:
        told = server.post("/api/v2/dora/deployment", headers=headers, json=DEPLOYMENT)
        assert told.status_code in {200, 202}, told.text
        server.stop(signal.SIGKILL)

    with program_on.server("serve") as server:
        kept = server.get("/api/v2/dora/deployments/d-1", headers=headers)
        assert "checkout" == kept.json()["data"]["attributes"]["service"]


def test_a_request_under_way_is_answered_before_the_server_ends(program: Program) -> None:
    key = a_key(program)["key"]
    body = json.dumps(DEPLOYMENT).encode()
    head = (
        "POST /api/v2/dora/deployment HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"DD-API-KEY: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with (
        program.server("serve") as server,
        closing(HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)) as idle,
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as client,
    ):
        client.sendall(head.encode() + body[:10])
        idle.request("GET", "/healthz")
        assert b'{"status":"ok"}' == idle.getresponse().read()
        server.process.send_signal(signal.SIGTERM)
        # It has begun to stop when it lets go of those who wait for nothing.
        assert b"" == idle.sock.recv(10_000)

        client.sendall(body[10:])

        assert client.recv(100).startswith(b"HTTP/1.1 20")
        assert 0 == server.process.wait(timeout=PATIENCE_S)


def test_a_request_that_never_ends_does_not_keep_the_server_from_ending(program: Program) -> None:
    with (
        program.server("serve", FAIRLEAD_SHUTDOWN_GRACE_S="1") as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(b"POST /api/v2/dora/deployment HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        server.get("/healthz").raise_for_status()
        before = time.monotonic()

        code, _ = server.stop()

        assert 0 == code
        assert time.monotonic() - before < 10


def test_with_a_certificate_the_server_speaks_https(program: Program) -> None:
    authority = trustme.CA()
    papers = authority.issue_cert("127.0.0.1")
    cert, key = program.home / "cert.pem", program.home / "key.pem"
    papers.cert_chain_pems[0].write_to_path(cert)
    papers.private_key_pem.write_to_path(key)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    with program.server("serve", "--tls-cert", str(cert), "--tls-key", str(key)) as server:
        assert server.address.startswith("https://127.0.0.1:")
        assert 200 == server.get("/healthz", verify=trusting).status_code


def test_a_port_that_is_taken_is_told_in_one_line(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        [line] = program.run("serve", "--port", port, code=1).splitlines()

    assert f"cannot listen on 127.0.0.1 port {port}: address already in use" in line


def test_a_host_that_is_not_there_is_told_in_one_line(program: Program) -> None:
    [line] = program.run("serve", "--host", "no-such-host.invalid", code=1).splitlines()

    assert "cannot listen on no-such-host.invalid" in line


def test_the_log_is_json_outside_a_terminal_and_holds_no_key(program: Program) -> None:
    key = a_key(program)["key"]
    with program.server("serve", FAIRLEAD_LOG_REQUESTS="true") as server:
        assert is_accepted(server, key)
        server.get(f"/api/v1/validate?api_key={key}")
        server.stop()

        lines = [json.loads(line) for line in server.log.splitlines()]
        assert any("/api/v1/validate" in json.dumps(line) for line in lines)
        assert key.rpartition("_")[2] not in server.log


def test_two_servers_share_one_database(program_on: Program) -> None:
    headers = keys_of(program_on)
    with program_on.server("serve") as one, program_on.server("serve") as other:
        one.post("/api/v2/dora/deployment", headers=headers, json=DEPLOYMENT).raise_for_status()

        kept = other.get("/api/v2/dora/deployments/d-1", headers=headers)
        assert 200 == kept.status_code
