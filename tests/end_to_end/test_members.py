import json

from tests.programs import Commands, Program

PASSWORD = "correct horse battery staple"
JOINS = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD, "again": PASSWORD}


def test_the_first_start_prints_a_link_for_the_first_administrator(program: Program) -> None:
    with program.server("serve") as server:
        told = server.lines_until("Nobody can sign in yet.")[-1]
        link = told.split()[-1]
        assert link.startswith(f"{server.address}/welcome/")
        joined = server.post(
            link.removeprefix(server.address), data=JOINS, headers={"Origin": server.address}
        )
        assert (303, "/") == (joined.status_code, joined.headers["location"])
        server.stop()

    [ada] = json.loads(program.here("members", "list", "--json"))
    assert ("ada@example.com", "admin") == (ada["email"], ada["role"])
    with program.server("serve") as server:
        [told] = server.lines_until("It has no key yet.")
        assert "welcome" not in told


def test_an_invitation_is_over_when_another_is_made(commands_on: Commands) -> None:
    first = commands_on.run("members", "invite", "--role", "viewer")
    second = commands_on.run("members", "invite")

    assert first.startswith("/welcome/flink_")
    assert first != second
    assert "EMAIL" in commands_on.run("members", "list")


def test_there_is_nobody_to_invite_to_an_organisation_that_is_not_there(commands_on: Commands) -> None:
    told = commands_on.run("members", "invite", "--org", "nowhere", code=1)

    assert "there is no organisation named nowhere" in told
