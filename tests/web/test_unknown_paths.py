import pytest

from tests.web.conftest import Site

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("path", ["/nothing-here", "/settings/nothing-here", "/static/x/nothing-here.css"])
def test_a_browser_is_told_by_a_page_that_there_is_nothing(site: Site, path: str) -> None:
    for person in (site.ada, site.stranger):
        answer = person.send("GET", path, headers={"Accept": BROWSER})

        assert (404, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
        assert "<h1>There is nothing here</h1>" in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_is_told_so_in_json(site: Site, accept: str) -> None:
    answer = site.stranger.send("GET", "/nothing-here", headers={"Accept": accept})

    assert (404, "application/json") == (answer.status_code, answer.headers["content-type"])


@pytest.mark.parametrize(
    "path", ["/api/v2/dora/nothing-here", "/api/fairlead/v1/nothing-here", "/hooks/github/x"]
)
def test_an_api_answers_a_browser_as_it_answers_programs(site: Site, path: str) -> None:
    answer = site.stranger.send("GET", path, headers={"Accept": BROWSER})

    assert 400 <= answer.status_code < 500
    assert "html" not in answer.headers["content-type"]


def test_what_is_looked_for_is_shown_as_text(site: Site) -> None:
    answer = site.ada.send("GET", "/<script>alert(1)", headers={"Accept": BROWSER})

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
