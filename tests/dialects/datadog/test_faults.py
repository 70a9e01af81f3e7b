"""What a caller is told when it is the server that fails."""

import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

from structlog.testing import capture_logs

from fairlead.store import schema
from fairlead.store.engine import open_engine
from fairlead.store.ledger import Ledger
from tests.casts import a_cast
from tests.databases import PostgreSQL
from tests.datadog_requests import DEPLOYMENT, FAILURE, FAILURES, VALIDATE, a_deployment, a_failure, a_list
from tests.servers import served

JSON_API = "application/vnd.api+json"


def test_an_unexpected_error_is_told_by_an_id_that_the_log_knows(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "fairlead.db"
    path.write_bytes(sqlite_template.read_bytes())
    ledger = Ledger(f"sqlite:///{path}")
    with served(f"sqlite:///{path}") as server, capture_logs() as logged:
        cast = a_cast(server.http, ledger)
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE failures")
        connection.close()

        answers = [
            cast.ada.get(f"{FAILURES}/f-1"),
            cast.ada.post(FAILURES, a_list("failures")),
            cast.robot.post(FAILURE, a_failure(name="s3cret name")),
        ]
        others = cast.robot.post(DEPLOYMENT, a_deployment())
    ledger.close()

    assert 200 == others.status_code
    entries = [entry for entry in logged if entry["event"] == "unexpected error"]
    assert 3 == len(entries)
    for answer, entry in zip(answers, entries, strict=True):
        assert (500, JSON_API) == (answer.status_code, answer.headers["content-type"])
        detail = f"unexpected error; its id in the log is {entry['error_id']}"
        expected = {"status": "500", "title": "Internal Server Error", "detail": detail}
        assert {"errors": [expected]} == answer.json()


def test_a_database_that_is_gone_is_told_as_unavailable(postgresql: PostgreSQL) -> None:
    name = f"gone_{uuid4().hex}"
    url = postgresql.create(name)
    engine = open_engine(url)
    schema.migrate(engine)
    engine.dispose()
    ledger = Ledger(url)
    with served(url) as server:
        cast = a_cast(server.http, ledger)
        assert 200 == cast.robot.get(VALIDATE).status_code
        ledger.close()
        postgresql.drop(name)

        told: list[Any] = [
            cast.robot.post(DEPLOYMENT, a_deployment()),
            cast.ada.post(FAILURES, a_list("failures")),
        ]

    assert {(503, JSON_API)} == {(answer.status_code, answer.headers["content-type"]) for answer in told}
    (error,) = told[0].json()["errors"]
    assert ("503", "Service Unavailable") == (error["status"], error["title"])
    assert name not in told[0].text + told[1].text
