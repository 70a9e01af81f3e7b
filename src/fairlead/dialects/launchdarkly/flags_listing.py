"""Which flags a request asks for: `filter`, `tag`, `archived`, `sort` and pages.

Source: the description of `getFeatureFlags` in `ld-openapi.json`, version 2.0; and what older versions
of the API did, which knew no pages unless asked for one.
"""

import re
from collections.abc import Mapping

from fairlead.dialects.launchdarkly import offsets
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.offsets import Page
from fairlead.dialects.launchdarkly.times import instant_from
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.usecases.find_flags import FlagNarrowing, FlagsAsked

WITHOUT_PAGES = frozenset({"20160426", "20191212", "20210729", "20220603"})
"""Versions of the API from before lists of flags had pages."""
SORTS = ("creationDate", "key", "maintainerId", "name", "tags", "type", "targetingModifiedDate")
_FILTERS = frozenset(
    {
        *("query", "tags", "state", "archived", "type", "maintainerId", "maintainerTeamKey"),
        *("creationDate", "evaluated", "filterEnv", "codeReferences.min", "codeReferences.max"),
    }
)
_INSTANT = re.compile(r'\{\s*"(?P<name>before|after)"\s*:\s*"?(?P<at>\d{1,17})"?\s*\}', re.ASCII)
_STATES: Mapping[str, tuple[bool, bool | None]] = {
    "live": (False, False),
    "deprecated": (False, True),
    "archived": (True, None),
}
"""Whether archived, and whether deprecated."""
_TYPES = {"temporary": True, "permanent": False}
_TRUTHS = {"true": True, "false": False}


def page_of(asked: Asked, version: str) -> Page:
    """Return which page is asked for; all flags where a version from before pages asks for none."""
    return offsets.page(asked, usual=None if version in WITHOUT_PAGES else 20)


def flags_asked(
    asked: Asked, org_id: OrgId, project_key: str, here: Page
) -> tuple[FlagsAsked, FlagNarrowing]:
    """Return which flags a request asks for.

    Raises:
        Rejected: it asks for something that there is not, or in a form that is not known.
    """
    told = offsets.filters(asked, _FILTERS)
    sort, descending = offsets.order(asked, SORTS, "key")
    places = _environments(asked, told)
    if sort == "targetingModifiedDate" and not places:
        raise Rejected('query parameter "env" must be present to sort by targetingModifiedDate', field="env")
    archived, deprecated = _state(asked, told)
    tag = asked.text("tag")
    wanted = FlagsAsked(
        org_id=org_id,
        project_key=project_key,
        query=told.get("query", ""),
        tags=[one for one in (tag, *told.get("tags", "").split("+")) if one],
        temporary=_choice(told, "type", _TYPES),
        maintainer_id=told.get("maintainerId", ""),
        maintainer_team_key=told.get("maintainerTeamKey", ""),
        created_before=_instant(told, "creationDate", "before"),
        sort=sort,
        descending=descending,
        environment_key=places[0] if sort == "targetingModifiedDate" else "",
        offset=here.offset,
        limit=here.limit,
        archived=archived,
        deprecated=deprecated,
    )
    return wanted, FlagNarrowing(
        environment_keys=places,
        evaluated_after=_instant(told, "evaluated", "after"),
        evaluated_in=_evaluated_in(told),
        fewest_references=_number(told, "codeReferences.min"),
        most_references=_number(told, "codeReferences.max"),
    )


def _environments(asked: Asked, told: Mapping[str, str]) -> tuple[str, ...]:
    return asked.texts("env") or ((told["filterEnv"],) if told.get("filterEnv") else ())


def _state(asked: Asked, told: Mapping[str, str]) -> tuple[bool, bool | None]:
    if "state" in told:
        if told["state"] not in _STATES:
            raise _wrong("state", f"must be one of {', '.join(_STATES)}")
        return _STATES[told["state"]]
    archived = _choice(told, "archived", _TRUTHS)
    return bool(asked.is_true("archived")) if archived is None else archived, None


def _choice(told: Mapping[str, str], name: str, allowed: Mapping[str, bool]) -> bool | None:
    if name not in told:
        return None
    if told[name] not in allowed:
        raise _wrong(name, f"must be one of {', '.join(allowed)}")
    return allowed[told[name]]


def _instant(told: Mapping[str, str], name: str, bound: str) -> int | None:
    if name not in told:
        return None
    found = _INSTANT.fullmatch(told[name])
    if found is None or found["name"] != bound:
        raise _wrong(name, f'must be {{"{bound}": milliseconds since 1970}}')
    return instant_from(found["at"], "filter")


def _evaluated_in(told: Mapping[str, str]) -> str:
    if "evaluated" in told and not told.get("filterEnv"):
        raise _wrong("evaluated", "needs filterEnv beside it")
    return told.get("filterEnv", "") if "evaluated" in told else ""


def _number(told: Mapping[str, str], name: str) -> int | None:
    if name not in told:
        return None
    if not re.fullmatch(r"\d{1,9}", told[name], re.ASCII):
        raise _wrong(name, "must be a whole number")
    return int(told[name])


def _wrong(name: str, what: str) -> Rejected:
    return Rejected(f'query parameter "filter": {name} {what}', field="filter")
