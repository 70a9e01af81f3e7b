import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.errors import Rejected
from fairlead.domain.repositories import LONGEST_URL, plain_address, repository_id, without_credentials

SECRET = "s3cret"

ONE_REPOSITORY = [
    "https://github.com/shopist/checkout",
    "http://github.com/shopist/checkout",
    "HTTPS://GitHub.com/shopist/checkout",
    "https://github.com/shopist/checkout.git",
    "https://github.com/shopist/checkout/",
    "https://github.com/shopist/checkout.git/",
    "https://github.com//shopist//checkout",
    "https://github.com:443/shopist/checkout",
    "https://github.com:/shopist/checkout",
    "http://github.com:80/shopist/checkout",
    "https://github.com/shopist/checkout?ref=main",
    "https://github.com/shopist/checkout#readme",
    "  https://github.com/shopist/checkout\n",
    "https://robot@github.com/shopist/checkout",
    "https://robot:s3cret@github.com/shopist/checkout",
    "https://robot:p@ss@github.com/shopist/checkout",
    "https://:s3cret@github.com/shopist/checkout",
    "git://github.com/shopist/checkout.git",
    "git://github.com:9418/shopist/checkout",
    "ssh://git@github.com/shopist/checkout.git",
    "ssh://git@github.com:22/shopist/checkout",
    "git+ssh://git@github.com/shopist/checkout",
    "git@github.com:shopist/checkout.git",
    "git@github.com:/shopist/checkout",
    "robot:s3cret@github.com:shopist/checkout",
    "github.com:shopist/checkout",
    "github.com/shopist/checkout",
]


@pytest.mark.parametrize("spelled", ONE_REPOSITORY)
def test_one_repository_has_one_name(spelled: str) -> None:
    assert "github.com/shopist/checkout" == repository_id(spelled)


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("https://gitlab.example:8443/a/b/c.git", "gitlab.example:8443/a/b/c"),
        ("ssh://git@gitlab.example:2222/a/b", "gitlab.example:2222/a/b"),
        ("gitlab.example:2222/a/b", "gitlab.example:2222/a/b"),
        ("https://dev.azure.com/org/My%20Project/_git/repo", "dev.azure.com/org/My%20Project/_git/repo"),
        ("https://git.example/~ada/Tools", "git.example/~ada/Tools"),
        ("https://[2001:DB8::1]:8443/o/r", "[2001:db8::1]:8443/o/r"),
        ("https://[2001:db8::1]:443/o/r", "[2001:db8::1]/o/r"),
        ("https://git.example/o/r.github", "git.example/o/r.github"),
    ],
)
def test_what_tells_repositories_apart_is_kept(spelled: str, name: str) -> None:
    assert name == repository_id(spelled)


@pytest.mark.parametrize("spelled", [*ONE_REPOSITORY, "https://[::1]:8443/o/r", "https://h:8443/o/r"])
def test_a_name_is_its_own_name(spelled: str) -> None:
    name = repository_id(spelled)

    assert name == repository_id(name)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "   ",
        "https://",
        "https:///path",
        "https://github.com",
        "https://github.com/",
        "https://github.com/.git",
        "/srv/git/checkout.git",
        "https://github.com:port/o/r",
        "https://robot:s3cret/w@github.com/o/r",
        "https://robot:s3cret#@github.com/o/r",
        "https://git hub.com/o/r",
        "https://github.com/o r",
        "https://github.com/o\nr",
        "https://[::1/o/r",
        "https://github.com/" + "r" * LONGEST_URL,
    ],
)
def test_what_names_no_repository_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(Rejected) as refused:
        repository_id(wrong, "git.url")

    assert ('attribute "git.url" is not the address of a repository', "git.url") == (
        str(refused.value),
        refused.value.field,
    )


@pytest.mark.parametrize(
    ("spelled", "plain"),
    [
        (f"https://robot:{SECRET}@github.com/o/r.git", "https://github.com/o/r.git"),
        (f"https://{SECRET}@github.com/o/r", "https://github.com/o/r"),
        (f"https://github.com/o/r?access_token={SECRET}", "https://github.com/o/r"),
        (f"https://github.com/o/r#{SECRET}", "https://github.com/o/r"),
        (f"robot:{SECRET}@github.com:o/r", "github.com:o/r"),
        ("git@github.com:o/r", "git@github.com:o/r"),
        ("ssh://git@github.com/o/r", "ssh://github.com/o/r"),
        ("https://GitHub.com/o/r/", "https://GitHub.com/o/r/"),
    ],
)
def test_a_plain_address_is_as_it_was_spelled_without_secrets(spelled: str, plain: str) -> None:
    assert plain == plain_address(spelled)


def test_an_address_that_is_no_repository_s_keeps_its_options() -> None:
    url = f"postgresql+psycopg://fairlead:{SECRET}@db.example/fairlead?sslmode=require"

    assert "postgresql+psycopg://db.example/fairlead?sslmode=require" == without_credentials(url)


@given(
    scheme=st.sampled_from(["https", "ssh", "git"]),
    user=st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), max_size=8),
    password=st.text(st.characters(exclude_characters="/?#", exclude_categories=["Cs"]), max_size=8),
    path=st.from_regex(r"\A[a-z0-9-]{1,9}/[a-z0-9-]{1,9}\Z"),
)
def test_no_password_changes_the_name(scheme: str, user: str, password: str, path: str) -> None:
    assert f"git.example/{path}" == repository_id(f"{scheme}://{user}:{password}@git.example/{path}")


@given(st.text(max_size=60))
def test_any_text_has_a_stable_name_or_is_refused(text: str) -> None:
    try:
        name = repository_id(text)
    except Rejected:
        return

    host, slash, path = name.partition("/")
    assert host
    assert slash
    assert path
    assert name == name.strip()
