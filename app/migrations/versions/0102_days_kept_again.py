"""The days that Trends keeps are kept again: their events tell what the timer escalated."""

from alembic import op

revision = "0102"
down_revision = "0101"


def upgrade() -> None:
    op.execute("DELETE FROM trend_mark")
