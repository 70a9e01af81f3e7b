"""Believable nouns: a test names only what it is about. Not here: storing them."""

import hashlib
import itertools
from typing import Any

from fairlead.domain.access import Key, KeyId, KeyKind, Organisation, OrgId, organisation_id
from fairlead.domain.catalog import DEFAULT_NAMESPACE, SERVICE, Description, Entry, Ref
from fairlead.domain.changes import Commit, Person, RepositoryId, Sha
from fairlead.domain.code_references import Branch, CodeRepository, Host, Hunk, code_repository_key
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.failures import Failure, FailureId
from fairlead.domain.flags import Flag
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.domain.reports import PullRequestReport
from fairlead.usecases.put_entries import EntryTold

ORG_ID: OrgId = organisation_id("default")
NOON = from_rfc3339("2025-03-12T12:00:00Z")
MINUTE_NS = 60 * NS_PER_S

_numbers = itertools.count(1)


def a_deployment(**changes: Any) -> Deployment:
    """Return a deployment of five minutes, with an id of its own; moving its end moves its start."""
    number = next(_numbers)
    finished_at = changes.get("finished_at", NOON)
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "id": DeploymentId(f"d-{number:06}"),
        "named_by_caller": True,
        "service": "checkout",
        "env": "prod",
        "team": "payments",
        "version": "1.4.2",
        "repository_id": "github.com/shopist/checkout",
        "commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588",
        "started_at": finished_at - 5 * MINUTE_NS,
        "finished_at": finished_at,
        "tags": ("region:eu-west-1", "language:go"),
        "received_at": finished_at + NS_PER_S,
    }
    return Deployment(**fields | changes)


def a_failure(**changes: Any) -> Failure:
    """Return a failure of half an hour, with an id of its own; moving its start moves its end."""
    number = next(_numbers)
    started_at = changes.get("started_at", NOON)
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "id": FailureId(f"f-{number:06}"),
        "named_by_caller": True,
        "started_at": started_at,
        "finished_at": started_at + 30 * MINUTE_NS,
        "services": ("checkout",),
        "team": "payments",
        "env": "prod",
        "version": "1.4.2",
        "name": "Checkout answers with errors",
        "severity": "High",
        "tags": ("region:eu-west-1",),
        "received_at": started_at + NS_PER_S,
    }
    return Failure(**fields | changes)


def an_organisation(**changes: Any) -> Organisation:
    """Return an organisation with a name of its own; its id follows from its name."""
    name = changes.get("name", f"organisation-{next(_numbers)}")
    fields: dict[str, Any] = {
        "org_id": organisation_id(name),
        "name": name,
        "rate_limit": "",
        "created_at": NOON,
    }
    return Organisation(**fields | changes)


def a_key(**changes: Any) -> Key:
    """Return an API key with an id of its own."""
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "id": KeyId(f"k-{next(_numbers):06}"),
        "kind": KeyKind.API,
        "name": "ci",
        "permissions": frozenset(),
        "created_at": NOON,
        "revoked_at": None,
    }
    return Key(**fields | changes)


def a_sha(number: int) -> Sha:
    """Return a SHA that sorts unlike its number, as real ones do."""
    return Sha(hashlib.sha1(str(number).encode()).hexdigest())  # noqa: S324 - what git uses


def a_commit(**changes: Any) -> Commit:
    """Return a commit of one file, with a SHA of its own and no parents."""
    number = next(_numbers)
    ada = Person("Ada Lovelace", "ada@example.com")
    fields: dict[str, Any] = {
        "sha": a_sha(1_000_000 + number),
        "parents": (),
        "author": ada,
        "authored_at": NOON + number * MINUTE_NS,
        "committer": ada,
        "committed_at": NOON + number * MINUTE_NS,
        "subject": f"Change {number}",
        "paths": ("src/checkout.py",),
    }
    return Commit(**fields | changes)


def a_report(**changes: Any) -> PullRequestReport:
    """Return what an event tells of an open pull request, always the same one."""
    updated_at = changes.get("updated_at", NOON)
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "repository_id": RepositoryId("github.com/shopist/checkout"),
        "number": 17,
        "updated_at": updated_at,
        "opened_at": NOON - 24 * 60 * MINUTE_NS,
        "title": "Charge cards through the new gateway",
    }
    return PullRequestReport(**fields | changes)


def an_entry(**changes: Any) -> Entry:
    """Return a catalogue entry for a service; naming it otherwise is enough to have another."""
    name = changes.pop("name", "checkout")
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "ref": Ref(changes.pop("kind", SERVICE), changes.pop("namespace", DEFAULT_NAMESPACE), name),
        "format": "v2.2",
        "document": f'{{"schema-version":"v2.2","dd-service":"{name}"}}',
        "text": f"schema-version: v2.2\ndd-service: {name}\n",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Entry(**fields | changes)


def an_entry_told(**changes: Any) -> EntryTold:
    """Return a document with what it says; changes may be of either."""
    said = {name: changes.pop(name) for name in Description.__struct_fields__ if name in changes}
    return EntryTold(entry=an_entry(**changes), said=Description(**{"team": "payments"} | said))


def a_code_repository(**changes: Any) -> CodeRepository:
    """Return a repository that `ld-find-code-refs` scans, the one of the deployments above."""
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "name": "checkout",
        "host": Host.GITHUB,
        "source_link": "https://github.com/shopist/checkout",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return CodeRepository(**fields | changes)


def a_branch(**changes: Any) -> Branch:
    """Return the default branch of that repository, scanned at a commit of its own."""
    number = next(_numbers)
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "repository": code_repository_key("checkout"),
        "name": "main",
        "head": a_sha(2_000_000 + number),
        "synced_at": NOON + number * NS_PER_S,
        "committed_at": NOON + number * NS_PER_S,
    }
    return Branch(**fields | changes)


def a_hunk(flag_key: str = "new-gateway", **changes: Any) -> Hunk:
    """Return three lines that name a flag."""
    fields: dict[str, Any] = {
        "path": "src/checkout.py",
        "starting_line_number": 7,
        "lines": f"try:\n    if client.variation('{flag_key}'):\n        pay()",
        "project_key": "default",
        "flag_key": flag_key,
    }
    return Hunk(**fields | changes)


def a_flag(**changes: Any) -> Flag:
    """Return a temporary flag that was created at noon."""
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "project_key": "default",
        "key": "new-gateway",
        "name": "New gateway",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Flag(**fields | changes)
