"""Between rules in Fairlead's own API and rules, both ways; and the shape of a preview.

Not here: what rules mean (`metrics.change_failures`).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import msgspec

from fairlead.dialects.native import failure_rules_wire as wire
from fairlead.domain.access import OrgId
from fairlead.domain.deployments import Outcome
from fairlead.domain.errors import Rejected
from fairlead.domain.failure_rules import Aspect, FailureRules, LinkedRule, StaticRule
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339, to_rfc3339
from fairlead.usecases.preview_failure_rules import Changed, Preview, PreviewWanted, Tally

_USUAL_NS: Final = 90 * 86_400 * NS_PER_S
_FARTHEST_NS: Final = 2**62
_MOST_SHOWN: Final = 500
_Rule = TypeVar("_Rule")
_Told = TypeVar("_Told")


def rules_from(told: wire.RulesTold, key_id: str, now: int) -> FailureRules:
    """Return the rules that were told.

    Raises:
        Rejected: one of them is not acceptable; the field says which.
    """
    usual = FailureRules()
    linked = usual.linked if told.linked is None else _each(told.linked, "linked", _linked)
    static = usual.static if told.static is None else _each(told.static, "static", _static)
    window_s = told.failure_window_s
    return FailureRules(
        rollbacks=told.rollbacks,
        rollbacks_of_rollbacks=told.rollbacks_of_rollbacks,
        linked=linked,
        static=static,
        failure_window_ns=usual.failure_window_ns if window_s is None else _window_ns(window_s),
        changed_at=now,
        changed_by=key_id,
    )


def preview_wanted(told: wire.RulesTried, org_id: OrgId, now: int) -> PreviewWanted:
    """Return which rules to try on what.

    Raises:
        Rejected: a rule or a bound is not acceptable.
    """
    until_at = now if told.to is None else _instant(told.to, "to")
    from_at = until_at - _USUAL_NS if told.from_ is None else _instant(told.from_, "from")
    if from_at >= until_at:
        raise Rejected('attribute "from" is not earlier than "to"', field="from")
    return PreviewWanted(org_id=org_id, rules=rules_from(told, "", now), from_at=from_at, until_at=until_at)


def rules_seen(rules: FailureRules) -> wire.RulesSeen:
    """Return the shape of rules."""
    return wire.RulesSeen(
        rollbacks=rules.rollbacks,
        rollbacks_of_rollbacks=rules.rollbacks_of_rollbacks,
        linked=[wire.LinkedRule(rule.pattern, rule.enabled) for rule in rules.linked],
        static=[wire.StaticRule(rule.aspect.value, rule.pattern, rule.enabled) for rule in rules.static],
        failure_window_s=rules.failure_window_ns / NS_PER_S,
        changed_at=to_rfc3339(rules.changed_at) if rules.changed_at else None,
        changed_by=rules.changed_by or None,
    )


def rules_text(rules: FailureRules) -> str:
    """Return rules for the audit log."""
    return msgspec.json.encode(rules_seen(rules)).decode()


def preview_seen(wanted: PreviewWanted, found: Preview) -> wire.Preview:
    """Return the shape of a preview."""
    return wire.Preview(
        from_=to_rfc3339(wanted.from_at),
        to=to_rfc3339(wanted.until_at),
        deployments=found.considered,
        complete=found.is_whole,
        now=_tally(found.now),
        then=_tally(found.then),
        changed=len(found.changed),
        changes=[_changed(one) for one in found.changed[:_MOST_SHOWN]],
    )


def _each(told: Iterable[_Told], name: str, make: Callable[[_Told], _Rule]) -> tuple[_Rule, ...]:
    """Return the rules of a list; a refusal names the place in it."""
    made: list[_Rule] = []
    for place, one in enumerate(told):
        try:
            made.append(make(one))
        except Rejected as error:
            field = f"{name}[{place}].{error.field}"
            raise Rejected(f'attribute "{field}": {error}', field=field) from error
    return tuple(made)


def _linked(told: wire.LinkedRule) -> LinkedRule:
    return LinkedRule(told.pattern, told.enabled)


def _static(told: wire.StaticRule) -> StaticRule:
    if told.on not in set(Aspect):
        raise Rejected(f"must be one of {' '.join(Aspect)}", field="on")
    return StaticRule(Aspect(told.on), told.pattern, told.enabled)


def _window_ns(seconds: float) -> int:
    # What is beyond all bounds is refused like what is just beyond them.
    return round(min(max(seconds, -1.0), 1e9) * NS_PER_S)


def _instant(told: wire.Instant, field: str) -> int:
    try:
        at = told * NS_PER_MS if isinstance(told, int) else from_rfc3339(told)
    except ValueError as error:
        detail = f'attribute "{field}" must be an RFC 3339 date and time or milliseconds since 1970'
        raise Rejected(detail, field=field) from error
    return min(max(at, -_FARTHEST_NS), _FARTHEST_NS)


def _tally(tally: Tally) -> wire.Tally:
    return wire.Tally(tally.failed, tally.rollbacks, tally.rollforwards)


def _changed(one: Changed) -> wire.Changed:
    place = one.deployment
    return wire.Changed(
        id=place.id,
        service=place.service,
        env=place.env or None,
        version=place.version or None,
        finished_at=to_rfc3339(place.finished_at),
        now=_decided(one.now),
        then=_decided(one.then),
    )


def _decided(outcome: Outcome) -> wire.Decided:
    values: dict[str, Any] = {
        "remediation_type": None if outcome.remediation_type is None else outcome.remediation_type.value,
        "recovery_time_s": None if outcome.recovery_time_ns is None else outcome.recovery_time_ns / NS_PER_S,
    }
    return wire.Decided(
        change_failure=outcome.change_failure,
        deployment_type=outcome.deployment_type.value,
        remediation_id=outcome.remediation_id or None,
        **values,
    )
