"""What a deployment brought is counted when it is linked, not for every page that shows it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_NAMES = (
    *("number_of_contributors", "lines_added", "lines_deleted"),
    *("first_opened_at", "first_merged_at"),
)
_MEASURED = "c.org_id = deployments.org_id AND c.deployment_id = deployments.id AND c.exclusion = ''"
_REPOSITORY = "org_id = deployments.org_id AND {0}.repository_id = deployments.repository_id"
_FILL = f"""
    UPDATE deployments SET
        number_of_contributors = (
            SELECT count(DISTINCT lower(m.author_email)) FROM deployment_commits AS c
            JOIN commits AS m ON m.{_REPOSITORY.format("m")} AND m.sha = c.sha
            WHERE {_MEASURED}),
        (lines_added, lines_deleted) = (
            SELECT coalesce(sum(p.lines_added), 0), coalesce(sum(p.lines_deleted), 0)
            FROM pull_requests AS p WHERE p.{_REPOSITORY.format("p")}
            AND p.number IN (SELECT c.pull_request FROM deployment_commits AS c WHERE {_MEASURED})),
        (first_opened_at, first_merged_at) = (
            SELECT p.opened_at, p.merged_at FROM deployment_commits AS c
            JOIN pull_requests AS p ON p.{_REPOSITORY.format("p")} AND p.number = c.pull_request
            WHERE {_MEASURED} AND c.lead_time_ns = deployments.longest_lead_time_ns
            ORDER BY c.position DESC LIMIT 1)
    WHERE number_of_commits > 0"""  # noqa: S608 — our own names.


def upgrade() -> None:
    for name in _NAMES:
        op.add_column("deployments", sa.Column(name, sa.BigInteger, nullable=True))
    op.execute(_FILL)
