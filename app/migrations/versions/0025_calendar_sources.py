"""Calendars that are read again every hour, and holidays that came from one."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brings", sa.String(32), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("sealed_address", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("calendar_source_pkey")),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedule.id"], name=op.f("calendar_source_schedule_id_fkey")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("calendar_source_user_id_fkey")),
        sa.ForeignKeyConstraint(["added_by_id"], ["user.id"], name=op.f("calendar_source_added_by_id_fkey")),
        sa.UniqueConstraint("schedule_id", "brings", name="calendar_source_schedule_id_brings_unique"),
        sa.UniqueConstraint("user_id", name=op.f("calendar_source_user_id_unique")),
    )
    op.create_index(op.f("calendar_source_next_at_index"), "calendar_source", ["next_at"], unique=False)
    op.add_column(
        "fairness_rules", sa.Column("imported_holidays", sa.JSON(), server_default="{}", nullable=False)
    )
