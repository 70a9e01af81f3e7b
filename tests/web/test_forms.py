import os

import pytest

from fairlead.domain.members import form_token
from fairlead.web.forms import masked, unmasked
from tests.web.conftest import PASSWORD, Site


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "", "127.0.0.1"])
@pytest.mark.parametrize("path", ["/sign-out", "/preferences", "/sign-in", "/welcome/flink_AAAAAAAAAAAAA"])
def test_a_form_of_another_origin_is_refused(site: Site, origin: str, path: str) -> None:
    token = masked(form_token(site.ada.session), os.urandom(32))
    fields = {"form_token": token, "theme": "dark", "email": "ada@example.com", "password": PASSWORD}

    answer = site.ada.send("POST", path, data=fields, headers={"Origin": origin})

    assert 403 == answer.status_code
    assert "This was not sent by a page of this server" in answer.text


@pytest.mark.parametrize("token", ["", "00" * 64, "zz", "é", "ab" * 10_000])
def test_a_form_without_what_only_its_page_knows_is_refused(site: Site, token: str) -> None:
    answer = site.ada.submit("/sign-out", {"form_token": token})

    assert 403 == answer.status_code
    assert 200 == site.ada.get("/deployments").status_code


def test_the_token_of_another_session_is_refused(site: Site) -> None:
    token = masked(form_token(site.mia.session), os.urandom(32))

    assert 403 == site.ada.submit("/sign-out", {"form_token": token}).status_code


def test_a_form_that_is_too_large_or_unreadable_is_refused(site: Site) -> None:
    too_large = site.ada.post("/preferences", theme="x" * 70_000)
    unreadable = site.ada.send("POST", "/preferences", content=b"theme=\xff")
    too_many = site.ada.send("POST", "/preferences", content=b"&".join(b"a=1" for _ in range(400)))

    assert [413, 400, 400] == [one.status_code for one in (too_large, unreadable, too_many)]


def test_what_stands_in_a_form_is_another_text_on_every_page(site: Site) -> None:
    token = form_token(site.ada.session)
    texts = {masked(token, os.urandom(32)) for _ in range(5)}

    assert 5 == len(texts)
    assert {token} == {unmasked(text) for text in texts}


def test_a_choice_is_kept_by_the_browser(site: Site) -> None:
    dark = site.ada.post("/preferences", theme="dark", back="/deployments?query=a")
    zone = site.ada.post("/preferences", zone="Europe/Berlin")
    neither = site.ada.post("/preferences", theme="pink")

    assert (303, "/deployments?query=a") == (dark.status_code, dark.headers["location"])
    assert dark.headers["set-cookie"].startswith("fairlead_theme=dark; ")
    assert zone.headers["set-cookie"].startswith("fairlead_zone=Europe%2FBerlin; ")
    assert 400 == neither.status_code


def test_every_page_says_what_a_browser_may_do_with_it(site: Site) -> None:
    for path in ("/deployments", "/sign-in", "/deployments?range=nothing", "/static/x/nothing.css"):
        policy = site.ada.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_styles_may_be_kept_for_ever_and_pages_not_at_all(site: Site) -> None:
    page = site.ada.get("/deployments")
    style = page.text.partition('href="/static/')[2].partition('"')[0]
    answer = site.ada.get(f"/static/{style}")

    assert "private, no-store" == page.headers["cache-control"]
    assert "public, max-age=31536000, immutable" == answer.headers["cache-control"]
    assert "no-cache" == site.ada.get("/static/old/fairlead.css").headers["cache-control"]
