"""Sample events and what queries say about them, for every way of answering a query.

The table is written once and asked of `match` and of each database engine. Not here:
generated queries and events (`search_strategies`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from fairlead.search import words
from fairlead.search.values import Value

Event: TypeAlias = Mapping[str, Value | Sequence[str] | Sequence[int]]
"""One deployment by the keys of the search language; `tags` holds whole `key:value` texts."""

EVENTS: Mapping[str, Event] = {
    "E1": {
        "service": "checkout",
        "env": "prod",
        "team": "payments",
        "version": "1.4.2",
        "change_failure": False,
        "deployment_type": "standard",
        "duration": 300,
        "commits": ["4f2a91c0e1d5b7a3c9f8e6d4b2a0918273645546"],
        "pull_requests": [9],
        "tags": ["region:eu", "tier:1"],
    },
    "E2": {
        "service": "checkout",
        "env": "prod",
        "team": "payments",
        "version": "1.5.0-rc1",
        "change_failure": True,
        "deployment_type": "standard",
        "duration": 920,
        "recovery_time_sec": 1800,
        "remediation.type": "rollback",
        "commits": [
            "4f2a91c7766554433221100ffeeddccbbaa99887",
            "9e107d9d372bb6826bd81d3542a419d6aabbccdd",
        ],
        "pull_requests": [10, 123],
        "tags": ["region:eu", "region:us"],
    },
    "E3": {
        "service": "checkout-api",
        "env": "staging",
        "team": "payments",
        "version": "v2.0",
        "change_failure": False,
        "deployment_type": "rollback",
        "duration": 120,
        "commits": ["9e107d9d372bb6826bd81d3542a419d6aabbccdd"],
        "tags": ["tier:2"],
    },
    "E4": {
        "service": "search",
        "env": "prod",
        "version": "build 77",
        "change_failure": False,
        "deployment_type": "rollforward",
        "duration": 45,
        "tags": ["region:us", "owner:a:b"],
    },
    "E5": {
        "service": "Search",
        "env": "production",
        "team": "discovery",
        "version": "77",
        "deployment_type": "standard",
        "git.repository_id": "github.com/acme/search",
    },
    "E6": {
        "service": "ml-ranker",
        "env": "prod",
        "team": "discovery",
        "version": "2026.03.1",
        "change_failure": True,
        "deployment_type": "standard",
        "duration": 100,
        "recovery_time_sec": 90000,
        "remediation.type": "rollforward",
        "tags": ["tier:1"],
    },
}

EXAMPLES: Sequence[tuple[str, str]] = [
    ("service:checkout env:prod", "E1 E2"),
    ("service:(checkout OR search)", "E1 E2 E4"),
    ("env:prod AND -service:checkout", "E4 E6"),
    ("service:search OR service:checkout version:1.4.2", "E1 E4"),
    ("(service:search OR service:checkout) version:1.4.2", "E1"),
    ("NOT service:checkout env:prod", "E4 E6"),
    ("-(service:checkout OR service:search)", "E3 E5 E6"),
    ("-service:(checkout OR search) env:prod", "E6"),
    ("service:check*", "E1 E2 E3"),
    ("version:*rc*", "E2"),
    ("version:1.4.?", "E1"),
    ('service:"check*"', ""),
    ('version:"build 77"', "E4"),
    (r"version:build\ 77", "E4"),
    ("version:build?77", "E4"),
    (r"owner:a\:b", "E4"),
    ('owner:"a:b"', "E4"),
    ("owner:a?b", "E4"),
    ("region:(eu AND us)", "E2"),
    ("region:(eu us)", "E2"),
    ("-team:*", "E4"),
    ("_missing_:team", "E4"),
    ("_exists_:team", "E1 E2 E3 E5 E6"),
    ("team:*", "E1 E2 E3 E5 E6"),
    ("@duration:>300", "E2"),
    ("@duration:[100 TO 300]", "E1 E3 E6"),
    ("@duration:{100 TO 300}", "E3"),
    ("@duration:[300 TO *]", "E1 E2"),
    ("-@duration:>100", "E4 E5 E6"),
    ("change_failure:true -remediation.type:rollback", "E6"),
    ("-change_failure:true", "E1 E3 E4 E5"),
    ("change_failure:false", "E1 E3 E4"),
    ("git.repository_id:github.com/acme/*", "E5"),
    ("env:prod or env:staging", ""),
    ("env:prod && (team:payments || team:discovery)", "E1 E2 E6"),
    ("", "E1 E2 E3 E4 E5 E6"),
    ("*", "E1 E2 E3 E4 E5 E6"),
    ("*:*", "E1 E2 E3 E4 E5 E6"),
    ("version:1.5.0-rc1", "E2"),
    ("- env:prod", "E3 E5"),
    (r"service:checkout\-api", "E3"),
    ("checkout", "E1 E2 E3"),
    # Beyond the table of the specification: what each rule means at its edge.
    ("SEARCH", "E4 E5"),
    ("77", "E4 E5"),
    ('"build 77"', "E4"),
    ("search prod", "E4"),
    ("check*", "E1 E2 E3"),
    ("*anker", "E6"),
    ("1.5.?", "E2"),
    ("eu", ""),
    ("-checkout", "E4 E5 E6"),
    ("tags:region\\:us", "E2 E4"),
    ('tags:"owner:a:b"', "E4"),
    ("tags:tier*", "E1 E3 E6"),
    ("-tags:*", "E5"),
    ("tier:>1", "E3"),
    ("tier:>10", "E3"),
    ("duration:300.0", "E1"),
    ("duration:1*", "E3 E6"),
    ("duration:*0", "E1 E2 E3 E6"),
    ("duration:(>=100 -300)", "E2 E3 E6"),
    ("duration:>abc", ""),
    ("duration:<abc", "E1 E2 E3 E4 E6"),
    ("change_failure:t*", "E2 E6"),
    ("change_failure:True", ""),
    ("version:[1 TO 2]", "E1 E2"),
    ("version:{* TO 77}", "E1 E2 E6"),
    ("no.such-key:1", ""),
    ("-no.such-key:1", "E1 E2 E3 E4 E5 E6"),
    ("team:(payments discovery)", ""),
    ("commits:9e107d9d372bb6826bd81d3542a419d6aabbccdd", "E2 E3"),
    ("commits:4f2a91c*", "E1 E2"),
    ("commits:4f2a91c", ""),
    ("commits:4F2A91C*", ""),
    ("commits:(4f2a91c0* OR 9e107d9*)", "E1 E2 E3"),
    ("commits:(4f2a91c* 9e107d9*)", "E2"),
    ("commits:[9 TO a]", "E2 E3"),
    ("commits:*", "E1 E2 E3"),
    ("-commits:*", "E4 E5 E6"),
    ("-commits:4f2a91c*", "E3 E4 E5 E6"),
    ("pull_requests:10", "E2"),
    ("pull_requests:10.0", "E2"),
    ("pull_requests:1", ""),
    ("pull_requests:1*", "E2"),
    ("pull_requests:>9", "E2"),
    ("pull_requests:[9 TO 10]", "E1 E2"),
    ("pull_requests:{9 TO 10}", ""),
    ("pull_requests:(10 123)", "E2"),
    ("pull_requests:(9 OR 123)", "E1 E2"),
    ("pull_requests:(>10 <123)", "E2"),
    ("-pull_requests:*", "E3 E4 E5 E6"),
    ("pull_requests:99999999999999999999", ""),
    ("pull_requests:<99999999999999999999", "E1 E2"),
]
"""A query and the events it holds for. The first 42 are the 36 rows of the specification that
are not refused, with their other spellings."""

REFUSED: Sequence[str] = ["(env:prod", "env:prod AND", "service:", "@duration:[1 TO 5}"]
"""The refused row of the specification."""


@dataclass(frozen=True, slots=True)
class PlainRecord:
    """An event as `match` sees one: its own fields by name, then the tags of that name."""

    event: Event

    def values(self, key: str) -> Sequence[Value]:
        if key in self.event:
            return self._listed(key)
        tags = (str(tag).partition(":") for tag in self._listed("tags"))
        return [value for name, _, value in tags if name == key]

    def text(self) -> str:
        fields = (self.event.get(key, "") for key in ("service", "team", "env", "version"))
        return words.document(field for field in fields if isinstance(field, str))

    def _listed(self, key: str) -> list[Value]:
        found = self.event.get(key, [])
        return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else [found]
