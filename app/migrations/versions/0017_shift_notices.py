"""What people were told of their shifts, and how long before one they want to know."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("user", sa.Column("shift_leads", sa.JSON(), nullable=True))
    op.create_table(
        "shift_plan",
        sa.Column("schedule_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("shifts", sa.JSON(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("shift_plan_pkey")),
    )
    op.create_index(op.f("shift_plan_next_at_index"), "shift_plan", ["next_at"])
    op.create_table(
        "shift_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("start", UtcDateTime(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_told_pkey")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("shift_told_user_id_fkey")),
        sa.UniqueConstraint(
            "user_id", "schedule_id", "what", "start", "lead_minutes",
            name=op.f("shift_told_user_id_schedule_id_what_start_lead_minutes_unique"),
        ),
    )  # fmt: skip
