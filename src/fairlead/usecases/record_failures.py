"""Record failures; a start and an end that are told apart become one."""

from collections.abc import Sequence

from msgspec.structs import replace

from fairlead.domain.failures import Failure, FailureId, told_again
from fairlead.store import failure_links, failures
from fairlead.store.engine import Transaction
from fairlead.usecases.attach_services import attach_to_failure


def record_failures(transaction: Transaction, facts: Sequence[Failure]) -> list[FailureId]:
    """Record each failure in turn and return the id it is kept under.

    A name the caller chose stands, and takes in a part that was told before without one. A part
    without a name takes the name of the part it belongs to. What the catalogue says about its
    services is kept with the whole.
    """
    failures.hold(transaction, facts)
    return [_record(transaction, fact) for fact in facts]


def _record(transaction: Transaction, fact: Failure) -> FailureId:
    earlier = failures.get(transaction, fact.org_id, fact.id) or _other_part(transaction, fact)
    if earlier is None:
        failures.put(transaction, attach_to_failure(transaction, fact))
        return fact.id
    whole = attach_to_failure(transaction, told_again(earlier, fact))
    if not fact.named_by_caller:
        whole = replace(whole, id=earlier.id, named_by_caller=earlier.named_by_caller)
    elif earlier.id != fact.id:
        failures.remove(transaction, earlier.org_id, earlier.id)
        failure_links.rename_failure(transaction, earlier.org_id, earlier.id, fact.id)
    failures.put(transaction, whole)
    return whole.id


def _other_part(transaction: Transaction, fact: Failure) -> Failure | None:
    """Return the part `fact` belongs to. Two names the caller chose are two failures."""
    part = failures.other_part(transaction, fact)
    return None if part is None or (part.named_by_caller and fact.named_by_caller) else part
