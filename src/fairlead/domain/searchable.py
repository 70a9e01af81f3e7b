"""What a search can ask of a deployment and of a failure: the keys, and what stands under each.

`DEPLOYMENT_FIELDS` and `FAILURE_FIELDS` are the one list of keys. Whatever is no key of its own
is the key of custom tags; a field hides a custom tag of the same name. Not here: when a query
holds (`search.match`) and where the same keys are in a database (`store.search_fields`).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Final, Generic, TypeAlias, TypeVar

from msgspec import Struct

from fairlead.domain.deployments import Deployment, WholeDeployment
from fairlead.domain.failures import Failure
from fairlead.domain.links import STAGES, LinkedCommit
from fairlead.search import words
from fairlead.search.values import Instant, Value

_Noun = TypeVar("_Noun")
Fields: TypeAlias = Mapping[str, Callable[[_Noun], Sequence[Value]]]
"""For each key the values that a noun has under it; empty texts stand for none."""

# A 64-bit count of nanoseconds has at most 19 digits; the usual 28 would do, but nobody else may lower them.
_EXACT: Final = Context(prec=30)


def _in(known: WholeDeployment) -> Sequence[LinkedCommit]:
    """Return the commits that count as the deployment's own."""
    return [one for one in known.commits if one.exclusion is None]


def _shas(known: WholeDeployment) -> Sequence[Value]:
    return [one.sha for one in _in(known)]


def _numbers(known: WholeDeployment) -> Sequence[Value]:
    return list({one.pull_request for one in _in(known) if one.pull_request is not None})


def _stage(place: int) -> Callable[[WholeDeployment], Sequence[Value]]:
    return lambda known: _seconds(known.link.lead.stages_ns[place])


DEPLOYMENT_FIELDS: Final[Fields[WholeDeployment]] = {
    "id": lambda known: (known.fact.id,),
    "service": lambda known: (known.fact.service,),
    "env": lambda known: (known.fact.env,),
    "team": lambda known: (known.fact.team,),
    "version": lambda known: (known.fact.version,),
    "git.repository_id": lambda known: (known.fact.repository_id,),
    "repository_id": lambda known: (known.fact.repository_id,),
    "git.commit_sha": lambda known: (known.fact.commit_sha,),
    "commit_sha": lambda known: (known.fact.commit_sha,),
    "source": lambda known: (known.fact.source,),
    "started_at": lambda known: (Instant(known.fact.started_at),),
    "finished_at": lambda known: (Instant(known.fact.finished_at),),
    "created_at": lambda known: (Instant(known.fact.received_at),),
    "duration": lambda known: _seconds(known.fact.duration_ns),
    "change_failure": lambda known: _if_any(known.outcome.change_failure),
    "deployment_type": lambda known: (known.outcome.deployment_type.value,),
    "recovery_time_sec": lambda known: _seconds(known.outcome.recovery_time_ns),
    "remediation.id": lambda known: (known.outcome.remediation_id,),
    "remediation.type": lambda known: _if_any(known.outcome.remediation_type),
    "change_lead_time": lambda known: _seconds(known.link.lead.average_ns),
    "averaged_metrics.change_lead_time": lambda known: _seconds(known.link.lead.average_ns),
    **{f"{at}{name}": _stage(place) for place, name in enumerate(STAGES) for at in ("", "averaged_metrics.")},
    "lead_time_reason": lambda known: _if_any(known.link.reason),
    "number_of_commits": lambda known: _count(known.link.number_of_commits),
    "number_of_pull_requests": lambda known: _count(known.link.number_of_pull_requests),
    **dict.fromkeys(("commits", "commits.sha"), _shas),
    **dict.fromkeys(("pull_requests", "pull_requests.number"), _numbers),
    "tags": lambda known: known.fact.tags,
}

FAILURE_FIELDS: Final[Fields[Failure]] = {
    "id": lambda failure: (failure.id,),
    "name": lambda failure: (failure.name,),
    "severity": lambda failure: (failure.severity,),
    "services": lambda failure: failure.services,
    "service": lambda failure: failure.services,
    "env": lambda failure: (failure.env,),
    "team": lambda failure: (failure.team,),
    "version": lambda failure: (failure.version,),
    "git.repository_url": lambda failure: (failure.repository_url,),
    "repository_url": lambda failure: (failure.repository_url,),
    "git.repository_id": lambda failure: (failure.repository_id,),
    "repository_id": lambda failure: (failure.repository_id,),
    "git.commit_sha": lambda failure: (failure.commit_sha,),
    "commit_sha": lambda failure: (failure.commit_sha,),
    "source": lambda failure: (failure.source,),
    "started_at": lambda failure: (Instant(failure.started_at),),
    "finished_at": lambda failure: () if failure.finished_at is None else (Instant(failure.finished_at),),
    "created_at": lambda failure: (Instant(failure.received_at),),
    "duration": lambda failure: _seconds(failure.duration_ns),
    "tags": lambda failure: failure.tags,
}


def deployment_text(fact: Deployment) -> str:
    """Return the document that free terms look at."""
    return words.document((fact.service, fact.team, fact.env, fact.version))


def failure_text(failure: Failure) -> str:
    """Return the document that free terms look at."""
    return words.document((*failure.services, failure.team, failure.env, failure.version, failure.name))


class Searchable(Struct, Generic[_Noun], frozen=True):
    """A noun as `search.match` sees it."""

    noun: _Noun
    fields: Fields[_Noun]
    tags: Sequence[str]
    document: str

    def values(self, key: str) -> Sequence[Value]:
        """Return what stands under `key`: the field's values, else those of the custom tags with that key."""
        field = self.fields.get(key)
        if field is not None:
            return field(self.noun)
        parts = (tag.partition(":") for tag in self.tags)
        return [value for name, _, value in parts if name == key]

    def text(self) -> str:
        """Return the document that free terms look at."""
        return self.document


def searchable_deployment(known: WholeDeployment) -> Searchable[WholeDeployment]:
    """Return a deployment as a query sees it."""
    return Searchable(known, DEPLOYMENT_FIELDS, known.fact.tags, deployment_text(known.fact))


def searchable_failure(failure: Failure) -> Searchable[Failure]:
    """Return a failure as a query sees it."""
    return Searchable(failure, FAILURE_FIELDS, failure.tags, failure_text(failure))


def _seconds(ns: int | None) -> Sequence[Decimal]:
    return () if ns is None else (Decimal(ns).scaleb(-9, _EXACT),)


def _count(number: int | None) -> Sequence[Decimal]:
    return () if number is None else (Decimal(number),)


def _if_any(value: Value | None) -> Sequence[Value]:
    return () if value is None else (value,)
