"""Templates are compiled once, and what was kept of them is never used for anything else."""

from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from fairlead.web.compiled import Compiled


class Refusing(Environment):
    """An environment that compiles nothing."""

    def compile(self, *_args: Any, **_options: Any) -> Any:
        raise AssertionError("it was compiled again")


def drawn(place: Path, text: str, kind: type[Environment] = Environment, *, escapes: bool = False) -> str:
    environment = kind(loader=DictLoader({"page": text}), autoescape=escapes)
    environment.bytecode_cache = Compiled(place, environment)
    return environment.get_template("page").render(name="<b>")


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Python was told of its own modules."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)


def test_what_one_server_compiled_the_next_does_not(tmp_path: Path) -> None:
    drawn(tmp_path / "kept", "Hello {{ name }}")

    assert "Hello <b>" == drawn(tmp_path / "kept", "Hello {{ name }}", Refusing)


def test_a_template_that_was_changed_is_compiled_anew(tmp_path: Path) -> None:
    drawn(tmp_path, "Hello {{ name }}")

    assert "Good bye <b>" == drawn(tmp_path, "Good bye {{ name }}")


def test_what_was_compiled_with_other_options_is_not_used(tmp_path: Path) -> None:
    drawn(tmp_path, "Hello {{ name }}")

    assert "Hello &lt;b&gt;" == drawn(tmp_path, "Hello {{ name }}", escapes=True)


def test_a_file_cut_short_is_compiled_anew(tmp_path: Path) -> None:
    drawn(tmp_path, "Hello {{ name }}")
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:80])

    assert "Hello <b>" == drawn(tmp_path, "Hello {{ name }}")


def test_where_nothing_can_be_kept_it_is_drawn_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "Hello <b>" == drawn(tmp_path / "file" / "kept", "Hello {{ name }}")


def test_whoever_wants_nothing_kept_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    drawn(tmp_path, "Hello {{ name }}")

    assert [] == [*tmp_path.iterdir()]
