"""What is seen of a version: its own counts, and those of the versions before it."""

from typing import Any

from fairlead.domain.access import OrgId
from fairlead.domain.detection import Counted, Detection, VersionSeen
from fairlead.domain.evaluations import Watch
from fairlead.domain.gates import RuleKind, RuleOptions
from fairlead.domain.traffic import MINUTE_NS, OTLP, Caps, Cell, Counts, Fault, Series
from fairlead.store import detections
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_traffic import CountsTold, record_traffic
from fairlead.usecases.see_version import see_version
from tests.factories import NOON, a_deployment

MINUTE = NOON // MINUTE_NS
CAPS = Caps(resources=100, series=1000, error_types=10, days=30)


def count(ledger: Ledger, org_id: OrgId, version: str, minute: int, **changes: Any) -> None:
    """Count 10 requests of a version, and errors among them."""
    names = {"service": "checkout", "env": "prod", "resource": "GET /pay"}
    names |= {name: changes.pop(name) for name in names if name in changes}
    cell = Cell(Series(OTLP, names["service"], names["env"], version, names["resource"]), minute)
    faults = {Fault(cell, error_type): number for error_type, number in changes.items()}
    told = Counts(
        org_id=org_id,
        id=f"{cell}",
        received_at=max(NOON, minute * MINUTE_NS),
        requests={cell: 10},
        faults=faults,
    )
    ledger.write(record_traffic, CountsTold(counts=told, caps=CAPS))


def see(
    ledger: Ledger, org_id: OrgId, version: str = "2", until_at: int = NOON, **changes: Any
) -> VersionSeen:
    watch = Watch(
        org_id=org_id,
        kind=RuleKind.FAULTY_DEPLOYMENT,
        options=RuleOptions(),
        service="Checkout",
        env="prod",
        version=version,
        primary_tag="",
        from_at=NOON,
        until_at=NOON + 15 * MINUTE_NS,
    )
    return ledger.read(see_version, watch, Detection(**changes), until_at)


def compared(version: VersionSeen) -> list[tuple[str, Counted, Counted]]:
    return [(one.resource, one.new, one.old) for one in version.resources]


def test_a_version_is_seen_beside_all_that_were_counted_before_it(ledger: Ledger, org_id: OrgId) -> None:
    count(ledger, org_id, "1.0", MINUTE - 90, KeyError=1)
    count(ledger, org_id, "1.1", MINUTE - 60)
    count(ledger, org_id, "2", MINUTE, KeyError=2, ValueError=3)
    count(ledger, org_id, "3", MINUTE + 1, OSError=9)

    version = see(ledger, org_id, until_at=NOON + 5 * MINUTE_NS)

    assert ("1.0", "1.1") == version.earlier
    assert [("GET /pay", Counted(5, 10), Counted(1, 20))] == compared(version)
    assert [(("ValueError", 3),)] == [one.new_types for one in version.resources]


def test_types_of_earlier_errors_as_rare_as_a_new_one_are_seen(ledger: Ledger, org_id: OrgId) -> None:
    count(ledger, org_id, "1.0", MINUTE - 90, KeyError=1, OSError=2)
    count(ledger, org_id, "1.1", MINUTE - 60, OSError=1, TypeError=2)
    count(ledger, org_id, "2", MINUTE, ValueError=2)

    [resource] = see(ledger, org_id).resources

    assert ((("ValueError", 2),), (1, 2)) == (resource.new_types, resource.rare_types)


def test_other_services_environments_and_organisations_are_not_seen(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    count(ledger, org_id, "1", MINUTE - 60, service="search")
    count(ledger, org_id, "1", MINUTE - 60, env="staging")
    count(ledger, other_org_id, "1", MINUTE - 60)
    count(ledger, org_id, "2", MINUTE)

    version = see(ledger, org_id)

    assert ((), [("GET /pay", Counted(0, 10), Counted(0, 0))]) == (version.earlier, compared(version))


def test_only_what_lies_in_the_spans_is_counted(ledger: Ledger, org_id: OrgId) -> None:
    count(ledger, org_id, "1", MINUTE - 25 * 60)
    count(ledger, org_id, "1", MINUTE - 23 * 60)
    for minute in (-16, -15, 0, 1, 2):
        count(ledger, org_id, "2", MINUTE + minute)

    version = see(ledger, org_id, until_at=NOON + MINUTE_NS)

    assert [("GET /pay", Counted(0, 30), Counted(0, 10))] == compared(version)
    assert [("GET /pay", Counted(0, 20), Counted(0, 20))] == compared(
        see(ledger, org_id, until_at=NOON + MINUTE_NS, lead_minutes=0, baseline_hours=48)
    )


def test_versions_that_failed_are_no_measure(ledger: Ledger, org_id: OrgId) -> None:
    for name, minute in (("1", 90), ("1.1", 60)):
        count(ledger, org_id, name, MINUTE - minute, KeyError=3)
    count(ledger, org_id, "2", MINUTE)
    with writing(ledger.engine) as transaction:
        failed = a_deployment(org_id=org_id, version="1.1", service="checkout", env="prod")
        record_deployments(transaction, [failed])
        transaction.exec_driver_sql("UPDATE deployments SET change_failure = true")

    version = see(ledger, org_id)

    assert (("1",), ("1.1",)) == (version.earlier, version.left_out)
    assert [("GET /pay", Counted(0, 10), Counted(3, 10))] == compared(version)


def test_how_strictly_is_judged_is_told_for_a_service_or_for_all(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    with writing(ledger.engine) as transaction:
        detections.put(transaction, org_id, "", Detection(min_errors=5), NOON)
        detections.put(transaction, org_id, "Checkout", Detection(min_errors=7), NOON)

    asked = [(org_id, "checkout"), (org_id, "search"), (other_org_id, "checkout")]
    assert [7, 5, 1] == [ledger.read(detections.get, *one).min_errors for one in asked]
    with writing(ledger.engine) as transaction:
        assert [True, False] == [detections.remove(transaction, org_id, "checkout") for _ in range(2)]
    assert 5 == ledger.read(detections.get, org_id, "checkout").min_errors
