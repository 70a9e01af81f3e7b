"""Requests that post deployments, ready to be sent; no two of them are alike.

Not here: sending (`load.py`), and what ought to come back.
"""

import itertools
import json
from collections.abc import Iterator

DEPLOYMENT = "/api/v2/dora/deployment"

_FIRST_END = 1_741_780_000_000_000_000
_A_MINUTE_NS = 60_000_000_000
_SERVICES = 12
_SHA = "66adc9350f2cc9b250b69abddab733dd55e1a588"


def posts(api_key: str, name: str) -> Iterator[bytes]:
    """Yield requests without end: a minute apart, of a dozen services, with versions `name`-0, `name`-1, …"""
    head = _head("POST", DEPLOYMENT, f"DD-API-KEY: {api_key}", "Content-Type: application/json")
    for number in itertools.count():
        ended_at = _FIRST_END + number * _A_MINUTE_NS
        attributes = {
            "service": f"service-{number % _SERVICES:02}",
            "env": "prod" if number % 3 else "staging",
            "version": f"{name}-{number}",
            "started_at": ended_at - 5 * _A_MINUTE_NS,
            "finished_at": ended_at,
            "git": {"repository_url": "https://github.com/shopist/checkout", "commit_sha": _SHA},
            "custom_tags": ["language:java", "region:eu-west-1"],
        }
        body = json.dumps({"data": {"attributes": attributes}}).encode()
        yield b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)


def gets(path: str) -> Iterator[bytes]:
    """Yield the same request without end."""
    return itertools.repeat(_head("GET", path) + b"\r\n")


def _head(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: fairlead", *headers, ""]).encode()
