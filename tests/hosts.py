"""Git hosts as they deliver: payloads from files, signed with the secret of a hook.

Not here: what an event tells.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from fairlead.domain.access import OrgId
from fairlead.domain.changes import PullRequest, RepositoryId
from fairlead.domain.hooks import CHANCE_BYTES, SECRET_BYTES, Deploys, Hook, Vendor
from fairlead.store import pull_requests
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_hook import HookWanted, create_hooks
from tests.factories import NOON

FOLDER = Path(__file__).parent / "dialects"

_numbers = itertools.count(1)


def payload(vendor: str, name: str, /, **changes: Any) -> Any:
    """Return a payload file; `a__b=value` changes `b` in `a`, and a list's places are numbers."""
    told = json.loads((FOLDER / vendor / "payloads" / f"{name}.json").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *way, last = path.split("__")
        at = told
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value
    return told


def a_hook(ledger: Ledger, vendor: Vendor, org_id: OrgId, *deploys: Deploys) -> Hook:
    """Return a hook that is kept."""
    wanted = HookWanted(
        org_id=org_id,
        vendor=vendor,
        deploys=deploys,
        secret=os.urandom(SECRET_BYTES),
        chance=os.urandom(CHANCE_BYTES),
        at=NOON,
    )
    hook: Hook = ledger.write(create_hooks, wanted)
    return hook


@dataclass(frozen=True, slots=True)
class Host:
    """A Git host that knows one hook of a server."""

    http: httpx.Client
    ledger: Ledger
    hook: Hook
    secret: str = field(default="")
    """What it signs with instead of the hook's own secret."""

    @property
    def path(self) -> str:
        """Where it delivers."""
        return f"/hooks/{self.hook.vendor}/{self.hook.id}"

    def deliver(self, event: str, told: Any, **headers: str | bytes) -> httpx.Response:
        """Deliver an event under an id of its own; header names are given with `_` for `-`."""
        return self.deliver_bytes(event, json.dumps(told).encode(), **headers)

    def deliver_bytes(self, event: str, body: bytes, **headers: str | bytes) -> httpx.Response:
        """Deliver a body as it is."""
        named = {name.replace("_", "-").encode(): _bytes(value) for name, value in headers.items()}
        usual = {name.encode(): _bytes(value) for name, value in self._headers(event, body).items()}
        return self.http.post(self.path, content=body, headers=usual | named)

    def pull_request(self, number: int, repository: str) -> PullRequest | None:
        """Return what is known of a pull request."""
        return self.ledger.read(pull_requests.get, self.hook.org_id, RepositoryId(repository), number)

    def _headers(self, event: str, body: bytes) -> dict[str, str]:
        secret, number = self.secret or self.hook.secret, next(_numbers)
        if self.hook.vendor is Vendor.GITHUB:
            return {
                "Content-Type": "application/json",
                "User-Agent": "GitHub-Hookshot/044aadd",
                "X-GitHub-Delivery": f"72d3162e-cc78-11e3-81ab-{number:012}",
                "X-GitHub-Event": event,
                "X-Hub-Signature-256": github_signature(secret, body),
            }
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.4.0",
            "Idempotency-Key": f"7bafea1a-a1bf-4948-9a37-{number:012}",
            "X-Gitlab-Event": event,
            "X-Gitlab-Event-UUID": "1697b63f-d1eb-4c59-b2c1-e65b12e635c0",
            "X-Gitlab-Token": secret,
        }


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def github_signature(secret: str, body: bytes) -> str:
    """Return `X-Hub-Signature-256` as GitHub documents it."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def standard_signature(secret: str, message: Mapping[str, str], body: bytes) -> str:
    """Return `webhook-signature` as Standard Webhooks documents it, for the ids in `message`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message['webhook_id']}.{message['webhook_timestamp']}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
