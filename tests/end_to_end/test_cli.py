import json
import re

import pytest

from fairlead import __version__
from fairlead.domain.access import EVERY_PERMISSION
from fairlead.store import schema
from tests.programs import Commands, Program

COMMANDS = (
    ["serve"],
    ["demo"],
    ["org", "create"],
    ["org", "list"],
    ["org", "limit"],
    ["keys", "create"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["db", "migrate"],
    ["db", "check"],
    ["db", "backup"],
    ["db", "restore"],
    ["db", "distribute"],
)


def the_line(stderr: str) -> str:
    """The one line that an error has."""
    [line] = stderr.splitlines()
    assert line.startswith("fairlead: ")
    return line


@pytest.mark.parametrize(("args", "code"), [(["--version"], 0), (["nope"], 2), (["keys", "revoke", "x"], 1)])
def test_the_installed_program_exits_like_its_commands(
    program: Program, commands: Commands, args: list[str], code: int
) -> None:
    assert commands.run(*args, code=code) == program.run(*args, code=code)


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_fairlead_alone_prints_its_help(commands: Commands, args: list[str]) -> None:
    told = commands.run(*args)

    assert all(command in told for command in ("serve", "demo", "org", "keys", "db"))


@pytest.mark.parametrize("group", ["org", "keys", "db"])
def test_a_group_alone_prints_its_help(commands: Commands, group: str) -> None:
    assert f"Usage: fairlead {group}" in commands.run(group)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(commands: Commands, command: list[str]) -> None:
    told = commands.run(*command, "--help")

    assert f"Usage: fairlead {' '.join(command)}" in told
    assert "--data-dir" in told


def test_the_version_is_told(commands: Commands) -> None:
    assert f"fairlead {__version__}\n" == commands.run("--version")


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["nope"], "No such command 'nope'"),
        (["serve", "--prot", "1"], "No such option: --prot"),
        (["serve", "--port"], "--port"),
        (["serve", "--port", "abc"], "--port (FAIRLEAD_PORT) must be a whole number, not 'abc'"),
        (["serve", "--tls-cert", "x.pem"], "only one is set"),
        (["serve", "--tls-cert", "x.pem", "--tls-key", "y.pem"], "no such file"),
        (["serve", "--database", "sqlite:///:memory:"], "in memory"),
        (["keys", "create", "ci"], "Missing option '--kind'"),
        (["keys", "create", "--kind", "api"], "Missing argument 'NAME'"),
        (["keys", "create", "ci", "--kind", "master"], "'master' is not one of 'api', 'app', 'access-token'"),
        (["keys", "create", "ci", "--kind", "app", "--permission", "fly"], "'fly' is not one of"),
        (["keys", "list", "--database", "mysql://ada:tulips@db/x"], "must be sqlite:///FILE"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(commands: Commands, args: list[str], complaint: str) -> None:
    line = the_line(commands.run(*args, code=2))

    assert complaint in line
    assert "tulips" not in line


def test_a_wrong_variable_is_told_by_its_name(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_LOG_LEVEL", "loud")

    line = the_line(commands.run("keys", "list", code=2))

    assert "FAIRLEAD_LOG_LEVEL must be one of debug, info, warning, error, not 'loud'" in line


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["org", "create", "default"], "already an organisation named default"),
        (["org", "create", "Big Corp"], "an organisation's name is 1 to 63 of"),
        (["org", "create", "shop", "--rate-limit", "lots"], "such as 600/minute"),
        (["org", "limit", "nobody", "5/second"], "no organisation named nobody"),
        (["keys", "create", "ci", "--kind", "api", "--org", "nobody"], "no organisation named nobody"),
        (["keys", "create", "ci", "--kind", "api", "--permission", "org_admin"], "has no permissions"),
        (["keys", "create", "", "--kind", "api"], "needs a name"),
        (["keys", "list", "--org", "nobody"], "`fairlead org list` shows all"),
        (["keys", "revoke", "k-1"], "no key with id k-1"),
        (["db", "backup", "/nowhere/x"], "cannot write to /nowhere: No such file or directory"),
        (["db", "restore", "/nowhere/x"], "cannot read /nowhere/x: No such file or directory"),
        (["db", "distribute"], "Citus"),
    ],
)
def test_a_failure_is_told_in_one_line(commands_on: Commands, args: list[str], complaint: str) -> None:
    assert complaint in the_line(commands_on.run(*args, code=1))


def test_a_backup_is_restored_elsewhere_with_its_keys(commands_on: Commands) -> None:
    commands_on.run("org", "create", "shop")
    commands_on.run("keys", "create", "ci", "--kind", "api")
    file, elsewhere = str(commands_on.home / "shop.backup"), str(commands_on.home / "elsewhere")

    told = commands_on.run("db", "backup", file)

    assert f"Backed up 3 rows to {file} (schema {schema.newest()}).\n" == told
    restored = commands_on.run("db", "restore", file, "--database", "", "--data-dir", elsewhere)
    assert restored.startswith("Restored 3 rows as they were at 20")
    assert "ci" in commands_on.run("keys", "list", "--database", "", "--data-dir", elsewhere)
    again = commands_on.run("db", "restore", file, "--database", "", "--data-dir", elsewhere, code=1)
    assert "already holds" in the_line(again)


def test_a_key_as_json_is_one_object_with_five_fields(commands_on: Commands) -> None:
    told = commands_on.run(
        "keys", "create", "ci", "--kind", "app", "--permission", "dora_metrics_read", "--json"
    )

    made = json.loads(told)
    assert {"id", "kind", "name", "key", "permissions"} == made.keys()
    assert ("app", "ci", ["dora_metrics_read"]) == (made["kind"], made["name"], made["permissions"])
    assert 1 == len(told.splitlines())


@pytest.mark.parametrize(
    ("kind", "permissions"),
    [("api", []), ("app", sorted(EVERY_PERMISSION)), ("access-token", sorted(EVERY_PERMISSION))],
)
def test_a_key_without_permissions_named_may_do_what_its_kind_can(
    commands: Commands, kind: str, permissions: list[str]
) -> None:
    assert (
        permissions
        == json.loads(commands.run("keys", "create", "x", "--kind", kind, "--json"))["permissions"]
    )


def test_several_permissions_can_be_named(commands: Commands) -> None:
    told = commands.run(
        *("keys", "create", "x", "--kind", "access-token", "--json"),
        *("--permission", "insights_write", "--permission", "insights_read"),
    )

    assert ["insights_read", "insights_write"] == json.loads(told)["permissions"]


def test_a_key_is_printed_for_people_on_a_line_of_its_own_with_a_warning(commands: Commands) -> None:
    key, warning = commands.run("keys", "create", "ci", "--kind", "api").splitlines()

    assert re.fullmatch(r"flapi_[\w-]{11}_[\w-]{43}", key)
    assert "only time it is shown" in warning


def test_keys_are_listed_without_their_texts(commands_on: Commands) -> None:
    made = json.loads(commands_on.run("keys", "create", "ci [blue] key", "--kind", "app", "--json"))

    told = commands_on.run("keys", "list")

    heading, row = told.splitlines()
    assert ["ID", "KIND", "NAME", "PERMISSIONS", "CREATED", "REVOKED"] == heading.split()
    assert f"{made['id']}  app   ci [blue] key  all " in row
    assert made["key"] not in told


def test_a_revoked_key_stays_on_the_list(commands_on: Commands) -> None:
    made = json.loads(commands_on.run("keys", "create", "ci", "--kind", "api", "--json"))

    assert f"Revoked key {made['id']}.\n" == commands_on.run("keys", "revoke", made["id"])
    [listed] = json.loads(commands_on.run("keys", "list", "--json"))
    assert listed["revoked_at"].endswith("Z")
    assert made.keys() - {"key"} | {"created_at", "revoked_at"} == listed.keys()


def test_an_organisation_has_keys_of_its_own(commands_on: Commands) -> None:
    commands_on.run("org", "create", "shop")
    made = json.loads(commands_on.run("keys", "create", "ci", "--kind", "api", "--org", "shop", "--json"))

    assert [] == json.loads(commands_on.run("keys", "list", "--json"))
    assert [made["id"]] == [
        key["id"] for key in json.loads(commands_on.run("keys", "list", "--org", "shop", "--json"))
    ]
    assert "no key with id" in commands_on.run("keys", "revoke", made["id"], code=1)


def test_organisations_are_created_limited_and_listed(commands_on: Commands) -> None:
    commands_on.run("org", "create", "shop", "--rate-limit", "600/minute")
    commands_on.run("org", "limit", "default", "5/second")
    commands_on.run("org", "limit", "shop", "")

    organisations = json.loads(commands_on.run("org", "list", "--json"))
    assert [("default", "5/second"), ("shop", None)] == [
        (one["name"], one["rate_limit"]) for one in organisations
    ]
    assert ["NAME", "RATE", "LIMIT", "CREATED"] == commands_on.run("org", "list").splitlines()[0].split()


def test_the_default_organisation_is_there_from_the_first_start(commands: Commands) -> None:
    assert ["default"] == [one["name"] for one in json.loads(commands.run("org", "list", "--json"))]


def test_a_database_in_a_file_is_made_where_the_option_says(commands: Commands) -> None:
    commands.run("org", "list", "--data-dir", str(commands.home / "deep" / "data"))

    assert (commands.home / "deep" / "data" / "fairlead.db").exists()
    assert not (commands.home / ".local").exists()


def test_the_data_directory_is_closed_to_others(commands: Commands) -> None:
    commands.run("org", "list")

    assert 0o700 == (commands.home / ".local/share/fairlead").stat().st_mode & 0o777


def test_an_old_database_is_found_and_brought_up_to_date(empty_database: str, commands: Commands) -> None:
    place = ("--database", empty_database)
    newest = schema.newest()

    assert "run `fairlead db migrate`" in the_line(commands.run("db", "check", *place, code=1))
    assert f"The database is up to date (schema {newest}).\n" == commands.run("db", "migrate", *place)
    assert f"The database is up to date (schema {newest}).\n" == commands.run("db", "check", *place)


def test_looking_does_not_make_a_database(commands: Commands) -> None:
    commands.run("db", "check", code=1)

    assert [] == list(commands.home.iterdir())


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["keys", "list"]], ids=" ".join)
def test_an_old_schema_on_postgresql_is_refused_until_somebody_migrates(
    empty_database: str, commands: Commands, command: list[str]
) -> None:
    line = the_line(commands.run(*command, "--database", empty_database, code=1))

    assert "has no schema yet; run `fairlead db migrate`" in line


def test_a_database_that_cannot_be_reached_is_told_without_its_password(commands: Commands) -> None:
    url = "postgresql://ada:tulips@127.0.0.1:1/fairlead"

    line = the_line(commands.run("keys", "list", "--database", url, code=1))

    assert "the database cannot be used" in line
    assert "tulips" not in line


def test_a_file_that_is_no_database_is_left_alone(commands: Commands) -> None:
    notes = commands.home / "notes.txt"
    notes.write_text("Buy milk. " * 100, encoding="utf-8")

    assert "not a database" in the_line(
        commands.run("org", "list", "--database", f"sqlite:///{notes}", code=1)
    )
    assert notes.read_text(encoding="utf-8").startswith("Buy milk.")
