"""Attempts: tries to bring a version of an application into an environment, told event by event.

A finished attempt is a deployment. Whoever reports events says of which project, environment,
application and version they are and nothing else, so all events of those four are one series, and the
series is cut into attempts here. The rules, of which LaunchDarkly publishes none:

- Events count in the order of their own time; at one instant a start comes first. So whatever order they
  arrive in, and however often, the attempts are the same.
- The first event opens the first attempt. A start after an end opens another one; a start before the end
  changes nothing but that the earliest start counts.
- An end closes the open attempt; one without a start is an attempt that began as it ended. Of several
  ends of one attempt a finish outranks a failure, and of equal ones the earliest stands.
- A custom event opens and closes nothing. Its metadata go to the attempt that is open at its time, or was
  the last to be, or else will be the first.
- Metadata of all events of an attempt are put together; where two tell the same name the later one wins.

Not here: how events are told (`dialects`), and which commit a version is (`domain.versions`).
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId

_IDS = UUID("0c5f9a4e-52a1-5b0e-8c36-6a5b3f0a9d11")
_encode = msgspec.json.Encoder(order="deterministic").encode


class EventType(StrEnum):
    """What an event tells."""

    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"
    CUSTOM = "custom"


_ENDS = frozenset({EventType.FINISHED, EventType.FAILED})
_AT_ONE_INSTANT = {EventType.STARTED: 0, EventType.CUSTOM: 1, EventType.FINISHED: 2, EventType.FAILED: 3}


class AttemptStatus(StrEnum):
    """How an attempt stands."""

    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"


class AttemptKind(StrEnum):
    """What an attempt is beside those before it."""

    DEPLOYMENT = "deployment"
    REDEPLOYMENT = "redeployment"
    """The same version was brought there before, and told of as another attempt."""
    ROLLBACK = "rollback"
    """It put an earlier version back."""
    ROLLFORWARD = "rollforward"
    """It brought new code that repairs an earlier deployment."""


class Series(Struct, frozen=True):
    """What events have in common that are about one version's way into one environment."""

    org_id: OrgId
    project_key: str
    env: str
    application: str
    version: str

    @property
    def id(self) -> str:
        """A UUID that follows from the five."""
        names = self.project_key, self.env, self.application, self.version
        return str(uuid5(_IDS, f"{self.org_id}/{names!r}"))

    def attempt_id(self, ordinal: int) -> str:
        """Return the UUID of one of its attempts."""
        return str(uuid5(UUID(self.id), str(ordinal)))


class AttemptEvent(Struct, frozen=True, kw_only=True):
    """One event as it was told. Texts are empty where the sender gave none."""

    series: Series
    type: EventType
    at: int
    application_name: str = ""
    application_kind: str = ""
    version_name: str = ""
    event_metadata: str = ""
    """JSON, about the event."""
    deployment_metadata: Mapping[str, Any] = {}
    """About the attempt."""
    received_at: int

    @property
    def place(self) -> tuple[Any, ...]:
        """What events are put in order by; equal for equal events alone."""
        return self.at, _AT_ONE_INSTANT[self.type], self.content

    @property
    def content(self) -> bytes:
        """All that was told beside what is compared first."""
        told = (
            self.application_name,
            self.application_kind,
            self.version_name,
            self.event_metadata,
            self.deployment_metadata,
        )
        return _encode(told)


class Correction(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody said by hand about an attempt. No event overrules it; what is None is not corrected."""

    status: AttemptStatus | None = None
    kind: AttemptKind | None = None
    started_at: int | None = None
    ended_at: int | None = None
    archived: bool | None = None
    metadata: Mapping[str, Any] | None = None
    deleted: bool | None = None
    """True: it should never have been told, and is none."""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt, as its events and corrections add up."""

    series: Series
    ordinal: int
    """0 for the first of its series."""
    status: AttemptStatus
    kind: AttemptKind | None
    """None where it follows from what became of it."""
    started_at: int
    ended_at: int | None
    """None exactly while it runs. Never earlier than `started_at`."""
    version_name: str = ""
    metadata: Mapping[str, Any] = {}
    archived: bool = False

    @property
    def id(self) -> str:
        """A UUID."""
        return self.series.attempt_id(self.ordinal)

    @property
    def at(self) -> int:
        """What lists order it by: its end, or its start while it runs."""
        return self.started_at if self.ended_at is None else self.ended_at


def attempts_of(series: Series, events: Iterable[AttemptEvent]) -> list[Attempt]:
    """Return the attempts that the events of a series add up to, the earliest first."""
    told = sorted({event.place: event for event in events}.values(), key=lambda event: event.place)
    parts = _cut(told)
    return [_attempt(series, ordinal, part) for ordinal, part in enumerate(parts)]


def corrected(attempt: Attempt, correction: Correction) -> Attempt:
    """Return an attempt with what somebody said about it.

    Where a status and an instant contradict each other the status stands: what runs has no end, and what
    ended without anybody saying when did so at its start.
    """
    changes = {
        name: value
        for name in Correction.__struct_fields__
        if name != "deleted" and (value := getattr(correction, name)) is not None
    }
    changed = replace(attempt, **changes)
    if changed.status is AttemptStatus.STARTED:
        return replace(changed, ended_at=None)
    ended_at = changed.started_at if changed.ended_at is None else changed.ended_at
    return replace(changed, ended_at=max(ended_at, changed.started_at))


def _cut(events: Sequence[AttemptEvent]) -> list[list[AttemptEvent]]:
    """Cut events in order into those of one attempt each; custom events alone make none."""
    parts: list[list[AttemptEvent]] = []
    waiting: list[AttemptEvent] = []
    has_ended = False
    for event in events:
        if event.type is EventType.CUSTOM:
            (parts[-1] if parts else waiting).append(event)
        elif not parts or (has_ended and event.type is EventType.STARTED):
            parts.append([*waiting, event])
            waiting, has_ended = [], event.type in _ENDS
        else:
            parts[-1].append(event)
            has_ended = has_ended or event.type in _ENDS
    return parts


def _attempt(series: Series, ordinal: int, events: Sequence[AttemptEvent]) -> Attempt:
    starts = [event.at for event in events if event.type is EventType.STARTED]
    end = _end(events)
    metadata: dict[str, Any] = {}
    for event in events:
        metadata.update(event.deployment_metadata)
    names = [event.version_name for event in events if event.version_name]
    status = AttemptStatus.STARTED if end is None else AttemptStatus(end.type.value)
    return Attempt(
        series=series,
        ordinal=ordinal,
        status=status,
        kind=AttemptKind.REDEPLOYMENT if ordinal else None,
        # Without a start there is an end, and the two are one.
        started_at=starts[0] if starts or end is None else end.at,
        ended_at=None if end is None else end.at,
        version_name=names[-1] if names else "",
        metadata=metadata,
    )


def _end(events: Iterable[AttemptEvent]) -> AttemptEvent | None:
    """Return the end that stands."""
    ends = [event for event in events if event.type in _ENDS]
    finished = [event for event in ends if event.type is EventType.FINISHED]
    return next(iter(finished or ends), None)
