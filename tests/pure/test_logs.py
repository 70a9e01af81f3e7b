import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from fairlead import logs
from fairlead.domain.access import KeyKind, key_text, organisation_id
from tests.process_wide import as_before

API_KEY = key_text(KeyKind.API, organisation_id("default"), bytes(range(32)))
SECRET = API_KEY.rpartition("_")[2]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    with as_before():
        yield


class Page(io.StringIO):
    """Where log lines go; a terminal or not."""

    def __init__(self, *, is_terminal: bool = False) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def only(self) -> dict[str, Any]:
        """The one line, as JSON."""
        [line] = self.getvalue().splitlines()
        parsed: dict[str, Any] = json.loads(line)
        return parsed


def test_a_line_is_json_with_what_was_said_where_and_when() -> None:
    page = Page()
    logs.configure("json", "info", page)

    structlog.get_logger("fairlead.x").info("deployment recorded", service="checkout", count=3)

    line = page.only
    assert line.pop("timestamp").endswith("Z")
    assert {
        "event": "deployment recorded",
        "level": "info",
        "logger": "fairlead.x",
        "service": "checkout",
        "count": 3,
    } == line


@pytest.mark.parametrize(("is_terminal", "opening"), [(False, "{"), (True, "\x1b")])
def test_auto_is_for_people_on_a_terminal_and_for_programs_elsewhere(is_terminal: bool, opening: str) -> None:
    page = Page(is_terminal=is_terminal)
    logs.configure("auto", "info", page)

    structlog.get_logger().info("hello")

    assert page.getvalue().startswith(opening)


def test_console_in_a_file_has_no_colours() -> None:
    page = Page()
    logs.configure("console", "info", page)

    structlog.get_logger("fairlead.x").warning("hello", name="ada")

    assert "\x1b" not in page.getvalue()
    assert "hello" in page.getvalue()
    assert "name=ada" in page.getvalue()


def test_lines_below_the_level_are_left_out() -> None:
    page = Page()
    logs.configure("json", "warning", page)

    structlog.get_logger().info("hello")
    logging.getLogger("somebody").info("hello")

    assert "" == page.getvalue()


def test_records_of_libraries_look_like_our_own() -> None:
    page = Page()
    logs.configure("json", "info", page)

    logging.getLogger("uvicorn.error").error("cannot start: %s", "no")

    line = page.only
    assert ("cannot start: no", "error", "uvicorn.error") == (line["event"], line["level"], line["logger"])


@pytest.mark.parametrize("name", ["uvicorn.error", "alembic.runtime.migration"])
def test_what_only_their_developers_look_for_is_shown_for_debugging_only(name: str) -> None:
    page = Page()
    logs.configure("json", "info", page)
    logging.getLogger(name).info("Waiting for application startup.")
    assert "" == page.getvalue()

    logs.configure("json", "debug", page)
    logging.getLogger(name).info("Waiting for application startup.")
    assert "Waiting" in page.only["event"]


def _divide() -> None:
    raise RuntimeError(f"sent with {API_KEY} to https://ada:tulips@db/x")


@pytest.mark.parametrize("form", ["json", "console"])
def test_credentials_are_taken_out_of_every_line(form: str) -> None:
    page = Page()
    logs.configure(form, "info", page)
    log = structlog.get_logger()

    log.info("came with key %s", API_KEY, headers={"DD-API-KEY": "0123", "Accept": "x"}, password="tulips")
    log.info("to postgresql+psycopg://ada:tulips@db/x", sent=["Bearer abcdefghijk", API_KEY])
    logging.getLogger("library").warning("with %s and Authorization: Basic dHVsaXBz", API_KEY)
    try:
        _divide()
    except RuntimeError:
        log.exception("failed")

    text = page.getvalue()
    assert [] == [
        secret for secret in (SECRET, "tulips", "0123", "abcdefghijk", "dHVsaXBz") if secret in text
    ]
    assert "RuntimeError" in text


def test_a_key_keeps_enough_to_tell_it_from_others() -> None:
    page = Page()
    logs.configure("json", "info", page)

    structlog.get_logger().info(API_KEY)

    assert f"{API_KEY[:10]}***" == page.only["event"]


def test_a_value_that_json_does_not_know_is_written_as_text() -> None:
    page = Page()
    logs.configure("json", "info", page)

    structlog.get_logger().info("hello", value=Page)

    assert "Page" in page.only["value"]


def test_configuring_again_does_not_double_the_lines() -> None:
    page = Page()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        logs.configure("json", "info", page)
        logs.configure("json", "info", page)

    structlog.get_logger().info("hello")

    assert "hello" == page.only["event"]
