"""Where a Git host shows a commit or what changed between two. A guess by the shape of its name.

Hosts of one's own are taken for GitHub's kind unless their name says otherwise. Not here: asking one.
"""

from urllib.parse import quote


def commit_address(repository_id: str, sha: str) -> str:
    """Return where the host shows a commit; nothing for a repository that has no host."""
    if not _has_host(repository_id):
        return ""
    infix = "/-" if "gitlab" in repository_id.partition("/")[0] else ""
    return f"https://{quote(repository_id)}{infix}/commit/{quote(sha)}"


def difference_address(repository_id: str, before: str, after: str) -> str:
    """Return where the host shows what changed from one commit to another."""
    if not _has_host(repository_id):
        return ""
    infix = "/-" if "gitlab" in repository_id.partition("/")[0] else ""
    return f"https://{quote(repository_id)}{infix}/compare/{quote(before)}...{quote(after)}"


def _has_host(repository_id: str) -> bool:
    host, slash, _ = repository_id.partition("/")
    return bool(slash) and "." in host
