import html
import re

import pytest

from fairlead.domain.members import Role
from fairlead.store import audit, members
from tests.web.conftest import PASSWORD, Site

PATH = "/settings/members"


def role_of(site: Site, email: str) -> Role | None:
    found = site.ledger.read(members.by_email, site.org_id, email)
    return None if found is None else found.role


def link_on(page: str) -> str:
    found = re.search(r'id="new-link">([^<]+)<', page)
    assert found
    return html.unescape(found[1])


def test_somebody_is_invited_by_a_link(site: Site) -> None:
    link = link_on(site.ada.post(PATH, role="member").text)

    assert link.startswith(f"{site.served.address}/welcome/")
    fields = {"name": "Ben", "email": "ben@example.com", "password": PASSWORD, "again": PASSWORD}
    assert 303 == site.stranger.submit(link.removeprefix(site.served.address), fields).status_code
    assert Role.MEMBER == role_of(site, "ben@example.com")
    assert link not in site.ada.page(PATH)


def test_a_link_for_a_new_password_is_for_that_member(site: Site) -> None:
    page = site.ada.post(PATH, member_id=site.mia.member.id, email="mia@example.com").text

    assert "A link for mia@example.com." in page
    welcome = site.stranger.get(link_on(page).removeprefix(site.served.address)).text
    assert "mia@example.com" in welcome


def test_a_role_changes_what_somebody_may_do_at_once(site: Site) -> None:
    answer = site.ada.post(
        f"{PATH}/change", member_id=site.vic.member.id, role="admin", email="vic@example.com"
    )

    assert f"{PATH}?done=changed" == answer.headers["location"]
    assert 200 == site.vic.get(PATH).status_code
    [noted] = site.ledger.read(audit.latest, site.org_id, limit=5)
    assert ("changed role", "vic@example.com", "admin") == (noted.action, noted.subject, noted.detail)


def test_a_removed_member_is_signed_out(site: Site) -> None:
    site.ada.post(f"{PATH}/change", member_id=site.vic.member.id, action="remove")

    assert "/sign-in" in site.vic.get("/deployments").headers["location"]
    assert role_of(site, "vic@example.com") is None


@pytest.mark.parametrize("fields", [{"action": "remove"}, {"role": "viewer"}])
def test_the_last_administrator_stays_one(site: Site, fields: dict[str, str]) -> None:
    answer = site.ada.post(f"{PATH}/change", member_id=site.ada.member.id, **fields)

    assert 409 == answer.status_code
    assert "The last administrator stays one" in answer.text
    assert Role.ADMIN == role_of(site, "ada@example.com")


def test_members_of_another_organisation_are_out_of_reach(site: Site) -> None:
    fields = {"member_id": site.mia.member.id, "role": "viewer"}

    assert 404 == site.zoe.post(f"{PATH}/change", **fields).status_code
    assert 404 == site.zoe.post(PATH, **fields).status_code
    assert "mia@example.com" not in site.zoe.page(PATH)
    assert Role.MEMBER == role_of(site, "mia@example.com")


def test_a_role_that_does_not_exist_is_refused(site: Site) -> None:
    assert 400 == site.ada.post(PATH, role="king").status_code
    assert 400 == site.ada.post(f"{PATH}/change", member_id=site.mia.member.id, role="king").status_code


def test_the_audit_log_says_who_did_what(site: Site) -> None:
    assert "Nothing has been changed yet" in site.ada.page("/settings/audit")

    site.ada.post(PATH, role="viewer")

    page = site.ada.page("/settings/audit")
    assert "ada@example.com" in page
    assert "made a link" in page
    assert "ada@example.com</td><td>made" not in site.zoe.page("/settings/audit")
