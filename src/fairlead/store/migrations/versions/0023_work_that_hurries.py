"""Work that hurries, and work that was taken in vain, is found without looking through all the other."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_HURRIED = sa.text("kind IN ('count-traffic', 'decide-rule', 'look-at-monitors', 'poll-monitor')")
_IN_VAIN = sa.text("attempts > 0")


def upgrade() -> None:
    op.create_index("work_hurried", "work", ["due_at"], sqlite_where=_HURRIED, postgresql_where=_HURRIED)
    op.create_index(
        "work_in_vain", "work", ["attempts", "due_at"], sqlite_where=_IN_VAIN, postgresql_where=_IN_VAIN
    )
