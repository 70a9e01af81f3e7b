"""Repositories: one name for one repository, however its address was spelled.

Not here: commits and histories, and anything that opens a repository.
"""

import re
from functools import lru_cache

from fairlead.domain.errors import Rejected

LONGEST_URL = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://", re.ASCII)
# A host, which may be an IPv6 address in brackets, and a port, which may be left empty.
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::(\d*))?", re.ASCII)
_AFTER_PATH = re.compile(r"[?#]")
# Without one of these there is nothing to take away, which is how nearly all addresses are.
_NOT_PLAIN = re.compile(r"[@?#\s]")
_NEVER_IN_ADDRESS = re.compile(r"[\s\x00-\x1f]")
_DEFAULT_PORTS = {"http": "80", "https": "443", "ssh": "22", "git": "9418"}


def without_credentials(url: str) -> str:
    """Return `url` with any user and password taken out, otherwise as it was spelled.

    `git@host:path` keeps its `git@`: without a scheme the user is part of the address
    and never carries a password.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        user, at, rest = url.partition("@")
        return rest if at and ":" in user else url
    authority, slash, path = url[scheme.end() :].partition("/")
    return scheme[0] + authority.rpartition("@")[2] + slash + path


def plain_address(url: str) -> str:
    """Return the address of a repository as it was spelled, without what may be a secret in it.

    That is user and password, and query and fragment: tokens travel in all of these.
    """
    if _NOT_PLAIN.search(url) is None:
        return url
    return without_credentials(_AFTER_PATH.split(url.strip(), maxsplit=1)[0])


def repository_id(url: str, field: str = "repository_url") -> str:
    """Return `host/owner/name` for a repository address.

    All spellings of one repository give one id: any scheme, `git@host:owner/name`, with
    or without credentials, `.git`, a default port, a query or a trailing slash. The host
    is lower-cased, the path is not. Idempotent.

    Raises:
        Rejected: no host and path can be read from `url`; the message does not repeat it,
            because it may carry a password.
    """
    # What is remembered below must hold neither a password nor a page of text.
    name = "" if len(url) > LONGEST_URL else _host_and_path(plain_address(url))
    if not name:
        detail = f'attribute "{field}" is not the address of a repository'
        raise Rejected(detail, field=field)
    return name


@lru_cache(maxsize=4096)
def _host_and_path(address: str) -> str:
    """Return the name of the repository at a plain address; empty if it is none."""
    host, path = _split(address)
    host = host.rpartition("@")[2].lower()
    path = re.sub(r"/+", "/", path).strip("/")
    path = path.removesuffix(".git").rstrip("/")
    return f"{host}/{path}" if host and path and not _NEVER_IN_ADDRESS.search(host + path) else ""


def _split(address: str) -> tuple[str, str]:
    """Return host (with a port that is not its scheme's own) and path of an address."""
    if scheme := _SCHEME.match(address):
        authority, _, path = address[scheme.end() :].partition("/")
        found = _AUTHORITY.fullmatch(authority)
        if found is None:
            return "", ""
        usual = _DEFAULT_PORTS.get(scheme[1].lower(), "")
        return (found[1] if found[2] in (None, "", usual) else authority), path
    first, slash, path = address.partition("/")
    if ":" in first and not first.startswith("["):
        # The form of `scp`: host:path, where the path may hold further slashes.
        host, _, start = first.partition(":")
        return (host, start + slash + path) if not start.isdigit() else (first, path)
    return first, path
