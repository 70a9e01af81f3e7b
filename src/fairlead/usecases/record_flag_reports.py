"""Record what is told of flags that live elsewhere: in whatever order it arrives, and however often."""

from collections.abc import Sequence
from itertools import groupby

from fairlead.domain.access import OrgId
from fairlead.domain.flag_changes import FlagReport, WholeFlag, added_up
from fairlead.domain.flag_events import Evaluations
from fairlead.domain.flags import Environment, Project
from fairlead.store import flag_history, flags, projects
from fairlead.store.engine import Transaction
from fairlead.usecases.change_flags import whole_flag


def record_flag_reports(transaction: Transaction, reports: Sequence[FlagReport]) -> list[None]:
    """Record each report; a project or an environment that nobody told of before is made known by it."""
    # One order everywhere, so that two processes never wait for each other.
    for where, group in groupby(sorted(reports, key=_place), key=_place):
        told = list(group)
        _make_known(transaction, *where, told)
        for report in told:
            _record(transaction, report)
    return [None] * len(reports)


def record_flag_report_lots(transaction: Transaction, lots: Sequence[Sequence[FlagReport]]) -> list[None]:
    """Record the reports of each lot."""
    record_flag_reports(transaction, [report for lot in lots for report in lot])
    return [None] * len(lots)


def record_evaluations(transaction: Transaction, told: Sequence[tuple[Evaluations, ...]]) -> list[None]:
    """Record what flags served; the count of a minute replaces what was told of it."""
    for org_id in sorted({one.org_id for lot in told for one in lot}):
        mine = [one for lot in told for one in lot if one.org_id == org_id]
        flag_history.put_evaluations(transaction, org_id, mine)
    return [None] * len(told)


def _place(report: FlagReport) -> tuple[OrgId, str]:
    return report.org_id, report.project_key


def _make_known(
    transaction: Transaction, org_id: OrgId, project_key: str, reports: Sequence[FlagReport]
) -> None:
    at = min((one.happened_at for report in reports for one in report.events), default=0)
    if projects.hold(transaction, org_id, project_key) is None:
        one = Project(org_id=org_id, key=project_key, name=project_key, created_at=at, updated_at=at)
        projects.put_project(transaction, one)
    known = {one.key for one in projects.every_environment(transaction, org_id, project_key)}
    named = {one.environment_key for report in reports for one in report.events}
    named |= {one.environment_key for report in reports for one in report.settings}
    fresh = [
        Environment(org_id=org_id, project_key=project_key, key=key, name=key, created_at=at, updated_at=at)
        for key in sorted(named - known - {""})
    ]
    projects.put_environments(transaction, fresh)


def _record(transaction: Transaction, report: FlagReport) -> None:
    known = whole_flag(transaction, report.org_id, report.project_key, report.flag_key)
    whole = added_up(known, report)
    before: WholeFlag | None = known
    if before is None or whole.flag != before.flag:
        flags.put(transaction, [whole.flag])
    settings = {} if before is None else before.settings
    changed = [one for key, one in whole.settings.items() if one != settings.get(key)]
    flags.put_settings(transaction, changed)
    flag_history.add_events(transaction, report.events)
