import time

import httpx
import pytest

from fairlead.domain.members import Role
from fairlead.intake.sessions import COOKIE
from fairlead.store import audit, members
from fairlead.web.threshold import way_back
from tests.web.conftest import PASSWORD, Site

JOINS = {"name": "Ben", "email": "Ben@Example.com", "password": PASSWORD, "again": PASSWORD}


def signs_in(site: Site, email: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    form = {"organisation": site.organisation, "email": email, "password": password, **fields}
    return site.stranger.submit("/sign-in", form)


def test_a_stranger_is_sent_to_sign_in_and_back_to_the_page_they_wanted(site: Site) -> None:
    answer = site.stranger.get("/deployments?query=env:prod")

    assert 303 == answer.status_code
    assert "/sign-in?next=%2Fdeployments%3Fquery%3Denv%3Aprod" == answer.headers["location"]


def test_the_right_password_opens_the_page_that_was_wanted(site: Site) -> None:
    answer = signs_in(site, "ADA@example.com", next="/deployments?query=env:prod")

    assert (303, "/deployments?query=env:prod") == (answer.status_code, answer.headers["location"])
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert "Ada" in site.stranger.send("GET", "/deployments", headers={"Cookie": cookie}).text


def test_the_session_is_kept_where_no_script_can_read_it(site: Site) -> None:
    cookie = signs_in(site, "ada@example.com").headers["set-cookie"]

    assert cookie.startswith(f"{COOKIE}=flses_")
    assert "; HttpOnly; SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_sound_the_same(
    site: Site, email: str, password: str
) -> None:
    answer = signs_in(site, email, password)

    assert 400 == answer.status_code
    assert "Address and password do not belong together." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_member_of_one_organisation_is_unknown_to_another(site: Site) -> None:
    assert 400 == signs_in(site, "zoe@example.com").status_code


def test_guessing_is_stopped_even_where_the_guess_is_right(site: Site) -> None:
    for _ in range(10):
        signs_in(site, "mia@example.com", "a guess")

    assert "Too many attempts; try again in 5 minutes." in signs_in(site, "mia@example.com").text
    assert 303 == signs_in(site, "vic@example.com").status_code


def test_signing_out_ends_the_session_itself(site: Site) -> None:
    assert 303 == site.ada.post("/sign-out").status_code

    assert "/sign-in" in site.ada.get("/deployments").headers["location"]


def test_a_link_makes_a_member_with_its_role_and_works_once(site: Site) -> None:
    path = site.link(Role.VIEWER)
    assert "a viewer of" in site.stranger.get(path).text
    answer = site.stranger.submit(path, JOINS)
    again = site.stranger.submit(path, JOINS | {"email": "eve@example.com"})

    assert (303, "/") == (answer.status_code, answer.headers["location"])
    assert 404 == again.status_code
    ben = site.ledger.read(members.by_email, site.org_id, "ben@example.com")
    assert ben is not None
    assert ("Ben", Role.VIEWER) == (ben.name, ben.role)
    [noted, *_] = site.ledger.read(audit.latest, site.org_id, limit=1)
    assert ("ben@example.com", "joined", "as viewer") == (noted.actor, noted.action, noted.detail)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "short", "again": "short"}, "A password has at least 12 characters."),
        ({"again": f"{PASSWORD}."}, "The two passwords differ."),
        ({"email": "nowhere"}, "An e-mail address looks like name@example.com."),
        ({"name": " "}, "A name is needed, so that others know who did what."),
        ({"email": "ada@example.com"}, "Ada@example.com is a member already; sign in instead."),
    ],
)
def test_what_is_wrong_is_said_and_the_link_still_works(
    site: Site, changes: dict[str, str], told: str
) -> None:
    path = site.link()
    answer = site.stranger.submit(path, JOINS | changes)

    assert 400 == answer.status_code
    assert told in answer.text
    assert 303 == site.stranger.submit(path, JOINS).status_code


def test_a_link_for_a_known_member_sets_a_password_and_signs_out_everywhere_else(site: Site) -> None:
    path = site.link(member_id=site.mia.member.id)
    new = "another long sentence"
    answer = site.stranger.submit(path, {"password": new, "again": new})

    assert 303 == answer.status_code
    assert "/sign-in" in site.mia.get("/deployments").headers["location"]
    assert 303 == signs_in(site, "mia@example.com", new).status_code
    assert 400 == signs_in(site, "mia@example.com").status_code


def test_an_old_link_is_over(site: Site) -> None:
    path = site.link(created_at=1, expires_at=time.time_ns() - 1)

    assert 404 == site.stranger.get(path).status_code
    assert "This link is over" in site.stranger.submit(path, JOINS).text


@pytest.mark.parametrize(
    "token", ["flink_", "flink_AAAAAAAAAAA", "x" * 500, "flses_AAAAAAAAAAAAAAAA", "flink_é"]
)
def test_a_link_that_nobody_made_is_over_too(site: Site, token: str) -> None:
    assert 404 == site.stranger.get(f"/welcome/{token}").status_code


def test_a_session_that_is_over_or_made_up_is_a_stranger(site: Site) -> None:
    for cookie in (
        "flses_AAAAAAAAAAA",
        "flses_" + "A" * 54,
        "x" * 9000,
        site.ada.session[:-2] + "AA",
    ):
        answer = site.stranger.send("GET", "/deployments", headers={"Cookie": f"{COOKIE}={cookie}"})
        assert 303 == answer.status_code


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\nb"])
def test_nobody_is_sent_to_another_server(wanted: str) -> None:
    assert "/" == way_back(wanted)
