import datetime as dt
import os
import subprocess
import sys
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from fairlead.settings import Notice, Settings, WrongSetting, check, variable

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def row_of(setting: Field[Any]) -> str:
    """The row of the documentation that tells of a setting."""
    about = setting.metadata
    option = f"`--{setting.name.replace('_', '-')}`" if about["option"] else ""
    default, values = str(setting.default), ", ".join(about["allowed"]) or about["unit"]
    if isinstance(setting.default, bool):
        default, values = default.lower(), "true, false"
    elif isinstance(setting.default, int):
        values = f"{about['least']} to {about['most']} {about['unit']}".strip()
    shown = f"`{default}`" if default else ""
    return f"| `{variable(setting)}` | {option} | {shown} | {values} | {about['help']} |"


def codes(settings: Settings) -> list[str]:
    return [notice.code for notice in check(settings)]


def test_the_documentation_tells_every_setting_as_it_is_and_no_other() -> None:
    told = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert [row_of(setting) for setting in fields(Settings)] == told


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_has_a_sentence_of_help(setting: Field[Any]) -> None:
    assert setting.metadata["help"].endswith(".")


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings() == Settings.from_environment({})


def test_every_setting_can_come_from_its_variable() -> None:
    environ = {
        "FAIRLEAD_DATABASE": "postgresql+psycopg://ada@db/fairlead",
        "FAIRLEAD_DATA_DIR": "/srv/fairlead",
        "FAIRLEAD_HOST": "0.0.0.0",
        "FAIRLEAD_PORT": "9000",
        "FAIRLEAD_WORKERS": "4",
        "FAIRLEAD_TLS_CERT": "cert.pem",
        "FAIRLEAD_TLS_KEY": "key.pem",
        "FAIRLEAD_NO_WORKER": "true",
        "FAIRLEAD_LOG_FORMAT": "json",
        "FAIRLEAD_LOG_LEVEL": "debug",
        "FAIRLEAD_LOG_REQUESTS": "yes",
        "FAIRLEAD_DATADOG_TIMES": "epoch_ns",
        "FAIRLEAD_EXPOSE_DELIVERY": "true",
        "FAIRLEAD_FLAG_STATUS_DAYS": "3",
        "FAIRLEAD_STALE_FLAG_AGE_DAYS": "90",
        "FAIRLEAD_STALE_FLAG_QUIET_DAYS": "14",
        "FAIRLEAD_MAX_BODY_BYTES": "2048",
        "FAIRLEAD_MAX_HOOK_BODY_BYTES": "4096",
        "FAIRLEAD_MAX_REFERENCES_BODY_BYTES": "1024",
        "FAIRLEAD_MAX_PACK_BYTES": "8192",
        "FAIRLEAD_MAX_FILE_LIST_BYTES": "16384",
        "FAIRLEAD_MAX_COMMITS_BODY_BYTES": "32768",
        "FAIRLEAD_MAX_TRACES_BODY_BYTES": "65536",
        "FAIRLEAD_TRAFFIC_DAYS": "7",
        "FAIRLEAD_TRAFFIC_MAX_RESOURCES": "50",
        "FAIRLEAD_TRAFFIC_MAX_SERIES": "500",
        "FAIRLEAD_TRAFFIC_MAX_ERROR_TYPES": "5",
        "FAIRLEAD_PROMETHEUS_URL": "http://prometheus:9090",
        "FAIRLEAD_PROMETHEUS_POLL_S": "5",
        "FAIRLEAD_GATE_WITHOUT_DATA": "fail",
        "FAIRLEAD_RATE_LIMIT": "600/minute",
        "FAIRLEAD_RATE_LIMIT_ORGANISATION": "5/second",
        "FAIRLEAD_RATE_LIMIT_STORAGE": "redis://cache",
        "FAIRLEAD_PUBLIC_URL": "https://fairlead.example.com",
        "FAIRLEAD_SESSION_DAYS": "1",
        "FAIRLEAD_OIDC_ISSUER": "https://login.example.com",
        "FAIRLEAD_OIDC_CLIENT_ID": "fairlead",
        "FAIRLEAD_OIDC_CLIENT_SECRET": "secret",
        "FAIRLEAD_OIDC_ORGANISATION": "shopist",
        "FAIRLEAD_OIDC_ROLE": "member",
        "FAIRLEAD_SHUTDOWN_GRACE_S": "5",
    }

    settings = Settings.from_environment(environ)

    assert environ.keys() == {variable(setting) for setting in fields(Settings)}
    unchanged = [
        setting.name for setting in fields(Settings) if getattr(settings, setting.name) == setting.default
    ]
    assert [] == unchanged


def test_an_option_wins_over_a_variable_unless_it_was_not_given() -> None:
    environ = {"FAIRLEAD_PORT": "9000", "FAIRLEAD_HOST": "::1"}

    settings = Settings.from_environment(environ, port="9001", host=None)

    assert (9001, "::1") == (settings.port, settings.host)


def test_a_variable_that_is_set_to_nothing_is_not_set() -> None:
    assert Settings() == Settings.from_environment({"FAIRLEAD_PORT": "", "FAIRLEAD_DATA_DIR": ""})


@pytest.mark.parametrize("text", ["0", "false", "No", "OFF"])
def test_there_are_several_words_for_false(text: str) -> None:
    assert not Settings.from_environment({"FAIRLEAD_LOG_REQUESTS": text}).log_requests


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("PORT", "abc", "must be a whole number, not 'abc'"),
        ("PORT", "65536", "must lie between 0 and 65535, not 65536"),
        ("PORT", "-1", "must lie between 0 and 65535, not -1"),
        ("WORKERS", "0", "must lie between 1 and 512, not 0"),
        ("WORKERS", "1.5", "must be a whole number, not '1.5'"),
        ("NO_WORKER", "maybe", "must be true or false, not 'maybe'"),
        ("LOG_FORMAT", "xml", "must be one of auto, console, json, not 'xml'"),
        ("LOG_LEVEL", "INFO", "must be one of debug, info, warning, error, not 'INFO'"),
        ("DATADOG_TIMES", "s", "must be one of auto, epoch_ns, rfc3339, not 's'"),
        ("MAX_BODY_BYTES", "10", "must lie between 1024 and"),
        ("RATE_LIMIT", "600", "such as 600/minute, not '600'"),
        ("RATE_LIMIT", "0/minute", "such as 600/minute"),
        ("RATE_LIMIT_ORGANISATION", "6/fortnight", "with second, minute, hour or day"),
        ("RATE_LIMIT_STORAGE", "memcached://x", "must be redis://HOST or valkey://HOST"),
        ("PROMETHEUS_URL", "prometheus:9090", "must be http://HOST or https://HOST"),
        ("DATABASE", "mysql://ada:secret@db/x", "must be sqlite:///FILE or postgresql+psycopg://"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_that_names_the_variable(
    name: str, text: str, complaint: str
) -> None:
    with pytest.raises(WrongSetting) as caught:
        Settings.from_environment({f"FAIRLEAD_{name}": text})

    said = str(caught.value)
    assert f"FAIRLEAD_{name}" in said
    assert complaint in said
    assert "\n" not in said


def test_a_wrong_database_is_told_without_its_password() -> None:
    with pytest.raises(WrongSetting) as caught:
        Settings(database="mysql://ada:secret@db/x")

    assert "secret" not in str(caught.value)


def test_a_wrong_value_cannot_be_constructed_either() -> None:
    with pytest.raises(WrongSetting, match="FAIRLEAD_PORT"):
        Settings(port=70_000)


def test_the_database_is_a_file_in_the_data_directory_unless_it_is_named() -> None:
    assert "sqlite:////srv/x/fairlead.db" == Settings(data_dir="/srv/x").database_url
    assert "postgresql://db/x" == Settings(database="postgresql://db/x").database_url


def test_the_data_directory_may_be_below_the_home_directory() -> None:
    assert Path.home() / "deep" == Settings(data_dir="~/deep").data_path


def test_valkey_is_spoken_to_like_redis() -> None:
    assert (
        "redis://cache:6379/1" == Settings(rate_limit_storage="valkey://cache:6379/1").rate_limit_storage_url
    )


def test_settings_are_handed_down_to_other_processes_as_they_are() -> None:
    settings = Settings(port=0, no_worker=True, rate_limit="5/second", database="sqlite:///a b.db")
    program = f"""
from fairlead.settings import *
hand_down({settings!r}, OTHER="1")
import os, subprocess, sys
subprocess.run([sys.executable, "-c", "from fairlead.settings import *; import os;"
    "print(repr(Settings.from_environment()), os.environ['OTHER'])"], check=True)
"""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FAIRLEAD_")}

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=clean
    )

    assert f"{settings!r} 1\n" == answer.stdout


def test_the_defaults_are_neither_wrong_nor_risky() -> None:
    assert [] == codes(Settings())


@pytest.mark.parametrize("half", [{"tls_cert": "cert.pem"}, {"tls_key": "key.pem"}])
def test_half_of_a_certificate_is_an_error(half: dict[str, Any]) -> None:
    assert ["E101"] == codes(Settings(**half))


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate, its key, and another key, plain and encrypted."""
    folder = tmp_path_factory.mktemp("papers")
    authority = trustme.CA()
    mine = authority.issue_cert("localhost", not_after=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    mine.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    mine.private_key_pem.write_to_path(folder / "key.pem")
    authority.issue_cert("elsewhere").private_key_pem.write_to_path(folder / "other.pem")
    key = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )
    (folder / "locked.pem").write_bytes(locked)
    (folder / "empty.pem").touch()
    return folder


def tls_notices(papers: Path, cert: str, key: str) -> list[Notice]:
    return list(check(Settings(tls_cert=str(papers / cert), tls_key=str(papers / key))))


def test_a_certificate_with_its_key_is_fine(papers: Path) -> None:
    assert [] == tls_notices(papers, "cert.pem", "key.pem")


@pytest.mark.parametrize(
    ("cert", "key", "reason"),
    [
        ("absent.pem", "key.pem", "no such file"),
        ("cert.pem", "absent.pem", "no such file"),
        ("cert.pem", "other.pem", "mismatch"),
        ("cert.pem", "locked.pem", "encrypted"),
        ("empty.pem", "key.pem", "cannot be used"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_an_error_with_its_reason(
    papers: Path, cert: str, key: str, reason: str
) -> None:
    [notice] = tls_notices(papers, cert, key)

    assert notice.is_error
    assert reason in notice.text


def test_a_database_in_memory_is_an_error() -> None:
    assert ["E103"] == codes(Settings(database="sqlite:///:memory:"))


def test_keys_in_the_clear_across_a_network_are_risky() -> None:
    [notice] = check(Settings(host="0.0.0.0"))

    assert "W201" == notice.code
    assert not notice.is_error


def test_limits_that_processes_count_apart_are_risky() -> None:
    settings = Settings(workers=2, rate_limit="5/second", database="postgresql://db/x")

    assert ["W202"] == codes(settings)


def test_several_processes_on_one_file_are_risky() -> None:
    assert ["W203"] == codes(Settings(workers=2))
