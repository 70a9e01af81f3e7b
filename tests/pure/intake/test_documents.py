import json
import time
from typing import Any

import pytest
import yaml

from fairlead.domain.errors import Rejected, TooLarge
from fairlead.intake import documents
from fairlead.intake.documents import DEEPEST, LONGEST, MOST_DOCUMENTS, MOST_VALUES, documents_in


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the two parsers: packages for some platforms have the slower one alone."""
    monkeypatch.setattr(documents, "_LOADER", getattr(yaml, request.param))


def read(text: str) -> Any:
    [document] = documents_in(text.encode())
    return document.value


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "checkout", "tags": ["a:b"]}',
        "name: checkout\ntags: ['a:b']\n",
        "---\nname: checkout\ntags:\n  - a:b\n...\n",
        "%YAML 1.2\n---\n{name: checkout, tags: [a:b]}",
        json.dumps("name: checkout\ntags: ['a:b']\n"),
        json.dumps('{"name": "checkout", "tags": ["a:b"]}'),
        '\ufeff{"name": "checkout", "tags": ["a:b"]}',
        '[{"name": "checkout", "tags": ["a:b"]}]',
    ],
)
def test_json_yaml_and_a_json_string_of_either_say_the_same(body: str) -> None:
    assert {"name": "checkout", "tags": ["a:b"]} == read(body)


def test_a_document_keeps_its_text_but_not_the_string_around_it() -> None:
    [document] = documents_in(json.dumps("a: 1  # one\n").encode())

    assert "a: 1  # one\n" == document.text


def test_several_documents_are_given_one_by_one() -> None:
    found = documents_in(b"---\na: 1\n---\nb: 2\n---\n")

    assert [({"a": 1}, '{"a":1}'), ({"b": 2}, '{"b":2}')] == [(one.value, one.text) for one in found]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("0", 0),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("12345678901234567890", "12345678901234567890"),
        ("1.5", 1.5),
        ("1.10", "1.10"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("2025-03-12", "2025-03-12"),
        ("12:30", "12:30"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("! 1", "1"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("<<", "<<"),
    ],
)
def test_yaml_means_what_its_author_sees(text: str, value: object) -> None:
    assert {"a": value} == read(f"a: {text}")


def test_every_key_is_a_text() -> None:
    assert {"1": 1, "true": 2, "": 3, "~": 4, "x": 5} == read("1: 1\ntrue: 2\n'': 3\n~: 4\n!!str x: 5")


def test_an_alias_stands_for_what_it_names() -> None:
    assert {"a": ["x"], "b": ["x"], "c": "k", "k": 1} == read("a: &a [x]\nb: *a\nc: &k k\n*k : 1\n")


def test_merged_keys_give_way_to_own_and_earlier_ones() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 0}\nd: {<<: *b, '<<': 3}"

    value = read(text)

    assert {"x": 0, "y": 1, "z": 2} == value["c"]
    assert {"y": 2, "z": 2, "<<": 3} == value["d"]


def test_the_last_of_two_equal_keys_counts() -> None:
    assert {"a": 2} == read("a: 1\na: 2\n")


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "must hold an object"),
        (b"null", "must hold an object"),
        (b"12", "must hold an object"),
        (b"[]", "must hold an object"),
        (b"[1]", "must hold an object"),
        (b"- a\n- b\n", "must hold an object"),
        (b"a: 1\n---\nb\n", "must hold an object"),
        (b'"a"', "must hold an object"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{a: b", "neither JSON nor YAML: .* in line"),
        (b"a: 'b", "neither JSON nor YAML"),
        (b"a: \x01", "neither JSON nor YAML"),
        (b'{"a": "\\ud800"}', "neither JSON nor YAML"),
        (b"a: *b", r"alias \*b stands for nothing"),
        (b"a: &a [*a]", r"alias \*a stands for nothing"),
        (b"a: &a {b: *a}", r"alias \*a stands for nothing"),
        (b"{? [a]: 1}", "keys of a document must be texts"),
        (b"{? {a: 1}: 1}", "keys of a document must be texts"),
        (b"a: &a [1]\n*a : 1", "keys of a document must be texts"),
        (b"<<: 1", "<< must name a mapping"),
        (b"<<: [1]", "<< must name a mapping"),
        (b"a: !!python/object/apply:os.system [id]", "holds a tag"),
        (b"!!python/name:os.system a: 1", "holds a tag"),
        (b"a: !!binary aGk=", "holds a tag"),
        (b"a: !!timestamp 2025-03-12", "holds a tag"),
        (b"a: !!set {b}", "holds a tag"),
        (b"a: !<tag:yaml.org,2002:python/tuple> [1]", "holds a tag"),
        (b"!mine {a: 1}", "holds a tag"),
    ],
)
def test_what_is_no_document_is_refused_with_the_reason(body: bytes, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        documents_in(body)


def _laughs(of: str, names: str) -> str:
    lines = [f"a0: &a0 {of}"]
    lines += [f"a{n}: &a{n} {names.format(one=f'*a{n - 1}')}" for n in range(1, 12)]
    return "\n".join(lines)


_TEN = ", ".join(["{one}"] * 10)


@pytest.mark.parametrize(
    "text",
    [
        _laughs("[x]", f"[{_TEN}]"),
        _laughs("{x: 1}", "{{<<: [" + _TEN + "]}}"),
        "a: [" + "x," * MOST_VALUES + "]",
        json.dumps({"a": ["x"] * MOST_VALUES}),
        "- x\n" * MOST_VALUES,
        "\n".join(f"a{n}: &a{n} x" for n in range(MOST_VALUES)),
        "[" * 100_000,
        "{a: " * 50_000,
        "".join(f"{' ' * depth}a:\n" for depth in range(500)),
        "- " * 100_000,
        "? " * 100_000,
        "a: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        json.dumps({"a": 1}).replace("1", "[" * DEEPEST + "]" * DEEPEST),
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "a" * (LONGEST + 1),
        json.dumps("a" * (LONGEST + 1)),
        "--- {}\n" * (MOST_DOCUMENTS + 1),
        "---\n" * 60_000,
        "a: '" + "x\n" * 100_000,
        "%TAG ! tag:x\n" * 10_000,
        "&a " * 80_000,
        "a: " + "*b " * 80_000,
    ],
    ids=lambda text: text[:24],
)
def test_a_document_made_to_be_costly_is_refused_at_once(text: str) -> None:
    started_s = time.perf_counter()

    with pytest.raises((Rejected, TooLarge)):
        documents_in(text.encode())
    assert time.perf_counter() - started_s < 2


@pytest.mark.parametrize(
    "text",
    [
        "a: [" + "x," * (MOST_VALUES - 3) + "]",
        "a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1),
        json.dumps({"a": ["x"] * (MOST_VALUES - 3)}),
        "a: " + "x" * (LONGEST - 3),
        "--- {}\n" * MOST_DOCUMENTS,
    ],
    ids=lambda text: text[:24],
)
def test_a_document_within_the_limits_is_read(text: str) -> None:
    assert documents_in(text.encode())
