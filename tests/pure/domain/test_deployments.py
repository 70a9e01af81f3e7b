from typing import Any

import pytest

from fairlead.domain.deployments import ChangeFailureDecision, Remediation, RemediationType
from fairlead.domain.errors import Rejected
from tests.factories import MINUTE_NS, NOON, a_deployment


def test_a_deployment_lasts_from_start_to_end() -> None:
    assert [0, 5 * MINUTE_NS] == [
        a_deployment(started_at=NOON, finished_at=NOON).duration_ns,
        a_deployment().duration_ns,
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"started_at": NOON + 1}, "finished_at"),
        ({"started_at": 1}, "started_at"),
        ({"started_at": NOON, "finished_at": 2**70}, "finished_at"),
    ],
)
def test_what_cannot_be_a_deployment_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        a_deployment(**changes)

    assert field == refused.value.field


def test_a_remediation_is_named_by_id_or_by_version() -> None:
    with pytest.raises(Rejected, match="mutually exclusive"):
        Remediation(id="repair", version="1.4.3")


@pytest.mark.parametrize(("failed", "kept"), [(True, Remediation(id="repair")), (False, Remediation())])
def test_a_stable_deployment_has_nothing_to_repair(failed: bool, kept: Remediation) -> None:
    said = Remediation(id="repair")
    decision = ChangeFailureDecision(
        change_failure=failed, remediation=said, decided_at=NOON, decided_by="k-1"
    )

    assert kept == decision.remediation


def test_there_are_two_kinds_of_repair() -> None:
    assert ["rollback", "rollforward"] == list(RemediationType)
