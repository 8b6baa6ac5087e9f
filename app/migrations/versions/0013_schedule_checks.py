"""What schedules are checked for, and what the check found."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # without any entry the usual is asked, so that nothing changes for schedules that are there
    op.add_column("schedule", sa.Column("requirements", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "schedule_check",
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedule.id"],
            name=op.f("schedule_check_schedule_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("schedule_check_pkey")),
    )
    op.create_index(op.f("schedule_check_due_at_index"), "schedule_check", ["due_at"])
