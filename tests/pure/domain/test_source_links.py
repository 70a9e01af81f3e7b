import pytest

from fairlead.domain.source_links import Folder, folder_of


@pytest.mark.parametrize(
    ("url", "repository", "path"),
    [
        (
            "https://github.com/shopist/mono/tree/main/services/checkout",
            "github.com/shopist/mono",
            "services/checkout",
        ),
        (
            "https://github.com/shopist/mono/tree/main/services/checkout/",
            "github.com/shopist/mono",
            "services/checkout",
        ),
        ("https://GitHub.example/shopist/mono/tree/v1/a?tab=readme#b", "github.example/shopist/mono", "a"),
        (
            "https://github.com/shopist/mono/tree/main/a%20b/%5Bslug%5D",
            "github.com/shopist/mono",
            "a b/[slug]",
        ),
        ("https://gitlab.com/shopist/mono/-/tree/main/services", "gitlab.com/shopist/mono", "services"),
        ("https://gitlab.com/a/b/c/mono/-/tree/main/x/y", "gitlab.com/a/b/c/mono", "x/y"),
        ("https://gitlab.com/shopist/mono/tree/main/services", "gitlab.com/shopist/mono", "services"),
        (
            "https://dev.azure.com/shopist/shop/_git/mono?path=/services/checkout&version=GBmain",
            "dev.azure.com/shopist/shop/_git/mono",
            "services/checkout",
        ),
        (
            "https://dev.azure.com/shopist/shop/_git/mono?path=%2Fservices%2Fa%2520b",
            "dev.azure.com/shopist/shop/_git/mono",
            "services/a%20b",
        ),
        ("  http://git.example:8443/shopist/mono/tree/main/a ", "git.example:8443/shopist/mono", "a"),
    ],
)
def test_a_link_into_a_folder_is_read(url: str, repository: str, path: str) -> None:
    assert Folder(repository, path) == folder_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "checkout",
        "https://github.com/shopist/mono",
        "https://github.com/shopist/mono/tree/main",
        "https://github.com/shopist/mono/tree/main/",
        "https://github.com/shopist/mono/blob/main/README.md",
        "https://gitlab.com/a/b/c/mono/tree/main/x",
        "https://gitlab.com/shopist/mono/-/blob/main/README.md",
        "https://gitlab.com/-/tree/main/x",
        "https://dev.azure.com/shopist/shop/_git/mono",
        "https://dev.azure.com/shopist/shop/_git/mono?path=/",
        "https://dev.azure.com/shopist/shop/_git",
        "git@github.com:shopist/mono.git",
        "javascript:alert(1)//a/b/tree/c/d",
        "https://[::1/shopist/mono/tree/main/a",
        "https:///shopist/mono/tree/main/a",
        "https://github.com/shopist/mono/tree/main/" + "a/" * 1100,
    ],
)
def test_any_other_link_leads_to_no_folder(url: str) -> None:
    assert folder_of(url) is None


def test_the_pattern_of_a_folder_is_everything_below_it_to_the_letter() -> None:
    assert r"a\*b/\?/**" == Folder("github.com/shopist/mono", "a*b/?").pattern
